//! One home and any number of servers, each with an address of its own at the default port.

use std::{
    cell::Cell,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU8, Ordering},
};

use omero_tests::{
    output::Output,
    pty::Terminal,
    sandbox::Sandbox,
    server::{Config, Listener, TestServer, Transport},
};

/// A server and the name by which clients know it.
pub struct Server {
    pub server: TestServer,
    pub host: String,
}

impl Server {
    /// All of 127.0.0.0/8 is this machine on Linux; elsewhere the addresses have to be made first.
    pub fn start() -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(100);
        let [_, _, high, low] = std::process::id().to_be_bytes();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = Ipv4Addr::new(127, number, high, low.clamp(1, 254));
        let mut config = Config::standard();
        config.listeners = vec![Listener {
            transport: Transport::Ssl,
            address: SocketAddr::new(IpAddr::V4(address), 4064),
        }];
        Self {
            server: TestServer::start(config).unwrap(),
            host: address.to_string(),
        }
    }
}

/// A home with one server; tests that need more start them.
pub struct Stage {
    pub sandbox: Sandbox,
    pub server: TestServer,
    pub host: String,
    before: Cell<u64>,
}

impl Stage {
    pub fn new() -> Self {
        let Server { server, host } = Server::start();
        let sandbox = Sandbox::new();
        Self {
            sandbox,
            server,
            host,
            before: Cell::new(0),
        }
    }

    /// How many connections there were since the last [`Self::log_in`].
    pub fn connections(&self) -> u64 {
        self.server.events().connections - self.before.get()
    }

    /// Runs a command line in which `HOST` is the server.
    pub fn run(&self, line: &str) -> Output {
        self.run_with_input(line, "")
    }

    /// The same with standard input.
    pub fn run_with_input(&self, line: &str, input: &str) -> Output {
        let input = input.replace("HOST", &self.host);
        self.sandbox.run_with_input(self.words(line), &input)
    }

    /// The same in a terminal.
    pub fn terminal(&self, line: &str) -> Terminal {
        self.sandbox.terminal(self.words(line))
    }

    /// Runs the script `s` with this text.
    pub fn load(&self, text: &str) -> Output {
        self.sandbox.write("s", text.replace("HOST", &self.host));
        self.run("load s")
    }

    /// Logs in without a terminal, and forgets on the server that anybody did.
    pub fn log_in(&self, user: &str, password: &str) -> String {
        let line = format!("login {user}@HOST -w {password}");
        self.run(&line).success();
        let key = self.run("sessions key").success();
        self.server.forget_events();
        self.before.set(self.server.events().connections);
        key.trim().to_owned()
    }

    fn words(&self, line: &str) -> Vec<String> {
        line.split_whitespace()
            .map(|word| word.replace("HOST", &self.host))
            .collect()
    }
}
