//! A fresh home with stored sessions, a directory for programs, and a server where one is needed.

use std::{fs, path::PathBuf};

use omero_tests::{
    output::Output,
    sandbox::Sandbox,
    server::{Config, Listener, TestServer, Transport},
};

/// A session that lies in the store of every stage, at a server that does not exist.
pub const KEY: &str = "22fccb8b-d04c-49ec-9d52-116a163728ca";
/// Another one.
pub const OTHER_KEY: &str = "1f800a16-1dc2-407a-8a85-fb44005306be";

pub struct Stage {
    pub sandbox: Sandbox,
}

impl Stage {
    /// Programs in `bin`, which is in `PATH`; two stored sessions, of which the first is current.
    /// The servers' names lead nowhere: whoever asks one fails.
    pub fn new() -> Self {
        let mut stage = Self::empty();
        stage.store("one.invalid", "ada", KEY, "my_group", "4064");
        stage.store("two.invalid", "root", OTHER_KEY, "system", "14064");
        let store = "home/omero/sessions";
        stage
            .sandbox
            .write(format!("{store}/._LASTHOST_"), "one.invalid");
        stage.sandbox.write(format!("{store}/._LASTPORT_"), "4064");
        stage
            .sandbox
            .write(format!("{store}/one.invalid/._LASTUSER_"), "ada");
        stage
            .sandbox
            .write(format!("{store}/one.invalid/ada/._LASTSESS_"), KEY);
        let config = stage.sandbox.path("config.yaml");
        stage.sandbox.write("config.yaml", "");
        stage.sandbox.set("OMERO_CONFIG", config);
        stage
    }

    /// As a newcomer finds it, but for `bin` in `PATH`.
    pub fn empty() -> Self {
        let mut sandbox = Sandbox::new();
        let bin = sandbox.path("bin");
        fs::create_dir(&bin).unwrap();
        sandbox.set(
            "PATH",
            format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()),
        );
        Self { sandbox }
    }

    /// Stores a session below the home directory.
    pub fn store(&self, host: &str, user: &str, key: &str, group: &str, port: &str) {
        let text = format!(
            "omero.group={group}\nomero.host={host}\nomero.user={user}\nomero.port={port}\n\
             omero.timeout=600000\nomero.sess={key}\n"
        );
        self.sandbox
            .write(format!("home/omero/sessions/{host}/{user}/{key}"), text);
    }

    pub fn configure(&self, text: &str) {
        self.sandbox.write("config.yaml", text);
    }

    /// A shell script in some directory, by default `bin`.
    pub fn program(&self, path: &str, script: &str) -> PathBuf {
        self.executable(path, format!("#!/bin/sh\n{script}\n"))
    }

    /// A program.
    pub fn executable(&self, path: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        self.sandbox.program(path, contents)
    }

    pub fn run(&self, line: &[&str]) -> Output {
        self.sandbox.run(line)
    }
}

/// A server at a free port of this machine, and its port.
pub fn server() -> (TestServer, u16) {
    let mut config = Config::standard();
    config.listeners = vec![Listener::local(Transport::Ssl, 0)];
    let server = TestServer::start(config).unwrap();
    let port = server.port(Transport::Ssl);
    (server, port)
}
