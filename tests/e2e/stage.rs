//! A server at the default port and a fresh home, for one test.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU8, Ordering},
};

use omero_tests::{
    normalise::Normaliser,
    output::Output,
    pty::Terminal,
    sandbox::Sandbox,
    server::{
        Config, Listener, TestServer, Transport,
        model::{Group, User},
    },
};

/// What the tests call the server in what they compare.
pub const SERVER: &str = "servername";

/// A server with an address of its own, so that every test can have the default port 4064. All of
/// 127.0.0.0/8 is this machine on Linux; elsewhere the addresses have to be made first.
pub struct Stage {
    pub server: TestServer,
    pub sandbox: Sandbox,
    pub host: String,
    names: Normaliser,
}

impl Stage {
    pub fn new() -> Self {
        Self::with(Config::standard())
    }

    /// A server with this configuration, but on one TLS port only: 4064.
    pub fn with(mut config: Config) -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(1);
        let [_, _, high, low] = std::process::id().to_be_bytes();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = Ipv4Addr::new(127, number, high, low.clamp(1, 254));
        config.listeners = vec![Listener {
            transport: Transport::Ssl,
            address: SocketAddr::new(IpAddr::V4(address), 4064),
        }];
        let server = TestServer::start(config).unwrap();
        let sandbox = Sandbox::new();
        let host = address.to_string();
        let names = sandbox.normaliser().hide(&host, SERVER);
        Self {
            server,
            sandbox,
            host,
            names,
        }
    }

    /// Runs a command line in which `servername` is the server. No terminal.
    pub fn run(&self, line: &str) -> Output {
        self.sandbox.run(self.arguments(line))
    }

    /// The same in a terminal.
    pub fn terminal(&self, line: &str) -> Terminal {
        self.sandbox.terminal(self.arguments(line))
    }

    /// Logs in without a terminal.
    pub fn log_in(&self, user: &str, password: &str) {
        let line = format!("login {user}@{SERVER} -w {password}");
        let output = self.run(&line).expect_code(0);
        assert!(output.stderr.contains("Created session"), "{output:?}");
    }

    /// Text with `servername`, `{UUID1}`, `{TIME}` for what differs from run to run, and without
    /// the lines that begin with `omero: `.
    pub fn show(&mut self, text: &str) -> String {
        let ours = |line: &&str| !line.starts_with("omero: ");
        let kept: String = text.split_inclusive('\n').filter(ours).collect();
        self.names.apply(&kept)
    }

    /// The current session's key as this stage names it.
    pub fn arguments(&self, line: &str) -> Vec<String> {
        line.split_whitespace()
            .map(|word| word.replace(SERVER, &self.host))
            .collect()
    }
}

/// The standard people, and those of the seed document: `username` in `my_group` and `groupname`,
/// which `owner` owns.
pub fn seed_people() -> Config {
    let mut config = Config::standard();
    // `omero` stands on every screen; a test could not tell the password from it.
    config.users[0] = User::new(0, "root", "rootsecret", 0);
    config.users.push(User::new(10, "username", "secret", 5));
    config.users.push(User::new(11, "owner", "ownersecret", 10));
    for group in &mut config.groups {
        if ["user", "my_group"].contains(&group.name.as_str()) {
            group.members.extend([10, 11]);
        }
    }
    let mut group = Group::new(10, "groupname");
    group.members.push(10);
    group.owners.push(11);
    config.groups.push(group);
    config
}
