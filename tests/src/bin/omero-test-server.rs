//! An OMERO server to try `omero` with, for those who have none. It keeps nothing and guards
//! nothing, and listens on the loopback interface alone.

#![expect(clippy::print_stderr, reason = "a program that talks to people")]

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Parser;
use omero_tests::server::model::User;
use omero_tests::server::{Config, Listener, TestServer, Transport};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// An OMERO server to try `omero` with. Everything in it is gone when it stops.
#[derive(Debug, Parser)]
#[command(name = "omero-test-server")]
struct Options {
    /// Port for TLS, which is what clients use unless told otherwise; 0 for any
    #[arg(long, value_name = "PORT", default_value_t = 4064)]
    ssl_port: u16,
    /// Port for plain TCP; 0 for any
    #[arg(long, value_name = "PORT")]
    tcp_port: Option<u16>,
    /// Port for WebSocket; 0 for any
    #[arg(long, value_name = "PORT")]
    ws_port: Option<u16>,
    /// Port for WebSocket over TLS; 0 for any
    #[arg(long, value_name = "PORT")]
    wss_port: Option<u16>,
    /// One more user, who becomes a member of `my_group`; may be repeated
    #[arg(long, value_name = "NAME:PASSWORD", value_parser = parse_user)]
    user: Vec<(String, String)>,
    /// Minutes after which an unused session ends
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    idle_timeout: u32,
    /// Seconds between two clean-ups, until which an expired session stays in the cache
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    clean_up: u32,
    /// Stop after so many seconds instead of waiting for Ctrl-C
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
    /// Write the ports to this file, as lines like `ssl=4064`, once the server listens
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

fn parse_user(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, password)) if !name.is_empty() && !password.is_empty() => {
            Ok((name.to_owned(), password.to_owned()))
        }
        _ => Err("write it as NAME:PASSWORD".to_owned()),
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("omero-test-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    // Before anything else, so that no signal is lost.
    let signals = Signals::new([SIGINT, SIGTERM])?;
    let config = config(options);
    let users = config.users.clone();
    let server = TestServer::start(config).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => io::Error::other(format!(
            "{error}; choose another port with --ssl-port and its likes, or 0 for any"
        )),
        _ => error,
    })?;
    if let Some(path) = &options.port_file {
        write_ports(&server, path)?;
    }
    // Nobody may be reading.
    let _ = io::stdout().write_all(introduction(&server, &users, options.seconds).as_bytes());
    wait(signals, options.seconds);
    Ok(())
}

fn config(options: &Options) -> Config {
    let mut config = Config::standard();
    let ports = [
        (Transport::Ssl, Some(options.ssl_port)),
        (Transport::Tcp, options.tcp_port),
        (Transport::Ws, options.ws_port),
        (Transport::Wss, options.wss_port),
    ];
    let wanted = |(transport, port): (Transport, Option<u16>)| {
        port.map(|port| Listener::local(transport, port))
    };
    config.listeners = ports.into_iter().filter_map(wanted).collect();
    config.time_to_idle = i64::from(options.idle_timeout) * 60_000;
    config.clean_up_interval = i64::from(options.clean_up) * 1000;
    let group = config
        .groups
        .iter()
        .position(|group| group.name == "my_group");
    for (id, (name, password)) in (100..).zip(&options.user) {
        config.users.retain(|user| user.name != *name);
        for at in group.into_iter().chain([1]) {
            config.groups[at].members.push(id);
        }
        let home = group.map_or(1, |at| config.groups[at].id);
        config.users.push(User::new(id, name, password, home));
    }
    config
}

/// Under another name first: who waits for the file finds it complete.
fn write_ports(server: &TestServer, path: &Path) -> io::Result<()> {
    let mut text = String::new();
    for (transport, address) in server.addresses() {
        let _ = writeln!(text, "{transport}={}", address.port());
    }
    let mut unfinished = path.to_owned();
    unfinished.as_mut_os_string().push(".part");
    std::fs::write(&unfinished, text)?;
    std::fs::rename(unfinished, path)
}

fn introduction(server: &TestServer, users: &[User], seconds: Option<u64>) -> String {
    let mut text = String::from("An OMERO server to try things with is running.\n\n");
    for (transport, address) in server.addresses() {
        let _ = writeln!(text, "  {transport:<4} {address}");
    }
    let _ = writeln!(text, "\n  {:<12} {:<12} may", "user", "password");
    server.with_model(|model| {
        for user in users {
            let may = match (model.is_admin(user.id), model.groups_owned_by(user.id)) {
                (true, _) => "do everything (administrator)".to_owned(),
                (false, owned) if !owned.is_empty() => {
                    let names = owned.iter().filter_map(|id| model.groups.get(id));
                    let names: Vec<_> = names.map(|group| group.name.as_str()).collect();
                    format!("act for the members of {} (owner)", names.join(", "))
                }
                _ => "work in the user's own groups".to_owned(),
            };
            let _ = writeln!(text, "  {:<12} {:<12} {may}", user.name, user.password);
        }
    });
    let port = server.port(Transport::Ssl);
    let _ = writeln!(text, "\nTry, in another terminal:\n");
    let _ = writeln!(text, "  omero login root@localhost:{port} -w omero");
    let _ = writeln!(text, "  omero sessions list\n");
    let _ = match seconds {
        Some(seconds) => writeln!(text, "It stops by itself in {seconds} s."),
        None => writeln!(text, "Ctrl-C stops it."),
    };
    text
}

/// Until a signal comes or the time is over.
fn wait(mut signals: Signals, seconds: Option<u64>) {
    let (sender, stop) = mpsc::channel();
    thread::spawn(move || {
        let _ = signals.forever().next();
        let _ = sender.send(());
    });
    match seconds {
        Some(seconds) => drop(stop.recv_timeout(Duration::from_secs(seconds))),
        None => drop(stop.recv()),
    }
}
