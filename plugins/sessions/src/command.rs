//! The command tree of `omero sessions`. Also read by `build.rs`, so it holds nothing else.

use omero_plugin_api::{
    clap::{Arg, ArgAction, ArgGroup, Command, ValueHint, value_parser},
    style::Style,
    uses_session,
};

/// The whole tree. Login options are not here: the host adds them at each level marked with
/// [`uses_session`].
pub fn command() -> Command {
    uses_session(Command::new("sessions"))
        .about("Control and create user sessions")
        .long_about(
            "Control and create user sessions\n\n\
             Sessions are stored on disk. Several can be active at once, but only one is used by \
             one invocation of omero.",
        )
        .after_help(DIRECTORIES)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommands([help(), login(), logout(), group(), timeout(), list(), who()])
        .subcommands([
            keepalive(),
            clear(),
            file(),
            key(),
            open(),
            close(),
            server(),
        ])
}

const DIRECTORIES: &str = "\
Environment:
  OMERO_USERDIR     Base of the user's files (default: $HOME/omero). Sessions are kept in
                    $OMERO_USERDIR/sessions if that exists, else in $OMERO_USERDIR/omero/sessions
  OMERO_SESSIONDIR  The session directory itself; wins over OMERO_USERDIR
  OMERO_PASSWORD    The password to log in with; ignored with -w
  OMERO_TLS_VERIFY  Which servers to trust: strict, first-use (default) or off
  HTTPS_PROXY, ALL_PROXY, NO_PROXY  Proxies for wss servers";

fn help() -> Command {
    Command::new("help").about("Extended help")
}

fn login() -> Command {
    uses_session(Command::new("login"))
        .about("Log in to a server, or join a session")
        .long_about(
            "Log in to a server, and store the session locally.\n\n\
             Values that are not given are asked for. A stored session that fits is used again; \
             -C makes a new one.",
        )
        .arg(
            Arg::new("connection")
                .value_name("[USER@]SERVER[:PORT]")
                .help("Connection string")
                .value_hint(ValueHint::Hostname),
        )
        .arg(
            Arg::new("timeout")
                .short('t')
                .long("timeout")
                .value_name("SECONDS")
                .value_parser(value_parser!(i64))
                .allow_negative_numbers(true)
                .help("Idle time after which the server ends the new session"),
        )
        .arg(
            Arg::new("retry")
                .long("retry")
                .value_name("SECONDS")
                .num_args(0..=1)
                .default_missing_value("0")
                .value_parser(value_parser!(u64))
                .help("Keep trying for this many seconds while the server does not answer"),
        )
        .arg(session_dir())
}

fn logout() -> Command {
    Command::new("logout")
        .about("Log out and end the current session")
        .arg(session_dir())
}

fn group() -> Command {
    uses_session(Command::new("group"))
        .about("Show or switch the group of the current session")
        .arg(Style::value_argument())
        .arg(
            Arg::new("target")
                .value_name("GROUP")
                .help("Id or name of the group to switch to"),
        )
        .arg(session_dir())
}

fn timeout() -> Command {
    uses_session(Command::new("timeout"))
        .about("Show or set the idle time of a session")
        .arg(Style::value_argument())
        .arg(
            Arg::new("seconds")
                .value_name("SECONDS")
                .value_parser(value_parser!(i64))
                .allow_negative_numbers(true)
                .help("New idle time"),
        )
        .arg(
            Arg::new("session")
                .long("session")
                .value_name("KEY")
                .help("The session to change (default: the current one)"),
        )
}

fn list() -> Command {
    Command::new("list")
        .about("List the stored sessions")
        .arg(
            Arg::new("no-purge")
                .long("no-purge")
                .action(ArgAction::SetTrue)
                .help("Keep and show sessions that the server has ended"),
        )
        .arg(Style::argument())
        .arg(session_dir())
}

