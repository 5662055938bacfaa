//! A server at the default port and a fresh home, for one test.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use omero_tests::{
    normalise::Normaliser,
    output::Output,
    pty::{Apart, Terminal},
    sandbox::Sandbox,
    server::{
        Config, Listener, TestServer, Transport,
        model::{Group, User},
    },
};

/// What the tests call the server in what they compare.
pub const SERVER: &str = "servername";

/// How long a port may stay taken after its server has ended; only there to end a hang.
const LIMIT: Duration = Duration::from_secs(180);

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
    pub fn with(config: Config) -> Self {
        Self::listening(config, &[(Transport::Ssl, 4064)])
    }

    /// A server with this configuration, at these ports of an address of its own.
    pub fn listening(config: Config, ports: &[(Transport, u16)]) -> Self {
        let (server, address) = at_free_address(&config, ports);
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

    /// Ends the server: its port refuses connections from now on.
    pub fn stop_server(&mut self) {
        self.server = TestServer::start(Config::deserted()).unwrap();
    }

    /// Starts a server at the same address, with an empty memory and another certificate.
    pub fn start_server(&mut self, mut config: Config) {
        config.listeners = listeners(self.address(), &[(Transport::Ssl, 4064)]);
        self.server = at_freed_port(|| TestServer::start(config.clone()));
    }

    /// The server's address.
    pub fn address(&self) -> Ipv4Addr {
        self.host.parse().unwrap()
    }

    /// The default session directory.
    pub fn store(&self) -> PathBuf {
        self.sandbox.path("home/omero/sessions")
    }

    /// What the session directory holds, by paths relative to it, without the lock.
    pub fn stored(&self) -> BTreeMap<String, String> {
        let mut files = self.sandbox.tree("home/omero/sessions");
        files.remove("._LOCK_");
        files
    }

    /// The key of the current session.
    pub fn key(&self) -> String {
        self.run("sessions key").success().trim().to_owned()
    }

    /// Runs a command line in which `servername` is the server. No terminal.
    pub fn run(&self, line: &str) -> Output {
        self.sandbox.run(self.arguments(line))
    }

    /// The same in a terminal.
    pub fn terminal(&self, line: &str) -> Terminal {
        self.sandbox.terminal(self.arguments(line))
    }

    /// The same under a shell that says how it ended and keeps the terminal until Enter. Linux hangs a
    /// terminal up when its first program ends, and may then lose what was written last.
    pub fn terminal_in_shell(&self, line: &str) -> Terminal {
        let command = self.sandbox.command(self.arguments(line));
        let mut shell = Command::new("/bin/sh");
        let script = "trap : INT; \"$0\" \"$@\"; echo ended with $?; read x";
        shell.args(["-c", script]).arg(command.get_program());
        shell.args(command.get_args()).env_clear();
        shell.current_dir(self.sandbox.root());
        for (name, value) in command.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        Terminal::start(&shell, Apart::Nothing, self.sandbox.root()).unwrap()
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

/// Runs a command line and looks at its exit code only.
#[track_caller]
pub fn assert_code(stage: &Stage, line: &str, code: i32) {
    let output = stage.run(line);
    assert_eq!(output.code, code, "{line}: {output:?}");
}

/// A running server at an address that nobody else uses.
fn at_free_address(config: &Config, ports: &[(Transport, u16)]) -> (TestServer, Ipv4Addr) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..100 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let [_, first, high, low] = (std::process::id() << 10)
            .wrapping_add(number)
            .to_be_bytes();
        let address = Ipv4Addr::new(127, first.clamp(1, 254), high, low.clamp(1, 254));
        let config = Config {
            listeners: listeners(address, ports),
            ..config.clone()
        };
        if let Ok(server) = TestServer::start(config) {
            return (server, address);
        }
    }
    panic!("no address of 127.0.0.0/8 is free")
}

fn listeners(address: Ipv4Addr, ports: &[(Transport, u16)]) -> Vec<Listener> {
    let listener = |(transport, port): &(Transport, u16)| Listener {
        transport: *transport,
        address: SocketAddr::new(IpAddr::V4(address), *port),
    };
    ports.iter().map(listener).collect()
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

/// Opens a listener where another one has just ended. A child that a test of another thread has forked
/// has a copy of the old socket until it executes its program, and as long as that the port is taken.
pub fn at_freed_port<T>(mut open: impl FnMut() -> io::Result<T>) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        match open() {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < end => {
                thread::sleep(Duration::from_millis(20));
            }
            result => return result.unwrap(),
        }
    }
}
