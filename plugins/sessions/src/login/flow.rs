//! Which session a command gets: the order of OMERO.py, with two changes. Only the server's word
//! removes a stored session, never a failing network; and of several stored sessions that fit, the
//! newest that works is taken instead of trying all of them.

use omero_plugin_api::{Context, Error, Secret};

use super::{
    Attached, Request,
    attached::{connect_stored, join, warn_if_open},
    conflict::{Rule, Wanted},
    connection_failure, create, prompt,
    report::{Action, report},
    target::Target,
};
use crate::{
    ice::OpenOptions,
    settings::{open_options, show_warnings, store, store_error},
    store::{Current, Host, Properties, SessionKey, Store, StoredSession, User},
};

/// The code of a key that cannot be joined.
const BAD_KEY: i32 = 523;

/// Gets a session and reports it.
///
/// # Errors
///
/// The documented failures of `omero login`.
pub fn attach(ctx: &Context, request: Request) -> Result<Attached, Error> {
    let store = store(ctx, None)?;
    attach_in(ctx, &store, request)
}

/// As [`attach`], with a store that is open already.
///
/// # Errors
///
/// As [`attach`].
pub fn attach_in(ctx: &Context, store: &Store, mut request: Request) -> Result<Attached, Error> {
    let options = open_options(ctx)?;
    let current = store.current();
    for warning in &current.warnings {
        ctx.info(warning.line())?;
    }
    let flow = Flow {
        ctx,
        store,
        options,
        current,
    };
    let (action, attached) = flow.run(&mut request)?;
    show_warnings(ctx, store);
    report(ctx, action, &attached)?;
    Ok(attached)
}

/// What the steps share.
pub(super) struct Flow<'a> {
    pub(super) ctx: &'a Context,
    pub(super) store: &'a Store,
    pub(super) options: OpenOptions,
    current: Current,
}

