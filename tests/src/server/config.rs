//! What a test server is to be like.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::database::Record;
use super::model::{Group, Permissions, User};
use super::tls::TlsOptions;

/// How Ice messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Plain TCP.
    Tcp,
    /// TLS.
    Ssl,
    /// WebSocket over TCP.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl Transport {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tcp, Self::Ssl, Self::Ws, Self::Wss];

    /// Whether TLS is part of it.
    pub fn is_encrypted(self) -> bool {
        matches!(self, Self::Ssl | Self::Wss)
    }

    /// Whether WebSocket is part of it.
    pub fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }
}

/// As in a router's address: `tcp`, `ssl`, `ws`, `wss`.
impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Ssl => "ssl",
            Self::Ws => "ws",
            Self::Wss => "wss",
        })
    }
}

/// One address to listen on.
#[derive(Clone, Copy, Debug)]
pub struct Listener {
    /// How messages travel.
    pub transport: Transport,
    /// Where; port 0 lets the system choose.
    pub address: SocketAddr,
}

impl Listener {
    /// On 127.0.0.1; port 0 lets the system choose.
    pub fn local(transport: Transport, port: u16) -> Self {
        Self {
            transport,
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
        }
    }
}

/// A session that is there when the server starts.
#[derive(Clone, Debug)]
pub struct PresetSession {
    /// Its key.
    pub uuid: String,
    /// Login name of its owner.
    pub user: String,
    /// Name of its group.
    pub group: String,
    /// Milliseconds since the epoch; the server's start if not given.
    pub started: Option<i64>,
    /// Milliseconds it may be idle; 0 for any time.
    pub time_to_idle: i64,
    /// Milliseconds it may live; 0 for ever.
    pub time_to_live: i64,
    /// Milliseconds since its last use.
    pub idle: i64,
    /// Which client made it.
    pub agent: Option<String>,
    /// Its details are shown to nobody but its owner, not even to administrators.
    pub hidden: bool,
    /// What `CurrentSessionsResponse.data` has for it beside the usual.
    pub data: BTreeMap<String, String>,
}

impl PresetSession {
    /// A session as a login leaves it: ten minutes of idle time, no end.
    pub fn new(uuid: &str, user: &str, group: &str) -> Self {
        Self {
            uuid: uuid.to_owned(),
            user: user.to_owned(),
            group: group.to_owned(),
            started: None,
            time_to_idle: 600_000,
            time_to_live: 0,
            idle: 0,
            agent: Some("OMERO.sessions".to_owned()),
            hidden: false,
            data: BTreeMap::new(),
        }
    }
}

/// Everything a server is made from.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listeners: Vec<Listener>,
    /// Where a `glacier2router` calls this server, by plain TCP; port 0 lets the system choose.
    pub back_end: Option<SocketAddr>,
    /// Certificate and TLS versions.
    pub tls: TlsOptions,
    /// Who has an account.
    pub users: Vec<User>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Objects that queries find beside people, groups and sessions.
    pub records: Vec<Record>,
    /// Sessions that are there from the start.
    pub sessions: Vec<PresetSession>,
    /// Keys for new sessions, in order; random ones when they run out.
    pub session_uuids: Vec<String>,
    /// Start of the server's clock, milliseconds since the epoch; now if not given.
    pub start_time: Option<i64>,
    /// Idle time of new sessions in milliseconds.
    pub time_to_idle: i64,
    /// Life time of new sessions in milliseconds, 0 for ever.
    pub time_to_live: i64,
    /// The longest idle time that others than administrators get, in milliseconds; ten times
    /// `time_to_idle` if not given.
    pub max_time_to_idle: Option<i64>,
    /// Milliseconds between two clean-ups. Until the next one, an expired session stays in the
    /// server's cache (see [`Expired`](super::model::Expired)); 0 removes it at once.
    pub clean_up_interval: i64,
    /// Close the connection of a client whose session has expired at its next call, as a router
    /// may that notices it first.
    pub drop_expired: bool,
    /// Reason of a refused password instead of the usual text.
    pub denial: Option<String>,
    /// What `IConfig.getVersion` says.
    pub version: String,
    /// What `IConfig.getDatabaseUuid` says.
    pub database_uuid: String,
    /// What `IConfig.getConfigValue` knows.
    pub settings: BTreeMap<String, String>,
    /// What `Router.getSessionTimeout` and `getACMTimeout` say, in seconds.
    pub router_timeout: i32,
    /// Hand out proxies with an adapter's name instead of addresses, as behind IceGrid.
    pub indirect_proxies: bool,
    /// Whether `CurrentSessionsResponse.data` has hit counts and access times.
    pub report_activity: bool,
}

