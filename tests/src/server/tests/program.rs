//! `omero-test-server`, which people start for themselves.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::artifacts::Artifacts;
use crate::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    let built = Artifacts::build(&["omero-tests"]).unwrap();
    Sandbox::for_program(built.binary("omero-test-server"))
}

/// The lines of the port file, once it is there.
fn ports(sandbox: &Sandbox) -> Vec<(String, u16)> {
    let start = Instant::now();
    while !sandbox.path("ports").exists() {
        assert!(start.elapsed() < Duration::from_secs(600), "no port file");
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = sandbox.read("ports");
    let pair = |line: &str| {
        let (transport, port) = line.split_once('=').unwrap();
        (transport.to_owned(), port.parse().unwrap())
    };
    text.lines().map(pair).collect()
}

#[test]
fn runs_until_it_is_told_to_stop() {
    let sandbox = sandbox();
    let arguments = [
        "--ssl-port=0",
        "--tcp-port=0",
        "--user=ada:secret",
        "--port-file=ports",
    ];
    let mut command = sandbox.command(arguments);
    let log = std::fs::File::create(sandbox.path("log")).unwrap();
    let mut child = command.stdout(log).spawn().unwrap();
    let ports = ports(&sandbox);
    let transports: Vec<_> = ports
        .iter()
        .map(|(transport, _)| transport.as_str())
        .collect();
    assert_eq!(transports, ["ssl", "tcp"]);
    for (_, port) in &ports {
        assert!(std::net::TcpStream::connect(("127.0.0.1", *port)).is_ok());
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(child.wait().unwrap().success());
    let text = sandbox.read("log");
    let (ssl, line) = (
        ports[0].1,
        "  ada          secret       work in the user's own groups\n",
    );
    assert!(text.contains(line), "{text}");
    assert!(
        text.contains(&format!("omero login root@localhost:{ssl} -w omero\n")),
        "{text}"
    );
    // A port that was closed a moment ago is free again.
    let port = format!("--ssl-port={ssl}");
    let text = sandbox.run([port.as_str(), "--for=0"]).success();
    assert!(text.ends_with("It stops by itself in 0 s.\n"), "{text}");
}

#[test]
fn says_what_is_wrong() {
    let sandbox = sandbox();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = sandbox.run([format!("--ssl-port={port}")]).expect_code(1);
    assert!(
        output
            .stderr
            .contains(&format!("can not listen on 127.0.0.1:{port}")),
        "{output:?}"
    );
    assert!(
        output
            .stderr
            .contains("choose another port with --ssl-port"),
        "{output:?}"
    );
    for wrong in ["--user=ada", "--user=:x", "--idle-timeout=0"] {
        let _ = sandbox.run([wrong]).expect_code(2);
    }
}