impl Flow<'_> {
    fn run(&self, request: &mut Request) -> Result<(Action, Attached), Error> {
        if let Some(key) = request.key.clone() {
            self.note_ignored(request)?;
            self.ask_server(request)?;
            return Ok((Action::Joined, self.join_key(request, &key)?));
        }
        if let Some(attached) = self.reuse_current(request)? {
            return Ok((Action::Using, attached));
        }
        self.ask_server(request)?;
        self.ask_user(request)?;
        if !request.create
            && let Some(attached) = self.reconnect(request)?
        {
            return Ok((Action::Reconnected, attached));
        }
        Ok((Action::Created, create::create(self, request)?))
    }

    /// With a key, three options have no meaning; the user hears of it.
    fn note_ignored(&self, request: &Request) -> Result<(), Error> {
        for (given, what) in [
            (request.user.is_some(), "Overriding name"),
            (request.group.is_some(), "Ignoring group"),
            (request.password.is_some(), "Ignoring password"),
        ] {
            if given {
                self.ctx
                    .info(format_args!("{what} since session key set"))?;
            }
        }
        Ok(())
    }

    /// The current session, if nothing that was asked for contradicts it.
    fn reuse_current(&self, request: &Request) -> Result<Option<Attached>, Error> {
        let (Some(host), Some(user)) = (&self.current.host, &self.current.user) else {
            return Ok(None);
        };
        let port = &self.current.port;
        let fits = |wanted: &Option<String>, have: &str| wanted.as_ref().is_none_or(|w| w == have);
        if request.create
            || !fits(&request.server, host.as_str())
            || !fits(&request.user, user.as_str())
            || !fits(&request.port, port)
        {
            return Ok(None);
        }
        let Some(key) = &self.current.key else {
            return self.announce(host, user).map(|()| None);
        };
        let stored = match self.store.get(host, user, key) {
            Ok(Some(stored)) => stored,
            Ok(None) => return self.expire(host, user, key).map(|()| None),
            Err(error) => {
                // A file that makes no sense may be somebody's work: it is left as it is.
                self.ctx.warn(error);
                return self.announce(host, user).map(|()| None);
            }
        };
        let wanted = Wanted {
            port: None,
            group: request.group.as_deref(),
        };
        let conflicts = Rule::CURRENT.compare(&stored.properties, wanted);
        if !conflicts.is_empty() {
            self.ctx.debug(
                1,
                format_args!("Not attaching because of conflicts: {conflicts}"),
            );
            return self.announce(host, user).map(|()| None);
        }
        match self.attach_stored(&stored) {
            Ok(attached) => self
                .make_current(&stored, &attached)
                .map(|()| Some(attached)),
            Err(Refusal::Ended) => self.expire(host, user, key).map(|()| None),
            Err(Refusal::Failed(error)) => Err(error),
        }
    }

    fn announce(&self, host: &Host, user: &User) -> Result<(), Error> {
        if self.ctx.quiet() {
            return Ok(());
        }
        let (host, user) = (host.as_str(), user.as_str());
        self.ctx.line(format_args!(
            "Previously logged in to {} as {user}",
            self.shown(host)
        ))
    }

    /// The current session is over: its file and the pointer to it go.
    fn expire(&self, host: &Host, user: &User, key: &SessionKey) -> Result<(), Error> {
        let place = self.shown(host.as_str());
        let user_name = user.as_str();
        self.ctx.line(format_args!(
            "Previous session expired for {user_name} on {place}"
        ))?;
        if let Err(error) = self.store.remove(host, user, key) {
            self.ctx
                .error_line(format_args!("Failed to remove session: {error}"))?;
        }
        Ok(())
    }

    /// `host:port` with the last port. A URL says its port itself.
    fn shown(&self, host: &str) -> String {
        if is_url(host) {
            host.to_owned()
        } else {
            format!("{host}:{}", self.current.port)
        }
    }

    /// Asks for the server if it is not known. An answer replaces host, user and port.
    fn ask_server(&self, request: &mut Request) -> Result<(), Error> {
        if request.server.is_some() {
            return Ok(());
        }
        let host = self.current.host.as_ref().map_or("localhost", Host::as_str);
        let port = request.port.as_deref().unwrap_or(&self.current.port);
        let url = is_url(host) && request.port.is_none();
        let default = if url {
            host.to_owned()
        } else {
            format!("{host}:{port}")
        };
        match prompt::ask(self.ctx, "server", &format!("Server: [{default}]"))? {
            None => {
                request.port = if url { None } else { Some(port.to_owned()) };
                request.server = Some(host.to_owned());
            }
            Some(answer) => {
                let target = Target::parse(&answer).map_err(|e| Error::new(2, e.to_string()))?;
                request.server = Some(target.server.unwrap_or_else(|| host.to_owned()));
                request.user = target.user.or_else(|| request.user.take());
                request.port = target.port;
            }
        }
        Ok(())
    }

    /// Asks for the user if it is not known.
    fn ask_user(&self, request: &mut Request) -> Result<(), Error> {
        if request.user.is_some() {
            return Ok(());
        }
        let last = self
            .current
            .user
            .as_ref()
            .map(|user| user.as_str().to_owned());
        let default = last.unwrap_or_else(|| self.login_name());
        let answer = prompt::ask(self.ctx, "username", &format!("Username: [{default}]"))?;
        request.user = Some(answer.unwrap_or(default));
        Ok(())
    }

    /// The name under which the user works on this computer.
    fn login_name(&self) -> String {
        ["LOGNAME", "USER", "LNAME", "USERNAME"]
            .iter()
            .filter_map(|name| self.ctx.environment(name)?.into_string().ok())
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| "root".to_owned())
    }

    /// Joins the session of a key, known to the store or not.
    fn join_key(&self, request: &Request, key: &Secret) -> Result<Attached, Error> {
        let host_text = request.server.as_deref().unwrap_or_default();
        warn_if_open(self.ctx, host_text, request.port.as_deref());
        let bad = || {
            let at = request
                .port
                .as_ref()
                .map_or(String::new(), |port| format!(":{port}"));
            Error::new(
                BAD_KEY,
                format!(
                    "Bad session key. Cannot join {} on {host_text}{at}.",
                    shortened(key)
                ),
            )
            .hint("the session may have ended: log in again with a password")
        };
        let host = Host::parse(host_text).map_err(name_error)?;
        let session_key = SessionKey::parse(key.expose()).map_err(|_| bad())?;
        let users = self
            .store
            .find_key(&host, &session_key)
            .map_err(store_error)?;
        let user = match users.as_slice() {
            [] => return self.join_unknown(request, host_text, key, &bad),
            [user] => user,
            several => {
                let names: Vec<&str> = several.iter().map(User::as_str).collect();
                let text = format!("Several users have this session key: {}", names.join(", "));
                return Err(Error::new(1, text).hint("remove the wrong files from the store"));
            }
        };
        let stored = self
            .store
            .get(&host, user, &session_key)
            .map_err(store_error)?;
        let stored = stored.ok_or_else(bad)?;
        let wanted = Wanted {
            port: request.port.as_deref(),
            group: None,
        };
        if !Rule::KEY.compare(&stored.properties, wanted).is_empty() {
            return Err(bad());
        }
        match self.attach_stored(&stored) {
            Ok(attached) => self.make_current(&stored, &attached).map(|()| attached),
            Err(Refusal::Ended) => {
                self.store
                    .remove(&host, user, &session_key)
                    .map_err(store_error)?;
                Err(bad())
            }
            Err(Refusal::Failed(error)) => Err(error),
        }
    }

    /// A session from elsewhere is stored, but the current one stays what it is.
    fn join_unknown(
        &self,
        request: &Request,
        host: &str,
        key: &Secret,
        bad: &dyn Fn() -> Error,
    ) -> Result<Attached, Error> {
        let port = request.port.as_deref();
        let joined = join(self.ctx, &self.options, host, port, key, None);
        let attached = joined.map_err(|error| {
            if error.is_definite() {
                bad()
            } else {
                connection_failure(error, host, port)
            }
        })?;
        let user = &attached.session().context().user_name;
        let mut properties = Properties::new(host, user, key.expose());
        properties.port = request.port.clone();
        let stored = StoredSession::new(properties).map_err(name_error)?;
        self.store.add(&stored).map_err(store_error)?;
        Ok(attached)
    }

    /// The newest stored session of this host and user that fits and lives.
    fn reconnect(&self, request: &Request) -> Result<Option<Attached>, Error> {
        let host =
            Host::parse(request.server.as_deref().unwrap_or_default()).map_err(name_error)?;
        let user = User::parse(request.user.as_deref().unwrap_or_default()).map_err(name_error)?;
        let wanted = Wanted {
            port: request.port.as_deref(),
            group: request.group.as_deref(),
        };
        for entry in self.store.sessions_of(&host, &user) {
            let stored = match entry {
                Ok(stored) => stored,
                Err(bad) => {
                    self.ctx.warn(bad);
                    continue;
                }
            };
            let conflicts = Rule::STORED.compare(&stored.properties, wanted);
            if !conflicts.is_empty() {
                self.note_conflict(&stored, &conflicts)?;
                continue;
            }
            match self.attach_stored(&stored) {
                Ok(attached) => {
                    self.make_current(&stored, &attached)?;
                    return Ok(Some(attached));
                }
                Err(Refusal::Ended) => {
                    self.store
                        .remove(&host, &user, &stored.key)
                        .map_err(store_error)?;
                }
                Err(Refusal::Failed(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    fn note_conflict(
        &self,
        stored: &StoredSession,
        conflicts: &super::conflict::Conflicts,
    ) -> Result<(), Error> {
        if conflicts.is_about_port() {
            let key = stored.key.short();
            self.ctx
                .debug(1, format_args!("Skipping session {key}: {conflicts}"));
            return Ok(());
        }
        // The whole key would be a credential in whatever records these lines.
        let key = stored.key.short();
        self.ctx.info(format_args!(
            "Skipped session {key} due to property conflicts: {conflicts}"
        ))
    }

    fn attach_stored(&self, stored: &StoredSession) -> Result<Attached, Refusal> {
        let mut attached = connect_stored(self.ctx, &self.options, stored).map_err(|error| {
            self.ctx
                .debug(1, format_args!("Exception on attach: {error}"));
            if error.is_definite() {
                Refusal::Ended
            } else {
                let host = stored.properties.host.as_deref().unwrap_or_default();
                let port = stored.properties.port.as_deref();
                Refusal::Failed(connection_failure(error, host, port))
            }
        })?;
        // The idle time that was asked for at login is asked for again by everyone who joins.
        if let Some(seconds) = stored
            .properties
            .timeout
            .as_deref()
            .and_then(|t| t.parse().ok())
        {
            create::apply_idle_time(self.ctx, &mut attached, seconds);
        }
        Ok(attached)
    }

    fn make_current(&self, stored: &StoredSession, attached: &Attached) -> Result<(), Error> {
        let user = User::parse(&attached.session().context().user_name).map_err(name_error)?;
        self.store
            .set_current(&stored.host, &user, &stored.key, stored.port())
            .map_err(store_error)
    }
}

/// Why a stored session was not attached.
enum Refusal {
    /// The server says that it has ended.
    Ended,
    /// Anything else; the stored session is kept.
    Failed(Error),
}

/// A name that cannot be part of a path in the store.
pub(super) fn name_error(error: crate::store::NameError) -> Error {
    Error::new(2, error.to_string())
}

/// Whether a server was given as a URL.
pub(super) fn is_url(host: &str) -> bool {
    host.contains("://")
}

/// The start of a key, enough to recognise it by: error texts end up in logs.
fn shortened(key: &Secret) -> String {
    let text = key.expose();
    let start: String = text.chars().filter(|c| !c.is_control()).take(8).collect();
    if start.len() < text.len() {
        format!("{start}…")
    } else {
        start
    }
}
