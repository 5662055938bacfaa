//! A home for both clients, with our own installed as a user would have it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use omero_tests::artifacts::installation;
use tempfile::TempDir;

use super::account::Account;
use super::peers::Peer;
use super::process::{Outcome, run};

/// Which of the two clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// The one this repository makes.
    Ours,
    /// OMERO.py.
    Theirs,
}

impl Client {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Ours => Self::Theirs,
            Self::Theirs => Self::Ours,
        }
    }
}

/// A directory with an installation, a home and nothing else of this machine in it.
pub struct Sandbox {
    root: TempDir,
    account: Account,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    /// Installs what cargo has built.
    pub fn new() -> Self {
        let mode = fs::Permissions::from_mode(0o755);
        let root = tempfile::Builder::new()
            .prefix("omero-interop-")
            .permissions(mode)
            .tempdir()
            .expect("a temporary directory");
        let sandbox = Self {
            root,
            account: Account::unprivileged(),
            variables: Vec::new(),
        };
        let built = installation();
        copy(&built.omero, &sandbox.directory("bin"));
        let plugins = sandbox.directory("lib/omero/plugins");
        for plugin in fs::read_dir(&built.plugins).expect("the plugins are built") {
            copy(&plugin.expect("the directory stays").path(), &plugins);
        }
        let home = sandbox.directory("home");
        sandbox.account.own(&home);
        sandbox
    }

    /// Sets a variable in the environment of both clients.
    pub fn set(&mut self, name: &str, value: &Path) {
        let value = value.to_str().expect("a path in UTF-8").to_owned();
        self.variables.push((name.to_owned(), value));
    }

    /// A path below the sandbox.
    pub fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    /// Who the clients run as.
    pub fn account(&self) -> Account {
        self.account
    }

    /// Where both clients keep their sessions unless told otherwise.
    pub fn store(&self) -> PathBuf {
        self.path("home/omero/sessions")
    }

    /// A client with the words of its command line, to be run.
    pub fn run(&self, client: Client, words: &[&str]) -> Outcome {
        let program = match client {
            Client::Ours => self.path("bin/omero"),
            Client::Theirs => Peer::OmeroPy.path(),
        };
        let mut command = Command::new(program);
        command
            .args(words)
            .env_clear()
            .env("HOME", self.path("home"))
            .env("PATH", "/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.path("home"));
        self.account.take(&mut command);
        run(&mut command)
    }

    /// Our client.
    pub fn ours(&self, words: &[&str]) -> Outcome {
        self.run(Client::Ours, words)
    }

    /// OMERO.py.
    pub fn theirs(&self, words: &[&str]) -> Outcome {
        self.run(Client::Theirs, words)
    }

    /// Every file of a store with its bytes, by its path below the store. Locks are no content.
    pub fn stored(&self) -> Vec<(String, String)> {
        let store = self.store();
        let mut files = Vec::new();
        collect(&store, &store, &mut files);
        files.sort();
        files
    }

    fn directory(&self, below: &str) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(&path).expect("the sandbox is ours");
        path
    }
}

/// With its mode. What cargo has built may lie under a home that others cannot enter.
fn copy(file: &Path, directory: &Path) {
    let name = file.file_name().expect("a file has a name");
    omero_tests::programs::copy(file, &directory.join(name)).expect("what is built can be copied");
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if entry.file_name() != "._LOCK_" {
            let name = path.strip_prefix(root).expect("it is below");
            let name = name.to_str().expect("a name in UTF-8").to_owned();
            files.push((name, fs::read_to_string(&path).expect("a text file")));
        }
    }
}
