//! The options that the host knows: its own, and the login options that it passes on.

/// What one of the host's own options does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostOption {
    /// Shows the help of the command it stands at.
    Help,
    /// Shows the version of this program.
    Version,
    /// Sets the debug level.
    Debug,
    /// Adds to the plugin search path.
    Path,
    /// Runs a command of its value.
    Execute,
}

/// One of the host's own options.
#[derive(Debug)]
pub struct GlobalSpec {
    /// What it does.
    pub option: HostOption,
    /// Its long name without dashes.
    pub long: &'static str,
    /// Its short name.
    pub short: Option<char>,
    /// The name of its value in the help; `None` for a flag.
    pub value: Option<&'static str>,
    /// One line of help.
    pub help: &'static str,
}

/// The host's own options. They stand before the command, `--help` and `--path` anywhere.
pub const GLOBAL: &[GlobalSpec] = &[
    GlobalSpec {
        option: HostOption::Help,
        long: "help",
        short: Some('h'),
        value: None,
        help: "Show help",
    },
    GlobalSpec {
        option: HostOption::Version,
        long: "version",
        short: Some('v'),
        value: None,
        help: "Show the version of this program",
    },
    GlobalSpec {
        option: HostOption::Debug,
        long: "debug",
        short: Some('d'),
        value: Some("LEVEL"),
        help: "Show debug messages up to this level: 0 to 9, or debug for 1",
    },
    GlobalSpec {
        option: HostOption::Path,
        long: "path",
        short: None,
        value: Some("PATH"),
        help: "Look for plugins there first: a file, directory or glob; may be repeated",
    },
    GlobalSpec {
        option: HostOption::Execute,
        long: "execute",
        short: Some('e'),
        value: Some("COMMAND"),
        help: "Run this command, and those of further -e, over one session",
    },
];

/// One login option: data that the host takes out of the command line without understanding it,
/// and hands to the session provider only.
#[derive(Debug)]
pub struct LoginSpec {
    /// Its long name without dashes, by which the provider knows it.
    pub long: &'static str,
    /// Its short name.
    pub short: Option<char>,
    /// The name of its value in the help; `None` for a flag.
    pub value: Option<&'static str>,
    /// One line of help.
    pub help: &'static str,
}

/// The heading of the login options in the help.
pub const LOGIN_HEADING: &str = "Login arguments";

/// The login options, in the order of the help.
pub const LOGIN: &[LoginSpec] = &[
    LoginSpec {
        long: "create",
        short: Some('C'),
        value: None,
        help: "Create a new session regardless of existing ones",
    },
    LoginSpec {
        long: "server",
        short: Some('s'),
        value: Some("SERVER"),
        help: "Set the name of the server to connect to",
    },
    LoginSpec {
        long: "port",
        short: Some('p'),
        value: Some("PORT"),
        help: "Set the port to use for connection. Default: 4064",
    },
    LoginSpec {
        long: "group",
        short: Some('g'),
        value: Some("GROUP"),
        help: "Set the group to use for initializing a connection",
    },
    LoginSpec {
        long: "user",
        short: Some('u'),
        value: Some("USER"),
        help: "Set the name of the user to connect as",
    },
    LoginSpec {
        long: "password",
        short: Some('w'),
        value: Some("PASSWORD"),
        help: "Set the password to use for the connection. Other users of this machine can see \
               arguments: OMERO_PASSWORD or the prompt is safer",
    },
    LoginSpec {
        long: "key",
        short: Some('k'),
        value: Some("KEY"),
        help: "Use a valid session key to join an existing connection. Other users of this \
               machine can see arguments",
    },
    LoginSpec {
        long: "sudo",
        short: None,
        value: Some("ADMINUSER|GROUPOWNER"),
        help: "Create a connection as another user: as its administrator or group owner",
    },
    LoginSpec {
        long: QUIET,
        short: Some('q'),
        value: None,
        help: "Quiet mode: no notes, warnings or session reports",
    },
];

/// The one login option that the host obeys too.
pub const QUIET: &str = "quiet";