fn who() -> Command {
    uses_session(Command::new("who"))
        .about("List the users who are logged in to the server")
        .arg(
            Arg::new("show-uuid")
                .long("show-uuid")
                .action(ArgAction::SetTrue)
                .help("Show the session keys that you may see"),
        )
        .arg(Style::argument())
}

fn keepalive() -> Command {
    uses_session(Command::new("keepalive"))
        .about("Keep the current session alive until Enter is pressed")
        .long_about(
            "Keep the current session alive until Enter is pressed.\n\nWithout a terminal (in a job, \
             with nohup) it runs until a signal ends it, with status 128 + the signal's number. It fails \
             with status 11 when the session has ended, and as a failed connection when the server \
             is gone.",
        )
        .arg(
            Arg::new("frequency")
                .short('f')
                .long("frequency")
                .value_name("SECONDS")
                .default_value("60")
                .value_parser(value_parser!(u64).range(1..=86_400))
                .help("Time between two calls"),
        )
        .arg(session_dir())
}

fn clear() -> Command {
    Command::new("clear")
        .about("End and forget all stored sessions")
        .arg(Style::value_argument())
        .arg(
            Arg::new("all")
                .long("all")
                .action(ArgAction::SetTrue)
                .help("Accepted for scripts: all stored sessions are removed either way"),
        )
        .arg(session_dir())
}

fn file() -> Command {
    Command::new("file")
        .about("Print the path of the current session's file")
        .arg(Style::value_argument())
        .arg(session_dir())
}

fn key() -> Command {
    Command::new("key")
        .about("Print the key of the current session: a credential")
        .arg(Style::value_argument())
        .arg(session_dir())
}

fn open() -> Command {
    uses_session(Command::new("open"))
        .about("Open a session for another user (administrators)")
        .arg(Style::value_argument())
        .arg(
            Arg::new("user-id")
                .long("user-id")
                .value_name("ID")
                .help("User"),
        )
        .arg(
            Arg::new("user-name")
                .long("user-name")
                .value_name("NAME")
                .help("User"),
        )
        .group(
            ArgGroup::new("user")
                .args(["user-id", "user-name"])
                .required(true),
        )
        .arg(
            Arg::new("group-id")
                .long("group-id")
                .value_name("ID")
                .help("Group"),
        )
        .arg(
            Arg::new("group-name")
                .long("group-name")
                .value_name("NAME")
                .help("Group"),
        )
        .group(ArgGroup::new("in-group").args(["group-id", "group-name"]))
        .arg(
            Arg::new("timeout")
                .long("timeout")
                .value_name("SECONDS")
                .num_args(0..=1)
                .default_missing_value("0")
                .value_parser(value_parser!(i64))
                .help("Life time of the session; 0 is the server's own limit"),
        )
}

fn close() -> Command {
    uses_session(Command::new("close"))
        .about("End a session on the server")
        .arg(
            Arg::new("session")
                .value_name("KEY")
                .help("Key of the session"),
        )
}

fn server() -> Command {
    let server = || {
        Arg::new("server")
            .value_name("SERVER[:PORT]")
            .required(true)
            .value_hint(ValueHint::Hostname)
            .help("The server, as given to login")
    };
    Command::new("server")
        .about("Manage the servers whose certificates are remembered")
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("list")
                .about("List them")
                .arg(Style::argument()),
        )
        .subcommand(
            Command::new("accept")
                .about("Trust a server's certificate from now on")
                .arg(server())
                .arg(
                    Arg::new("fingerprint")
                        .value_name("SHA256")
                        .help("The certificate's fingerprint (default: ask the server, then you)"),
                ),
        )
        .subcommand(
            Command::new("remove")
                .about("Forget a server's certificate")
                .arg(server()),
        )
}

/// The deprecated option for the session directory, kept for scripts.
fn session_dir() -> Arg {
    Arg::new("session-dir")
        .long("session-dir")
        .value_name("DIR")
        .hide(true)
        .value_hint(ValueHint::DirPath)
        .help("Deprecated: use OMERO_SESSIONDIR")
}