impl Config {
    /// Listens on all four transports at ports of the system's choice, with the users `root`,
    /// `test` and `testuser` and their groups.
    pub fn standard() -> Self {
        Self {
            listeners: Transport::ALL
                .map(|transport| Listener::local(transport, 0))
                .to_vec(),
            users: standard_users(),
            groups: standard_groups(),
            ..Self::deserted()
        }
    }

    /// The same people and groups, to be reached through a `glacier2router` and not directly.
    pub fn behind_router() -> Self {
        let back_end = Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0));
        Self {
            listeners: Vec::new(),
            back_end,
            ..Self::standard()
        }
    }

    /// A server without listeners, users and groups, to be filled.
    pub fn deserted() -> Self {
        let setting = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        Self {
            listeners: Vec::new(),
            back_end: None,
            tls: TlsOptions::default(),
            users: Vec::new(),
            groups: Vec::new(),
            records: Vec::new(),
            sessions: Vec::new(),
            session_uuids: Vec::new(),
            start_time: None,
            time_to_idle: 600_000,
            time_to_live: 0,
            max_time_to_idle: None,
            clean_up_interval: 120_000,
            drop_expired: false,
            denial: None,
            version: "5.6.17-1".to_owned(),
            database_uuid: "2b4a4b4c-7d3a-4a54-9d3a-0c2d6f6f5f11".to_owned(),
            settings: BTreeMap::from([
                setting("omero.sessions.timeout", "600000"),
                setting("omero.sessions.maximum", "0"),
                setting("omero.client.ui.tree.orphans.name", "Orphaned Images"),
            ]),
            router_timeout: 600,
            indirect_proxies: false,
            report_activity: true,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::standard()
    }
}

fn standard_users() -> Vec<User> {
    let named = |user: User, first: &str, last: &str, email: &str| User {
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: (!email.is_empty()).then(|| email.to_owned()),
        ..user
    };
    vec![
        named(User::new(0, "root", "omero", 0), "root", "root", ""),
        named(User::new(1, "guest", "guest", 2), "Guest", "Account", ""),
        named(
            User::new(2, "test", "pw", 3),
            "Tess",
            "Ter",
            "t@example.org",
        ),
        named(
            User::new(3, "testuser", "pasw", 4),
            "Ursula",
            "Testuser",
            "u@example.org",
        ),
    ]
}

fn standard_groups() -> Vec<Group> {
    let group = |id, name: &str, permissions: &str, owners: &[i64], members: &[i64]| Group {
        owners: owners.to_vec(),
        members: members.to_vec(),
        permissions: Permissions::parse(permissions).unwrap_or_default(),
        ..Group::new(id, name)
    };
    vec![
        group(0, "system", "rw----", &[0], &[]),
        group(1, "user", "rwr-r-", &[], &[0, 2, 3]),
        group(2, "guest", "rw----", &[], &[1]),
        group(3, "read-annotate-2", "rwra--", &[3], &[2]),
        group(4, "mygroup", "rwrw--", &[], &[3]),
        group(5, "my_group", "rwr---", &[2], &[3]),
    ]
}
