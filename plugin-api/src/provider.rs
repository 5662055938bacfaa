//! For the one plugin that makes sessions: how it offers them to the host.
//!
//! A provider says so twice: `session_provider()` in its `build.rs`
//! ([`crate::build::Builder::session_provider`]), and a provider in `export_plugin!`:
//!
//! ```
//! use std::sync::Arc;
//!
//! use omero_plugin_api::{
//!     Context, Error, Secret, SessionBox,
//!     provider::{self, Call, LentSession, PendingReply, Reply},
//!     session::SessionInfo,
//!     slice::{Identity, Proxy},
//! };
//!
//! /// A connection; a real one has a socket.
//! struct Connection {
//!     info: SessionInfo,
//! }
//!
//! impl LentSession for Connection {
//!     fn info(&self) -> SessionInfo {
//!         self.info.clone()
//!     }
//!     fn key(&self) -> Secret {
//!         Secret::new("a-session-key".to_owned())
//!     }
//!     fn service(&self, name: &str) -> Result<Proxy, Error> {
//!         Ok(Proxy::new(Identity::new("", name), Vec::new()))
//!     }
//!     fn add_proxies(&self, _proxies: &[Proxy]) -> Result<(), Error> {
//!         Ok(())
//!     }
//!     fn begin(&self, call: Call) -> Result<Box<dyn PendingReply>, Error> {
//!         Ok(Box::new(Sent(call.operation)))
//!     }
//!     fn keep_alive(&self) -> Result<(), Error> {
//!         Ok(())
//!     }
//! }
//!
//! /// A request that was sent.
//! struct Sent(String);
//!
//! impl PendingReply for Sent {
//!     fn wait(&self, _timeout_ms: u64) -> Result<Reply, Error> {
//!         Err(Error::new(1, format!("nobody answers `{}`", self.0)))
//!     }
//! }
//!
//! fn attach(ctx: &Context) -> Result<SessionBox, Error> {
//!     // … the login options decide: ctx.login_options() …
//! #   let _ = ctx;
//!     let info = SessionInfo { user: "ada".to_owned(), ..SessionInfo::default() };
//!     Ok(provider::lend(Arc::new(Connection { info })))
//! }
//! // omero_plugin_api::export_plugin!(
//! //     command::command, run, provider: || Some(provider::provider(attach))
//! // );
//! # let _ = provider::provider(attach);
//! # let session = provider::own(Arc::new(Connection { info: SessionInfo::default() }));
//! # let error = omero_plugin_api::services::Admin::of(&session).unwrap().roles().unwrap_err();
//! # assert_eq!(error.to_string(), "nobody answers `getSecurityRoles`");
//! ```

mod border;

use std::sync::Arc;

use omero_plugin_abi::{Secret, SessionBox, SessionProviderBox, TD_Opaque};

use self::border::{Lent, Provider};
use crate::{Context, Error, Session, session::SessionInfo, slice::Proxy};

/// One request to an Ice object.
///
/// ```
/// use omero_plugin_api::{
///     provider::Call,
///     slice::{Encoding, Graph, Identity, Proxy, Type, Value, encode},
/// };
///
/// // `IAdmin.getGroup(3)`, whatever group the session is in.
/// let call = Call {
///     target: Proxy::new(Identity::new("", "omero.api.IAdmin"), Vec::new()),
///     operation: "getGroup".to_owned(),
///     mode: 2,
///     context: vec![("omero.group".to_owned(), "-1".to_owned())],
///     parameters: encode(Encoding::V1_1, &[(&Type::Long, &Value::Long(3))], &Graph::new())?,
/// };
/// assert_eq!(call.parameters[..6], [14, 0, 0, 0, 1, 1]); // size and encoding
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Call {
    /// The target.
    pub target: Proxy,
    /// The operation's name.
    pub operation: String,
    /// The operation's mode: 0 normal, 1 nonmutating, 2 idempotent.
    pub mode: u8,
    /// Entries added to the request context.
    pub context: Vec<(String, String)>,
    /// The in-parameters: one whole encapsulation.
    pub parameters: Vec<u8>,
}

/// The answer to one request.
///
/// ```
/// use omero_plugin_api::{provider::Reply, services::CallError};
///
/// // The server does not know the object.
/// let reply = Reply { status: 2, body: Vec::new() };
/// let error = CallError::from_reply(reply.status, &reply.body, "getGroup");
/// assert_eq!(error.to_string(), "the server does not know the object of `getGroup`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The reply status of the Ice protocol.
    pub status: u8,
    /// What follows the status.
    pub body: Vec<u8>,
}

