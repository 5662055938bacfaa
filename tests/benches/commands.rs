//! How long whole commands take, and how many requests they send: `cargo bench -p omero-tests`.
//!
//! Each command runs many times as a process of its own, against the embedded server where it needs
//! one. The minimum is what the program costs; the median shows how busy the machine was.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on fails, and prints its figures"
)]

use std::process::Stdio;
use std::time::{Duration, Instant};

use omero_tests::sandbox::Sandbox;
use omero_tests::server::{Config, TestServer, Transport};

/// How often each command runs.
const RUNS: usize = 40;

struct Bench {
    sandbox: Sandbox,
    server: TestServer,
}

impl Bench {
    fn new() -> Self {
        let server = TestServer::start(Config::standard()).unwrap();
        Self {
            sandbox: Sandbox::new(),
            server,
        }
    }

    fn log_in(&self, transport: Transport) {
        let port = self.server.port(transport);
        let host = format!("{transport}://localhost:{port}");
        let arguments = ["login", "-C", "-q", &host, "-u", "root", "-w", "omero"];
        let _ = self.sandbox.run(arguments).success();
    }

    fn time(&self, words: &str, arguments: &[&str]) {
        self.server.forget_events();
        let mut times: Vec<Duration> = (0..RUNS).map(|_| self.once(arguments)).collect();
        times.sort();
        let calls = self.server.events().calls.len();
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        println!(
            "{words:34} {:8.2} {:8.2} {:8.1}",
            milliseconds(times[0]),
            milliseconds(times[RUNS / 2]),
            calls as f64 / RUNS as f64
        );
    }

    fn once(&self, arguments: &[&str]) -> Duration {
        let mut command = self.sandbox.command(arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status().unwrap();
        let time = start.elapsed();
        assert!(status.success(), "{arguments:?}: {status}");
        time
    }
}

fn main() {
    println!(
        "{:34} {:>8} {:>8} {:>8}",
        "command", "min ms", "med ms", "requests"
    );
    let bench = Bench::new();
    bench.time("omero --version", &["--version"]);
    bench.time("omero help", &["help"]);
    bench.log_in(Transport::Ssl);
    bench.time("omero sessions key", &["sessions", "key"]);
    bench.time("omero sessions group (TLS)", &["sessions", "group"]);
    bench.time("omero group list (TLS)", &["group", "list"]);
    bench.time("omero sessions list, 1 session", &["sessions", "list"]);
    bench.log_in(Transport::Tcp);
    bench.time("omero sessions group (TCP)", &["sessions", "group"]);
    for _ in 0..98 {
        bench.log_in(Transport::Tcp);
    }
    bench.time("omero sessions list, 100 sessions", &["sessions", "list"]);
}
