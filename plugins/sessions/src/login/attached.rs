//! A session that a command works on, and attaching to one whose key is known.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use omero_plugin_api::{
    Context, Secret, Session,
    provider::{self, Connection},
    services::{EventContext, OpenSession, Sessions},
    table::visible,
};

use crate::{
    client::{ClientError, OmeroSession, Origin, Router, SharedConnection},
    ice::{Endpoint, OpenOptions},
    store::StoredSession,
    trust::ServerTrust,
};

/// How long after a call that succeeded a session is taken to live.
const FRESH: Duration = Duration::from_secs(20);

/// How long a server may take to say that a session lives; then a new connection is quicker.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// An attached session. The connection lives as long as this or a clone of what it lends.
pub struct Attached {
    session: Arc<OmeroSession>,
    host: String,
    port: u16,
    used_before: AtomicBool,
    unreported: AtomicBool,
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached")
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

impl Attached {
    /// Takes over the session that the router has just made or joined.
    ///
    /// # Errors
    ///
    /// The session ended meanwhile, or the connection is lost.
    pub fn establish(
        router: Router,
        factory: omero_plugin_api::slice::Proxy,
        host: &str,
        port: u16,
        origin: Origin,
    ) -> Result<Self, ClientError> {
        let session = OmeroSession::establish(router, factory, host, port, origin)?;
        Ok(Self {
            session,
            host: host.to_owned(),
            port,
            used_before: AtomicBool::new(false),
            unreported: AtomicBool::new(false),
        })
    }

    /// The session itself.
    pub fn session(&self) -> &OmeroSession {
        &self.session
    }

    /// How long it lives, as the server said when it was last asked.
    pub fn details(&self) -> OpenSession {
        self.session.details()
    }

    /// Ends the session on the server, also after Ctrl-C.
    ///
    /// # Errors
    ///
    /// The server refused, or did not answer in time.
    pub fn end(&self) -> Result<(), ClientError> {
        self.end_other(self.key().expose())
    }

    /// As [`Self::end`], for another session, by its key.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn end_other(&self, key: &str) -> Result<(), ClientError> {
        self.session.shield();
        Ok(Sessions::of(&self.client())?.close(key)?)
    }

    /// Whose session it is, asked anew if an earlier command attached it: its group may have been
    /// switched since.
    ///
    /// # Errors
    ///
    /// The session has ended, or the connection is lost.
    pub fn context(&self) -> Result<Arc<EventContext>, ClientError> {
        if self.used_before.load(Ordering::Relaxed) {
            self.session.ask_context()
        } else {
            Ok(self.session.context())
        }
    }

    /// Marks a session that was attached before any command asked for it.
    pub(super) fn attached_early(&self) {
        self.unreported.store(true, Ordering::Relaxed);
    }

    /// Whether the user has yet to be told of this connection; false from the second call on.
    pub(super) fn take_unreported(&self) -> bool {
        self.unreported.swap(false, Ordering::Relaxed)
    }