/// A connection with an OMERO session on it, as its maker sees it.
///
/// ```
/// use omero_plugin_api::{Error, provider::{Call, LentSession, PendingReply}};
/// # use omero_plugin_api::{Secret, session::SessionInfo, slice::Proxy};
///
/// /// A session for looking only.
/// struct ReadOnly<S>(S);
///
/// impl<S: LentSession> LentSession for ReadOnly<S> {
///     fn begin(&self, call: Call) -> Result<Box<dyn PendingReply>, Error> {
///         match call.mode {
///             0 => Err(Error::new(1, format!("`{}` may change something", call.operation))),
///             _ => self.0.begin(call),
///         }
///     }
///     // … and all others ask `self.0`.
/// #   fn info(&self) -> SessionInfo { self.0.info() }
/// #   fn key(&self) -> Secret { self.0.key() }
/// #   fn service(&self, name: &str) -> Result<Proxy, Error> { self.0.service(name) }
/// #   fn add_proxies(&self, proxies: &[Proxy]) -> Result<(), Error> { self.0.add_proxies(proxies) }
/// #   fn keep_alive(&self) -> Result<(), Error> { self.0.keep_alive() }
/// }
/// # use std::sync::Arc;
/// # use omero_plugin_api::{
/// #     provider::own,
/// #     services::{Config, Operation, config},
/// #     slice::Graph,
/// #     testing::{Answer, FakeSession},
/// # };
/// # const CLOSE: Operation = Operation::normal("close", &[], &[]);
/// # let fake = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
/// # let session = own(Arc::new(ReadOnly(fake.reply(&CLOSE, Answer::nothing()))));
/// # assert_eq!(Config::of(&session)?.version()?, "5.6.14");
/// # let factory = session.service("")?;
/// # let refused = session.call(&factory, &CLOSE, &[], &Graph::new()).unwrap_err();
/// # assert_eq!(refused.to_string(), "`close` may change something");
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub trait LentSession: Send + Sync + 'static {
    /// Who and where.
    ///
    /// ```
    /// # use omero_plugin_api::{provider::LentSession, testing::FakeSession};
    /// use omero_plugin_api::session::SessionInfo;
    ///
    /// let ada = SessionInfo { user: "ada".to_owned(), user_id: 52, ..SessionInfo::default() };
    /// let connection: &dyn LentSession = &FakeSession::new().info(ada);
    /// assert_eq!((connection.info().user.as_str(), connection.info().user_id), ("ada", 52));
    /// ```
    fn info(&self) -> SessionInfo;
    /// The session key.
    ///
    /// ```
    /// # use omero_plugin_api::{provider::LentSession, testing::FakeSession};
    /// let connection: &dyn LentSession = &FakeSession::new().key("0a1b2c3d");
    /// assert_eq!(connection.key().expose(), "0a1b2c3d");
    /// assert!(!format!("{:?}", connection.key()).contains("0a1b2c3d"));
    /// ```
    fn key(&self) -> Secret;
    /// The proxy of a service by its OMERO name; the empty name is the service factory.
    ///
    /// ```
    /// # use omero_plugin_api::{provider::LentSession, testing::FakeSession};
    /// let connection: &dyn LentSession = &FakeSession::new();
    /// let admin = connection.service("omero.api.IAdmin")?;
    /// assert_eq!(admin.identity.name, "omero.api.IAdmin");
    /// assert_eq!(connection.service("")?.identity.name, "ServiceFactory");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The server does not know the service, or the connection is lost.
    fn service(&self, name: &str) -> Result<Proxy, Error>;
    /// Makes proxies from replies usable as targets.
    ///
    /// ```
    /// # use omero_plugin_api::{provider::LentSession, testing::FakeSession};
    /// let connection: &dyn LentSession = &FakeSession::new();
    /// let services = [connection.service("omero.api.IAdmin")?, connection.service("omero.api.IQuery")?];
    /// // Both in one request to the router.
    /// connection.add_proxies(&services)?;
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The connection is lost.
    fn add_proxies(&self, proxies: &[Proxy]) -> Result<(), Error>;
    /// Sends a request.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     provider::{Call, LentSession},
    ///     services::config,
    ///     slice::{Encoding, Graph, Type, decode, encode},
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// let fake = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
    /// let connection: &dyn LentSession = &fake;
    /// let pending = connection.begin(Call {
    ///     target: connection.service(config::NAME)?,
    ///     operation: "getVersion".to_owned(),
    ///     mode: 2,
    ///     context: Vec::new(),
    ///     parameters: encode(Encoding::V1_1, &[], &Graph::new())?,
    /// })?;
    /// // … other requests can be sent meanwhile …
    /// let reply = pending.wait(0)?;
    /// assert_eq!(reply.status, 0);
    /// assert_eq!(decode(&reply.body, &[Type::String])?.values[0].as_str()?, "5.6.14");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The connection is lost.
    fn begin(&self, call: Call) -> Result<Box<dyn PendingReply>, Error>;
    /// Tells the server that the session is in use.
    ///
    /// ```
    /// # use omero_plugin_api::{provider::LentSession, testing::FakeSession};
    /// let fake = FakeSession::new();
    /// let connection: &dyn LentSession = &fake;
    /// connection.keep_alive()?;
    /// assert_eq!(fake.calls()[0].operation, "keepAlive");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The session or the connection is gone.
    fn keep_alive(&self) -> Result<(), Error>;
}

