//! What the host asks for without running a command: values for completion, and the session that a
//! program which is no plugin would use. All of it comes from the store; nothing connects, asks the
//! user, or makes a directory.

use std::collections::BTreeMap;

use omero_plugin_api::{
    Context, Error,
    manifest::ValueHint,
    questions::{Candidate, Sought, Surroundings},
};

use crate::{
    login::{self, Request},
    settings,
    store::{Current, DEFAULT_PORT, Host, SessionKey, Store, StoreError, StoredSession, User},
};

/// Values for an argument, by its hint.
///
/// # Errors
///
/// The store's directory cannot be told or read.
pub fn complete(ctx: &Context, sought: &Sought) -> Result<Vec<Candidate>, Error> {
    let Some(store) = settings::existing_store(ctx)? else {
        return Ok(Vec::new());
    };
    let Some(hint) = sought.hint else {
        return Ok(Vec::new());
    };
    let wanted = Request::from_options(ctx).unwrap_or_default();
    let all = store.all().map_err(settings::store_error)?;
    // Sessions of other servers would complete values that the named server does not know.
    let fits = |s: &StoredSession| {
        (hint == ValueHint::Host
            || wanted
                .server
                .as_deref()
                .is_none_or(|w| w == s.host.as_str()))
            && (hint == ValueHint::User
                || hint == ValueHint::Host
                || wanted.user.as_deref().is_none_or(|w| w == s.user.as_str()))
    };
    let sessions: Vec<StoredSession> = all.into_iter().flatten().filter(fits).collect();
    Ok(match hint {
        ValueHint::Host => hosts(&sessions, is_connection(sought)),
        ValueHint::User => unique(&sessions, |s| (s.user.as_str().to_owned(), server(s))),
        ValueHint::Group => unique(&sessions, |s| {
            let group = s.properties.group.clone().unwrap_or_default();
            (group, format!("{}@{}", s.user, server(s)))
        }),
        ValueHint::Session => unique(&sessions, |s| {
            let group = s.properties.group.as_deref().unwrap_or("?");
            let owner = format!("{}@{}, group {group}", s.user, server(s));
            (s.key.expose().to_owned(), owner)
        }),
        _ => Vec::new(),
    })
}

/// Whether the argument takes `USER@SERVER` too.
fn is_connection(sought: &Sought) -> bool {
    sought.argument == "connection" || sought.command.is_empty()
}

/// Servers, then connection strings with their users.
fn hosts(sessions: &[StoredSession], users: bool) -> Vec<Candidate> {
    let mut found = unique(sessions, |s| (server(s), String::new()));
    if users {
        found.extend(unique(sessions, |s| {
            (format!("{}@{}", s.user, server(s)), String::new())
        }));
    }
    found
}

/// The server with the port that it needs; URLs hold theirs.
fn server(session: &StoredSession) -> String {
    let host = session.host.as_str();
    match session.port() {
        "4064" => host.to_owned(),
        _ if host.contains("://") => host.to_owned(),
        port => format!("{host}:{port}"),
    }
}

/// Each value once, with what all of its sessions say about it.
fn unique(
    sessions: &[StoredSession],
    describe: impl Fn(&StoredSession) -> (String, String),
) -> Vec<Candidate> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (value, help) in sessions.iter().map(describe) {
        let helps = found.entry(value).or_default();
        if !help.is_empty() && !helps.contains(&help) {
            helps.push(help);
        }
    }
    found
        .into_iter()
        .filter(|(value, _)| !value.is_empty())
        .map(|(value, helps)| Candidate::new(value).help(helps.join(", ")))
        .collect()
}