    /// The server as it was named, and its port.
    pub fn server(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Whether it is the session of this key on this server.
    pub fn is(&self, host: &str, port: u16, key: &Secret) -> bool {
        self.server() == (host, port) && self.has_key(key)
    }

    /// Whether it is the session of this key.
    pub fn has_key(&self, key: &Secret) -> bool {
        self.key().expose() == key.expose()
    }

    /// Whether another command can use it. The server is asked if `check` says so, if it was not
    /// heard of for a while, if the last call failed, or if a command has changed the session. From
    /// now on Ctrl-C interrupts it for that command.
    pub fn serves(&self, ctx: &Context, check: bool) -> bool {
        self.session.interrupt_for(ctx);
        self.used_before.store(true, Ordering::Relaxed);
        if check || self.session.is_outdated() {
            return self.session.read_again_within(PATIENCE).is_ok();
        }
        let idle = u64::try_from(self.details().time_to_idle).unwrap_or(0);
        let fresh = match Duration::from_millis(idle) {
            Duration::ZERO => FRESH,
            idle => FRESH.min(idle / 2),
        };
        self.session.is_fresh(fresh) || self.session.keep_alive_within(PATIENCE).is_ok()
    }

    /// Joins the same session over a new connection.
    ///
    /// # Errors
    ///
    /// As [`join`].
    pub fn join_again(&self, ctx: &Context, options: &OpenOptions) -> Result<Self, ClientError> {
        let port = self.port.to_string();
        join(ctx, options, &self.host, Some(&port), &self.key(), None)
    }

    /// The session as the host lends it.
    pub fn lent(&self) -> SharedConnection {
        SharedConnection(self.session.clone())
    }

    /// The session as every plugin uses it.
    pub fn client(&self) -> Session {
        provider::session(Arc::new(self.lent()))
    }

    /// The key: a credential.
    pub fn key(&self) -> Secret {
        self.lent().key()
    }

    /// `user@host:port`, as the report line shows it.
    pub fn place(&self) -> String {
        format!(
            "{}@{}:{}",
            self.session.context().user_name,
            self.host,
            self.port
        )
    }
}

/// Connects to a server; `port` is the one that the user gave or that is stored.
///
/// # Errors
///
/// See [`crate::ice::IceError`]; an address that means nothing.
pub fn connect(
    ctx: &Context,
    options: &OpenOptions,
    host: &str,
    port: Option<&str>,
) -> Result<(Router, u16), ClientError> {
    let endpoint =
        Endpoint::parse(host, port).map_err(|error| ClientError::Refused(error.to_string()))?;
    match options.proxies.route(&endpoint)? {
        None => ctx.debug(1, format_args!("connecting to {endpoint}")),
        Some(proxy) => ctx.debug(
            1,
            format_args!("connecting to {endpoint} through the proxy {proxy}"),
        ),
    }
    let router = Router::connect(ctx, &endpoint, options)?;
    if let Some(trust) = router.connection().trust() {
        tell_trust(ctx, trust);
    }
    Ok((router, endpoint.port()))
}

/// Says what is new about a server, and what keeps a change of it from being noticed. The latter is
/// said with `-q` too.
fn tell_trust(ctx: &Context, trust: &ServerTrust) {
    if let Some(notice) = trust.notice() {
        ctx.note(notice);
    }
    for warning in trust.warnings() {
        // Ignore write errors: a lost warning must not change the exit code.
        let _ = ctx.error_line(format_args!("omero: warning: {}", visible(&warning)));
    }
}

/// Says so when a password or a key that the user gave is about to travel in the open.
pub fn warn_if_open(ctx: &Context, host: &str, port: Option<&str>) {
    if let Ok(endpoint) = Endpoint::parse(host, port)
        && !endpoint.scheme().is_encrypted()
    {
        ctx.warn(format_args!(
            "the connection to {host} is not encrypted: others on the network can read your \
             password and session key"
        ));
    }
}

/// Joins the session of this key.
///
/// # Errors
///
/// [`ClientError::Ended`] if the server itself says that there is no such session.
pub fn join(
    ctx: &Context,
    options: &OpenOptions,
    host: &str,
    port: Option<&str>,
    key: &Secret,
    group: Option<&str>,
) -> Result<Attached, ClientError> {
    let (router, port) = connect(ctx, options, host, port)?;
    let factory = router.join(key, group)?;
    Attached::establish(router, factory, host, port, Origin::Joined)
}

/// Whether the server says that a stored session has ended. False if it does not answer within
/// [`PATIENCE`], or cannot be reached.
pub fn has_ended(ctx: &Context, mut options: OpenOptions, stored: &StoredSession) -> bool {
    options.deadline = Some(Instant::now() + PATIENCE);
    connect_stored(ctx, &options, stored).is_err_and(|error| error.is_session_ended())
}

/// Joins a stored session with its stored properties.
///
/// # Errors
///
/// As [`join`].
pub fn connect_stored(
    ctx: &Context,
    options: &OpenOptions,
    stored: &StoredSession,
) -> Result<Attached, ClientError> {
    let properties = &stored.properties;
    let host = properties
        .host
        .as_deref()
        .unwrap_or_else(|| stored.host.as_str());
    let key = Secret::new(stored.key.expose().to_owned());
    join(
        ctx,
        options,
        host,
        properties.port.as_deref(),
        &key,
        properties.group.as_deref(),
    )
}