/// A request under way, as its sender sees it.
///
/// ```
/// use std::{sync::{Mutex, mpsc}, time::Duration};
///
/// use omero_plugin_api::{Error, Kind, provider::{PendingReply, Reply}};
///
/// /// Where the thread that reads the socket puts the answer.
/// struct Sent(Mutex<mpsc::Receiver<Reply>>);
///
/// impl PendingReply for Sent {
///     fn wait(&self, timeout_ms: u64) -> Result<Reply, Error> {
///         let limit = Duration::from_millis(if timeout_ms == 0 { 60_000 } else { timeout_ms });
///         let inbox = self.0.lock().map_err(|_| Error::new(1, "another wait has panicked"))?;
///         inbox
///             .recv_timeout(limit)
///             .map_err(|_| Error::of_kind(Kind::Network, 1, "the server does not answer"))
///     }
/// }
/// # let (reader, inbox) = mpsc::channel();
/// # let sent = Sent(Mutex::new(inbox));
/// # let reply = Reply { status: 0, body: Vec::new() };
/// # reader.send(reply.clone()).unwrap();
/// # assert_eq!(sent.wait(0)?, reply);
/// # assert_eq!(sent.wait(1).unwrap_err().kind(), Kind::Network);
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub trait PendingReply: Send + Sync + 'static {
    /// Waits for the answer, `timeout_ms` milliseconds at most (0: the session's own limit).
    ///
    /// ```
    /// use omero_plugin_api::{Error, provider::{PendingReply, Reply}};
    ///
    /// /// An answer that was there before the question, as out of a cache.
    /// struct Known(Reply);
    ///
    /// impl PendingReply for Known {
    ///     fn wait(&self, _timeout_ms: u64) -> Result<Reply, Error> {
    ///         Ok(self.0.clone())
    ///     }
    /// }
    /// let known = Known(Reply { status: 0, body: vec![6, 0, 0, 0, 1, 1] });
    /// assert_eq!(known.wait(0)?, known.wait(500)?); // several waits see the same
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// No answer in time, cancelled, or the connection is lost.
    fn wait(&self, timeout_ms: u64) -> Result<Reply, Error>;
}

/// A function that attaches to the session which the context's login options ask for.
pub type Attach = fn(&Context) -> Result<SessionBox, Error>;

/// Makes the provider that `export_plugin!` takes.
///
/// ```
/// use omero_plugin_api::{Context, Error, Kind, SessionBox, provider};
///
/// /// Uses the session of the desktop client, and none without it.
/// fn attach(ctx: &Context) -> Result<SessionBox, Error> {
/// #   let _ = ctx;
///     // … ctx.login_options() says which server and user are wanted …
///     Err(Error::of_kind(Kind::NoSession, 1, "The desktop client is not running"))
/// }
/// let provider = provider::provider(attach);
/// // export_plugin!(command::command, run, provider: || Some(provider::provider(attach)));
/// # let _ = provider;
/// ```
pub fn provider(attach: Attach) -> SessionProviderBox {
    SessionProviderBox::from_value(Provider(attach), TD_Opaque)
}

/// A session as it crosses the border. Every call into it catches its own panics.
///
/// ```
/// use std::sync::Arc;
///
/// use omero_plugin_api::{Context, Error, SessionBox, provider};
/// # use omero_plugin_api::testing::FakeSession as Connection;
///
/// fn attach(_: &Context) -> Result<SessionBox, Error> {
///     let connection = Arc::new(Connection::new());
///     Ok(provider::lend(connection))
/// }
/// # let _ = provider::provider(attach);
/// # let session = omero_plugin_api::Session::from_abi(provider::lend(Arc::new(Connection::new()))).unwrap();
/// # assert_eq!(session.info().user, "root");
/// ```
pub fn lend(session: Arc<dyn LentSession>) -> SessionBox {
    SessionBox::from_value(Lent(session), TD_Opaque)
}

/// The same session for the provider's own commands, which use it as every other plugin does.
///
/// ```
/// use std::sync::Arc;
///
/// use omero_plugin_api::{provider, services::{Config, config}};
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let connection = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
///
/// // `connection` is what the provider's own login has made.
/// let session = provider::own(Arc::new(connection));
/// assert_eq!(session.info().user, "root");
/// assert_eq!(Config::of(&session)?.version()?, "5.6.14");
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub fn own(session: Arc<dyn LentSession>) -> Session {
    let info = session.info();
    Session::described(lend(session), info)
}
