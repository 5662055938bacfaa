//! The directories and the environment of one run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::account::Account;
use super::case::Given;
use super::program::{NSS_WRAPPER, Program, as_owner};
use super::text::latin1;

/// A working directory `{TMP}` with a home and a session store `{STORE}` in it.
pub struct Scene {
    root: TempDir,
    account: Account,
    link: PathBuf,
    variables: BTreeMap<String, OsString>,
}

impl Scene {
    /// Prepares everything that a case gives, but the server.
    pub fn new(program: Program, given: &Given, hosts: &str) -> Self {
        // OMERO.py cuts its own path at the first `-` wherever it stands.
        let root = tempfile::Builder::new()
            .prefix("omero_sbs_")
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary directory");
        let mut scene = Self {
            root,
            account: Account::unprivileged(),
            link: PathBuf::new(),
            variables: BTreeMap::new(),
        };
        for directory in [scene.tmp(), scene.tmp().join("home"), scene.store()] {
            scene.directory(&directory);
        }
        scene.call(program, given.argv0.as_deref().unwrap_or("omero"));
        let hosts_file = scene.root.path().join("hosts");
        fs::write(&hosts_file, hosts).expect("the sandbox is ours");
        scene.environment(&hosts_file);
        for (name, value) in &given.env {
            match value {
                Some(text) => scene.set(name, scene.fill(text)),
                None => drop(scene.variables.remove(name)),
            }
        }
        for (name, text) in &given.files {
            scene.file(&scene.tmp().join(name), text);
        }
        for (name, text) in &given.store {
            scene.file(&scene.store().join(name), text);
        }
        scene
    }

    /// The working directory.
    pub fn tmp(&self) -> PathBuf {
        self.root.path().join("tmp")
    }

    /// The session store.
    pub fn store(&self) -> PathBuf {
        self.tmp().join("in")
    }

    /// The program's name as it was started.
    pub fn name(&self) -> &Path {
        &self.link
    }

    /// The program with arguments.
    pub fn command(&self, arguments: &[String]) -> Command {
        self.with(&self.link, arguments)
    }

    /// Our program with arguments, whichever this scene is for.
    pub fn preparation(&self, arguments: &[String]) -> Command {
        self.with(&Program::Ours.path(), arguments)
    }

    fn with(&self, program: &Path, arguments: &[String]) -> Command {
        let mut command = as_owner(&self.tmp(), program);
        command
            .args(arguments.iter().map(|argument| self.fill(argument)))
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.tmp());
        command
    }

    fn call(&mut self, program: Program, name: &str) {
        let name = Path::new(name).file_name().expect("programs have names");
        let bin = self.root.path().join("bin");
        fs::create_dir_all(&bin).expect("the sandbox is ours");
        self.link = bin.join(name);
        symlink(program.path(), &self.link).expect("the sandbox is ours");
    }

    fn environment(&mut self, hosts: &Path) {
        for (name, value) in [
            ("PATH", "/usr/bin:/bin"),
            ("LANG", "C.UTF-8"),
            ("TZ", "UTC"),
            ("COLUMNS", "80"),
            ("TERM", "dumb"),
            ("LOGNAME", "localuser"),
            ("LD_PRELOAD", NSS_WRAPPER),
            // OMERO.py shows sets in an order of their own.
            ("PYTHONHASHSEED", "0"),
        ] {
            self.set(name, value);
        }
        self.set("NSS_WRAPPER_HOSTS", hosts);
        self.set("HOME", self.tmp().join("home"));
        self.set("OMERO_SESSIONDIR", self.store());
    }

    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    fn fill(&self, text: &str) -> String {
        let tmp = self.tmp().display().to_string();
        let store = self.store().display().to_string();
        text.replace("{TMP}", &tmp).replace("{STORE}", &store)
    }

    fn directory(&self, path: &Path) {
        if !path.is_dir() {
            path.parent()
                .into_iter()
                .for_each(|parent| self.directory(parent));
            fs::create_dir(path).expect("the sandbox is ours");
            self.account.own(path);
        }
    }

    fn file(&self, path: &Path, text: &str) {
        path.parent()
            .into_iter()
            .for_each(|parent| self.directory(parent));
        fs::write(path, latin1(&self.fill(text))).expect("the sandbox is ours");
        self.account.own(path);
    }
}