/// The session that a command with these login options would use first, as the store tells it: what
/// the options say; then the current session, if it fits; then the newest one that does. The group of
/// a session that this process is attached to is what the server says.
///
/// # Errors
///
/// The store's directory cannot be told; the options contradict each other; the session that they name
/// cannot be read.
pub fn surroundings(ctx: &Context, key: bool) -> Result<Surroundings, Error> {
    let wanted = Request::from_options(ctx)?;
    let location = settings::location(ctx, None)?;
    let mut known = Surroundings {
        server: wanted.server.clone(),
        port: wanted.port.clone(),
        user: wanted.user.clone(),
        group: wanted.group.clone(),
        store: location.dir.to_str().map(str::to_owned),
        key: None,
    };
    if let Some(store) = settings::existing_store(ctx)? {
        let Choice { current, session } = choose(&store, &wanted)?;
        if let Some(session) = session {
            known.port = Some(session.port().to_owned());
            let group = || live_group(ctx, &session).or(session.properties.group.clone());
            known.group = known.group.or_else(group);
            if key {
                known.key = Some(session.key.expose().to_owned());
            }
        }
        let text = |user: User| user.as_str().to_owned();
        known.user = known.user.or(current.user.map(text));
        if let Some(host) = current.host {
            known.server = Some(host.as_str().to_owned());
            known.port = known.port.or(Some(current.port));
        }
    }
    if let (true, Some(named)) = (key, wanted.key) {
        known.key = Some(named.expose().to_owned());
    }
    Ok(known)
}

/// The group of an attached session as the server knows it.
fn live_group(ctx: &Context, session: &StoredSession) -> Option<String> {
    let attached = login::attached(&session.key)?;
    attached.session().interrupt_for(ctx);
    let context = attached.session().ask_context_within(login::PATIENCE);
    Some(context.ok()?.group_name.clone())
}

/// What a command with some login options works on.
pub struct Choice {
    /// Server and user, which a login would propose, and the port.
    pub current: Current,
    /// The stored session.
    pub session: Option<StoredSession>,
}

/// Chooses from what is stored.
///
/// # Errors
///
/// The session that is current, or whose key is given, cannot be read: another one in its place would
/// be the wrong one.
pub fn choose(store: &Store, wanted: &Request) -> Result<Choice, Error> {
    let current = login::current(store);
    let parsed = |text: &String| Host::parse(text).ok();
    let host = match &wanted.server {
        Some(server) => parsed(server),
        None => current.host.clone(),
    };
    let session = match &host {
        Some(host) => stored(store, host, wanted).map_err(settings::store_error)?,
        None => None,
    };
    let same_host = host == current.host;
    let user = match (&session, &wanted.user) {
        (Some(session), _) => Some(session.user.clone()),
        (None, Some(user)) => User::parse(user).ok(),
        (None, None) => current.user,
    };
    let port = match &wanted.port {
        Some(port) => port.clone(),
        None if same_host => current.port,
        None => DEFAULT_PORT.to_owned(),
    };
    Ok(Choice {
        current: Current {
            host,
            user,
            key: None,
            port,
            warnings: Vec::new(),
        },
        session,
    })
}

/// The stored session of a host that fits: the one with the key; the current one; the newest. Of options
/// that ask for a new session it is the one that this process has made for them.
fn stored(
    store: &Store,
    host: &Host,
    wanted: &Request,
) -> Result<Option<StoredSession>, StoreError> {
    if let Some(key) = &wanted.key {
        return with_key(store, host, key.expose());
    }
    let current = login::current(store);
    let user = match &wanted.user {
        Some(name) => User::parse(name).ok(),
        None => current.user.clone(),
    };
    let Some(user) = user else {
        return Ok(None);
    };
    let fits = |session: &StoredSession| {
        let same = |wanted: Option<&str>, has: Option<&str>| wanted.is_none_or(|w| has == Some(w));
        same(wanted.port.as_deref(), Some(session.port()))
            && same(wanted.group.as_deref(), session.properties.group.as_deref())
            && (!wanted.needs_login() || login::attached(&session.key).is_some())
    };
    if !wanted.needs_login()
        && (current.host.as_ref(), current.user.as_ref()) == (Some(host), Some(&user))
        && let Some(key) = &current.key
        && let Some(session) = store.get(host, &user, key)?
        && fits(&session)
    {
        return Ok(Some(session));
    }
    let sessions = store.sessions_of(host, &user);
    Ok(sessions.into_iter().flatten().find(fits))
}

/// The stored session of a host that has this key.
fn with_key(store: &Store, host: &Host, key: &str) -> Result<Option<StoredSession>, StoreError> {
    // A text that can be no key is none of a stored session; who joins it says what is wrong.
    let Ok(key) = SessionKey::parse(key) else {
        return Ok(None);
    };
    match store.find_key(host, &key)?.first() {
        Some(user) => store.get(host, user, &key),
        None => Ok(None),
    }
}
