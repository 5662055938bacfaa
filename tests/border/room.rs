//! A server, a home, and a plugin directory to put things into.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use omero_tests::{
    artifacts::Artifacts,
    output::Output,
    sandbox::Sandbox,
    server::{Config, TestServer, Transport},
};

/// A home in which `omero` finds its own plugins and those that a test puts there.
pub struct Room {
    pub sandbox: Sandbox,
    pub plugins: PathBuf,
}

impl Room {
    /// A home with the plugins that come with `omero`.
    pub fn new() -> Self {
        let sandbox = Sandbox::new();
        let plugins = sandbox.path("home/.local/share/omero/plugins");
        fs::create_dir_all(&plugins).unwrap();
        Self { sandbox, plugins }
    }

    /// The same with the plugins that tests have.
    pub fn with_test_plugins() -> Self {
        let room = Self::new();
        for name in ["omero_hello", "omero_keycard", "omero_misbehave"] {
            room.put(test_plugins().library(name));
        }
        room
    }

    /// Puts a library into the user's plugin directory.
    #[track_caller]
    pub fn put(&self, library: &Path) -> PathBuf {
        let target = self.plugins.join(library.file_name().unwrap());
        fs::copy(library, &target).unwrap();
        target
    }

    /// Makes a plugin the session provider.
    pub fn provider(&self, name: &str) {
        let text = format!("session-provider: {name}\n");
        self.sandbox.write("home/.config/omero/config.yaml", text);
    }

    /// Runs a command line; no word in it holds a blank.
    #[track_caller]
    pub fn run(&self, line: &str) -> Output {
        self.sandbox.run(line.split_whitespace())
    }

    /// Logs in to a server.
    #[track_caller]
    pub fn log_in(&self, server: &TestServer) {
        let port = server.port(Transport::Ssl);
        let output = self.run(&format!("login root@localhost:{port} -w omero"));
        let output = output.expect_code(0);
        assert!(output.stderr.contains("Created session"), "{output:?}");
    }

    /// The files of the session store with their contents.
    pub fn store(&self) -> Vec<(String, String)> {
        let files = self.sandbox.tree("home/omero/sessions");
        assert!(!files.is_empty(), "nobody has logged in");
        files.into_iter().collect()
    }
}

/// A server to log in to.
#[track_caller]
pub fn server() -> TestServer {
    TestServer::start(Config::standard()).unwrap()
}

/// The plugins in `tests/plugins`, built once per test program.
#[track_caller]
pub fn test_plugins() -> &'static Artifacts {
    static BUILT: OnceLock<Result<Artifacts, String>> = OnceLock::new();
    let packages = ["omero-hello", "omero-keycard", "omero-misbehave"];
    match BUILT.get_or_init(|| Artifacts::build(&packages).map_err(|e| e.to_string())) {
        Ok(built) => built,
        Err(error) => panic!("{error}"),
    }
}
