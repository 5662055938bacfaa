//! The server that a case describes.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use omero_tests::server::database::{Datum, Record};
use omero_tests::server::model::{Group, Permissions, User};
use omero_tests::server::{
    Config, Fault, Listener, PresetSession, TestServer, Thrown, TlsOptions, Transport,
};

use super::case::{Host, Open, Person, Server, Team, Thing, Trouble};

/// Addresses for the hosts of one run.
#[derive(Clone, Copy, Debug)]
pub struct Place(Ipv4Addr);

impl Place {
    /// All of 127.0.0.0/8 is this machine: every worker of every run of this suite has a part of it.
    pub fn of_worker(worker: u8) -> Self {
        let [_, _, high, low] = std::process::id().to_be_bytes();
        Self(Ipv4Addr::new(127, 64 | high, low, 8 + worker * 8))
    }

    fn address(self, host: usize) -> Ipv4Addr {
        let [a, b, c, d] = self.0.octets();
        Ipv4Addr::new(a, b, c, d + u8::try_from(host).expect("few hosts"))
    }
}

/// What the file of addresses says.
pub fn hosts(server: &Server, place: Place) -> String {
    let line = |(number, name): (usize, &String)| format!("{} {name}\n", place.address(number));
    server.hosts.keys().enumerate().map(line).collect()
}

/// The default with what a case has beside it.
pub fn merged(default: &Server, own: &Server) -> Server {
    let mut server = default.clone();
    if !own.hosts.is_empty() {
        server.hosts = own.hosts.clone();
    }
    server.users.extend(own.users.clone());
    server.groups.extend(own.groups.clone());
    server.objects.extend(own.objects.clone());
    server.sessions.extend(own.sessions.clone());
    server.reason = own.reason.clone().or(server.reason);
    server.raise = own.raise.clone();
    server.cmderror = own.cmderror.clone();
    server.tti = own.tti.or(server.tti);
    server.ttl = own.ttl.or(server.ttl);
    server.cleanup = own.cleanup.or(server.cleanup);
    // A server makes nobody without a membership of the default group.
    for person in own.users.values() {
        let group = server.groups.get_mut(&person.default);
        if let Some(group) = group.filter(|group| !group.members.contains(&person.id)) {
            group.members.push(person.id);
        }
    }
    server
}

/// Starts it.
pub fn start(server: &Server, place: Place) -> io::Result<TestServer> {
    let running = listen(&configuration(server, place))?;
    running.fail_commands(server.cmderror.as_deref());
    for trouble in &server.raise {
        let thrown = match trouble {
            Trouble::Removed => Thrown::removed_session("gone"),
            // As the server delivers it: wrapped, because `createSession` does not declare it.
            Trouble::Secvio => Thrown::wrapped("ome.conditions.SecurityViolation", "sv message"),
            Trouble::Busy => Thrown::busy("ome.conditions.DatabaseBusyException", "too busy", 500),
            Trouble::Router => Thrown::permission_denied("internal server error"),
            Trouble::Timeout => {
                running.faults().on_every_connection(Fault::Silence);
                continue;
            }
        };
        running.faults().on("createSession", Fault::Raise(thrown));
    }
    Ok(running)
}

/// The server before this one may still be held by a child between `fork` and `exec`.
fn listen(config: &Config) -> io::Result<TestServer> {
    let end = Instant::now() + Duration::from_secs(300);
    loop {
        match TestServer::start(config.clone()) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < end => {
                thread::sleep(Duration::from_millis(50));
            }
            other => return other,
        }
    }
}

fn configuration(server: &Server, place: Place) -> Config {
    let hosts = server.hosts.values().enumerate();
    let group = |name: &str| server.groups.get(name).map_or(-1, |group| group.id);
    Config {
        listeners: hosts
            .flat_map(|(number, host)| listeners(place.address(number), host))
            .collect(),
        tls: TlsOptions {
            names: server.hosts.keys().cloned().collect(),
            ..TlsOptions::default()
        },
        users: server
            .users
            .iter()
            .map(|(name, person)| user(name, person, group(&person.default)))
            .collect(),
        groups: server
            .groups
            .iter()
            .map(|(name, team)| team_of(name, team))
            .collect(),
        records: server.objects.iter().map(record).collect(),
        sessions: server
            .sessions
            .iter()
            .map(|(key, open)| session(key, open, server.now))
            .collect(),
        session_uuids: server.next.clone(),
        start_time: server.now,
        time_to_idle: server.tti.unwrap_or(600_000),
        time_to_live: server.ttl.unwrap_or(0),
        clean_up_interval: server.cleanup.unwrap_or(120_000),
        denial: Some(
            server
                .reason
                .clone()
                .unwrap_or("Password check failed".to_owned()),
        ),
        report_activity: false,
        ..Config::deserted()
    }
}

fn listeners(address: Ipv4Addr, host: &Host) -> impl Iterator<Item = Listener> {
    host.ports.iter().map(move |port| Listener {
        transport: match port {
            80 => Transport::Ws,
            443 => Transport::Wss,
            4063 => Transport::Tcp,
            _ => Transport::Ssl,
        },
        address: SocketAddr::new(IpAddr::V4(address), *port),
    })
}

fn user(name: &str, person: &Person, group: i64) -> User {
    User {
        first_name: person.first.clone(),
        last_name: person.last.clone(),
        email: person.email.clone(),
        ..User::new(person.id, name, &person.password, group)
    }
}

fn team_of(name: &str, team: &Team) -> Group {
    let permissions = team.perms.as_deref().map(Permissions::parse);
    Group {
        owners: team.owners.clone(),
        members: team.members.clone(),
        permissions: permissions.flatten().unwrap_or_default(),
        forbidden: team.forbidden,
        description: team.description.clone(),
        ldap: team.ldap,
        ..Group::new(team.id, name)
    }
}

fn record(thing: &Thing) -> Record {
    use serde_yaml::Value;
    let mut record = Record::new(&thing.class, thing.id);
    record.details.owner = thing.owner;
    record.details.group = thing.group;
    for (name, value) in &thing.members {
        let added = match value {
            Value::String(text) => Some(record.with(name, Datum::Text(text.clone()))),
            Value::Bool(flag) => Some(record.with(name, Datum::Bool(*flag))),
            Value::Number(number) => number.as_f64().and_then(|n| record.with_number(name, n)),
            Value::Sequence(parts) => match parts.as_slice() {
                [Value::Number(number), Value::String(unit)] => number
                    .as_f64()
                    .map(|number| record.with(name, Datum::Quantity(number, unit.clone()))),
                _ => None,
            },
            _ => None,
        };
        record = added.unwrap_or_else(|| panic!("{}.{name} cannot be {value:?}", thing.class));
    }
    record
}

fn session(key: &str, open: &Open, now: Option<i64>) -> PresetSession {
    let usual = PresetSession::new(key, &open.user, &open.group);
    let text = |value: &serde_yaml::Value| match value {
        serde_yaml::Value::String(text) => text.clone(),
        other => serde_yaml::to_string(other)
            .unwrap_or_default()
            .trim()
            .to_owned(),
    };
    PresetSession {
        started: open.started.or(now),
        time_to_idle: open.tti.unwrap_or(usual.time_to_idle),
        time_to_live: open.ttl.unwrap_or(usual.time_to_live),
        idle: open.idle,
        agent: open.agent.clone().or_else(|| usual.agent.clone()),
        hidden: open.hidden,
        data: open
            .data
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        ..usual
    }
}
