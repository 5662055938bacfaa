//! The cases as they stand in the files; `cases.yaml` says what each entry means.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A file of cases.
#[derive(Debug, Deserialize)]
pub struct Cases {
    /// The server before every case; the other files take that of the first.
    #[serde(default)]
    pub default_server: Server,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One command line with its surroundings.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Area and number.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// The surroundings.
    pub given: Given,
    /// What ours must do; nothing where both programs need only agree.
    pub expect: Option<Expect>,
}

/// What there is before.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Given {
    /// Files of the session store.
    pub store: BTreeMap<String, String>,
    /// What the server has beside the default.
    pub server: Server,
    /// Environment; null removes a variable.
    pub env: BTreeMap<String, Option<String>>,
    /// Files below the working directory.
    pub files: BTreeMap<String, String>,
    /// Name of the program.
    pub argv0: Option<String>,
    /// Its arguments.
    pub argv: Vec<String>,
    /// Command lines that are run before, with the same store and server. Ours runs them for both:
    /// it starts a hundred times as fast, and another suite shows that both leave the same bytes.
    pub before: Vec<Vec<String>>,
    /// What it reads.
    pub stdin: Option<String>,
    /// The dialogue, in a terminal.
    pub tty: Option<Vec<Turn>>,
}

/// One question and its answer.
#[derive(Clone, Debug, Deserialize)]
pub struct Turn {
    /// Text to wait for.
    pub prompt: String,
    /// What is typed then; `^C` and `^D` are keys.
    pub send: String,
}

/// The server's state.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Server {
    /// Milliseconds since the epoch.
    pub now: Option<i64>,
    /// Names and open ports.
    pub hosts: BTreeMap<String, Host>,
    /// Accounts by login name.
    pub users: BTreeMap<String, Person>,
    /// Groups by name.
    pub groups: BTreeMap<String, Team>,
    /// Objects that queries find.
    pub objects: Vec<Thing>,
    /// Open sessions by key.
    pub sessions: BTreeMap<String, Open>,
    /// Keys for new sessions.
    pub next: Vec<String>,
    /// The words of a refusal.
    pub reason: Option<String>,
    /// Trouble at the next logins.
    pub raise: Vec<Trouble>,
    /// Error of every command.
    pub cmderror: Option<String>,
    /// Idle time of new sessions, milliseconds.
    pub tti: Option<i64>,
    /// Life time of new sessions, milliseconds.
    pub ttl: Option<i64>,
    /// Milliseconds between two clean-ups of expired sessions; 0 for at once.
    pub cleanup: Option<i64>,
}

/// A machine.
#[derive(Clone, Debug, Deserialize)]
pub struct Host {
    /// Where it listens: 443 for wss, 80 for ws, 4063 for tcp, the others for ssl.
    pub ports: Vec<u16>,
}

/// An account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Person {
    pub id: i64,
    pub password: String,
    pub default: String,
    pub first: String,
    pub last: String,
    pub email: Option<String>,
}

/// A group.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Team {
    pub id: i64,
    pub owners: Vec<i64>,
    pub members: Vec<i64>,
    pub perms: Option<String>,
    pub description: Option<String>,
    pub ldap: bool,
    pub forbidden: bool,
}

/// An object that queries find.
#[derive(Clone, Debug, Deserialize)]
pub struct Thing {
    pub class: String,
    pub id: i64,
    pub owner: Option<i64>,
    pub group: Option<i64>,
    /// Text, numbers and truth values by name; a number with a unit is a list of both, and an object
    /// is its id.
    #[serde(flatten)]
    pub members: BTreeMap<String, serde_yaml::Value>,
}

/// An open session.
#[derive(Clone, Debug, Deserialize)]
pub struct Open {
    pub user: String,
    pub group: String,
    pub started: Option<i64>,
    pub tti: Option<i64>,
    pub ttl: Option<i64>,
    /// Milliseconds since its last use: more than `tti` for a session that has expired.
    #[serde(default)]
    pub idle: i64,
    pub agent: Option<String>,
    #[serde(default)]
    pub hidden: bool,
    #[serde(default)]
    pub data: BTreeMap<String, serde_yaml::Value>,
}

/// Why a login fails that would succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trouble {
    /// The session ends at once.
    Removed,
    /// The server's security says no.
    Secvio,
    /// Nobody answers.
    Timeout,
    /// The server is busy and says when to try again.
    Busy,
    /// The router cannot reach the server.
    Router,
}

/// What ours must do.
#[derive(Clone, Debug, Deserialize)]
pub struct Expect {
    /// Exit code.
    pub exit_code: Code,
    /// Standard output.
    pub stdout: Words,
    /// Standard error.
    pub stderr: Words,
    /// Modes of files and directories in the store.
    #[serde(default)]
    pub modes: BTreeMap<String, String>,
    /// All files of the store.
    pub store: BTreeMap<String, String>,
    /// The parts of each report line, in the order of the lines.
    #[serde(default)]
    pub report: Vec<Report>,
    /// Keys of the sessions that the server has afterwards.
    pub server_sessions_after: Vec<String>,
}

/// An exit code.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Code {
    /// This one.
    Exactly(i32),
    /// `nonzero`.
    Word(#[expect(dead_code, reason = "there is one word only")] String),
}

/// Text.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub struct Words {
    /// All of it.
    pub exact: Option<String>,
    /// Parts of it.
    #[serde(default)]
    pub contains: Vec<String>,
}

/// The parts of a line that says which session is used.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    pub action: String,
    pub uuid: String,
    pub user: String,
    pub host: String,
    pub port: String,
    pub idle_ms: i64,
    pub ttl_ms: i64,
    pub group: String,
}

/// Reads all files.
pub fn all() -> Cases {
    let read = |text| -> Cases { serde_yaml::from_str(text).expect("the cases can be read") };
    let mut cases = read(include_str!("cases.yaml"));
    for text in [
        include_str!("more.yaml"),
        include_str!("hql.yaml"),
        include_str!("groups.yaml"),
    ] {
        cases.cases.extend(read(text).cases);
    }
    cases
}
