//! The quick start: the main job, live, against the embedded server.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that talks to people"
)]

use std::io::{self, Write as _};
use std::process::ExitCode;

use omero_tests::artifacts::installation;
use omero_tests::sandbox::Sandbox;
use omero_tests::server::{Config, TestServer, Transport};

/// What is shown, and why. `PORT` stands for the server's port.
const STEPS: [(&str, &str); 11] = [
    (
        "Log in. The server is new to us, so its certificate is shown and remembered.",
        "login root@localhost:PORT -w omero",
    ),
    (
        "The session is stored, in a file that OMERO.py shares.",
        "sessions list",
    ),
    ("This is the file.", "sessions file"),
    (
        "Another plugin uses the same session; it never sees a password.",
        "group list",
    ),
    (
        "Switch to another group, by name or id.",
        "sessions group my_group",
    ),
    (
        "Log in as somebody else.",
        "login test@localhost:PORT -w pw",
    ),
    (
        "Two sessions; one of them is the current one.",
        "sessions list",
    ),
    (
        "Back to the first one: no password is needed.",
        "login root@localhost:PORT",
    ),
    ("Who is logged in to the server?", "sessions who"),
    ("Leave: the session ends on the server, too.", "logout"),
    ("What is left.", "sessions list"),
];

fn main() -> ExitCode {
    match tour() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("omero-tour: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tour() -> io::Result<ExitCode> {
    println!("Building omero and its plugins …");
    let omero = &installation().omero;
    let server = TestServer::start(Config::standard())?;
    let port = server.port(Transport::Ssl).to_string();
    let sandbox = Sandbox::new();
    println!("An OMERO server is running at localhost:{port}, in this program.\n");
    for (why, line) in STEPS {
        let line = line.replace("PORT", &port);
        println!("# {why}\n$ omero {line}");
        io::stdout().flush()?;
        let mut command = sandbox.command(line.split(' '));
        // Tables may be wider than a test wants them.
        command.env_remove("COLUMNS");
        let status = command.status()?;
        println!();
        if !status.success() {
            eprintln!("omero-tour: this should have worked ({status})");
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("To go on by hand, start the server in one terminal:\n");
    println!("  cargo test-server\n");
    println!("and use the binary in another one:\n");
    println!("  {} login root@localhost -w omero", omero.display());
    println!("  {} help", omero.display());
    Ok(ExitCode::SUCCESS)
}
