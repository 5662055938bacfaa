//! For the one plugin that makes sessions: how it offers them to the host.
//!
//! A provider says so twice: `session_provider()` in its `build.rs`
//! ([`crate::build::Builder::session_provider`]), and a provider in `export_plugin!`:
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//!
//! use omero_plugin_api::{
//!     Context, Error, Secret,
//!     provider::{self, Connection, PendingReply, Reply, Request},
//!     session::SessionInfo,
//!     slice::{Identity, Proxy},
//! };
//!
//! /// A connection; a real one has a socket.
//! struct Socket {
//!     info: SessionInfo,
//! }
//!
//! impl Connection for Socket {
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
//!     fn begin(&self, request: Request) -> Result<Box<dyn PendingReply>, Error> {
//!         Ok(Box::new(Sent(request.operation)))
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
//!     fn wait(&self, _limit: Option<Duration>) -> Result<Reply, Error> {
//!         Err(Error::new(1, format!("nobody answers `{}`", self.0)))
//!     }
//! }
//!
//! fn attach(ctx: &Context) -> Result<Arc<dyn Connection>, Error> {
//!     // … the login options decide: ctx.login_options() …
//! #   let _ = ctx;
//!     let info = SessionInfo { user: "ada".to_owned(), ..SessionInfo::default() };
//!     Ok(Arc::new(Socket { info }))
//! }
//! // omero_plugin_api::export_plugin!(command::command, run, provider: attach);
//! # let _: provider::Attach = attach;
//! # let session = provider::session(Arc::new(Socket { info: SessionInfo::default() }));
//! # let error = omero_plugin_api::services::Admin::of(&session).unwrap().roles().unwrap_err();
//! # assert_eq!(error.to_string(), "nobody answers `getSecurityRoles`");
//! ```

pub(crate) mod boundary;

use std::{sync::Arc, time::Duration};

use omero_plugin_abi::Secret;

use crate::{Context, Error, Session, services::Mode, session::SessionInfo, slice::Proxy};

/// One request to an Ice object.
///
/// ```
/// use omero_plugin_api::{
///     provider::Request,
///     services::Mode,
///     slice::{Encoding, Graph, Identity, Proxy, Type, Value, encode},
/// };
///
/// // `IAdmin.getGroup(3)`, whatever group the session is in.
/// let request = Request {
///     target: Proxy::new(Identity::new("", "omero.api.IAdmin"), Vec::new()),
///     operation: "getGroup".to_owned(),
///     mode: Mode::Idempotent,
///     context: vec![("omero.group".to_owned(), "-1".to_owned())],
///     parameters: encode(Encoding::V1_1, &[(&Type::Long, &Value::Long(3))], &Graph::new())?,
/// };
/// assert_eq!(request.parameters[..6], [14, 0, 0, 0, 1, 1]); // size and encoding
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Request {
    /// The target.
    pub target: Proxy,
    /// The operation's name.
    pub operation: String,
    /// The operation's mode.
    pub mode: Mode,
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
/// use omero_plugin_api::{Error, provider::{Connection, PendingReply, Request}, services::Mode};
/// # use omero_plugin_api::{Secret, session::SessionInfo, slice::Proxy};
///
/// /// A session for looking only.
/// struct ReadOnly<S>(S);
///
/// impl<S: Connection> Connection for ReadOnly<S> {
///     fn begin(&self, request: Request) -> Result<Box<dyn PendingReply>, Error> {
///         match request.mode {
///             Mode::Normal => Err(Error::new(1, format!("`{}` may change something", request.operation))),
///             _ => self.0.begin(request),
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
/// #     provider::session,
/// #     services::{Config, Operation, config},
/// #     slice::Graph,
/// #     testing::{Answer, FakeSession},
/// # };
/// # const CLOSE: Operation = Operation::normal("close", &[], &[]);
/// # let fake = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
/// # let session = session(Arc::new(ReadOnly(fake.reply(&CLOSE, Answer::nothing()))));
/// # assert_eq!(Config::of(&session)?.version()?, "5.6.14");
/// # let factory = session.service("")?;
/// # let refused = session.call(&factory, &CLOSE, &[], &Graph::new()).unwrap_err();
/// # assert_eq!(refused.to_string(), "`close` may change something");
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub trait Connection: Send + Sync + 'static {
    /// Who and where.
    ///
    /// ```
    /// # use omero_plugin_api::{provider::Connection, testing::FakeSession};
    /// use omero_plugin_api::session::SessionInfo;
    ///
    /// let ada = SessionInfo { user: "ada".to_owned(), user_id: 52, ..SessionInfo::default() };
    /// let connection: &dyn Connection = &FakeSession::new().info(ada);
    /// assert_eq!((connection.info().user.as_str(), connection.info().user_id), ("ada", 52));
    /// ```
    fn info(&self) -> SessionInfo;
    /// The session key.
    ///
    /// ```
    /// # use omero_plugin_api::{provider::Connection, testing::FakeSession};
    /// let connection: &dyn Connection = &FakeSession::new().key("0a1b2c3d");
    /// assert_eq!(connection.key().expose(), "0a1b2c3d");
    /// assert!(!format!("{:?}", connection.key()).contains("0a1b2c3d"));
    /// ```
    fn key(&self) -> Secret;
    /// The proxy of a service by its OMERO name; the empty name is the service factory.
    ///
    /// ```
    /// # use omero_plugin_api::{provider::Connection, testing::FakeSession};
    /// let connection: &dyn Connection = &FakeSession::new();
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
    /// # use omero_plugin_api::{provider::Connection, testing::FakeSession};
    /// let connection: &dyn Connection = &FakeSession::new();
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
    ///     provider::{Connection, Request},
    ///     services::{Mode, config},
    ///     slice::{Encoding, Graph, Type, decode, encode},
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// let fake = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
    /// let connection: &dyn Connection = &fake;
    /// let pending = connection.begin(Request {
    ///     target: connection.service(config::NAME)?,
    ///     operation: "getVersion".to_owned(),
    ///     mode: Mode::Idempotent,
    ///     context: Vec::new(),
    ///     parameters: encode(Encoding::V1_1, &[], &Graph::new())?,
    /// })?;
    /// // … other requests can be sent meanwhile …
    /// let reply = pending.wait(None)?;
    /// assert_eq!(reply.status, 0);
    /// assert_eq!(decode(&reply.body, &[Type::String])?.values[0].as_str()?, "5.6.14");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The connection is lost.
    fn begin(&self, request: Request) -> Result<Box<dyn PendingReply>, Error>;
    /// Tells the server that the session is in use.
    ///
    /// ```
    /// # use omero_plugin_api::{provider::Connection, testing::FakeSession};
    /// let fake = FakeSession::new();
    /// let connection: &dyn Connection = &fake;
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
///     fn wait(&self, limit: Option<Duration>) -> Result<Reply, Error> {
///         let limit = limit.unwrap_or(Duration::from_secs(60));
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
/// # assert_eq!(sent.wait(None)?, reply);
/// # assert_eq!(sent.wait(Some(Duration::ZERO)).unwrap_err().kind(), Kind::Network);
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub trait PendingReply: Send + Sync + 'static {
    /// Waits for the answer; without a limit as long as the session's own.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use omero_plugin_api::{Error, provider::{PendingReply, Reply}};
    ///
    /// /// An answer that was there before the question, as out of a cache.
    /// struct Known(Reply);
    ///
    /// impl PendingReply for Known {
    ///     fn wait(&self, _limit: Option<Duration>) -> Result<Reply, Error> {
    ///         Ok(self.0.clone())
    ///     }
    /// }
    /// let known = Known(Reply { status: 0, body: vec![6, 0, 0, 0, 1, 1] });
    /// assert_eq!(known.wait(None)?, known.wait(Some(Duration::from_secs(1)))?); // several waits see the same
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// No answer in time, cancelled, or the connection is lost.
    fn wait(&self, limit: Option<Duration>) -> Result<Reply, Error>;
}

/// A function that attaches to the session which the context's login options ask for: `provider:` of
/// `export_plugin!`.
///
/// ```
/// use std::sync::Arc;
///
/// use omero_plugin_api::{Context, Error, Kind, provider::{Attach, Connection}};
///
/// /// Uses the session of the desktop client, and none without it.
/// fn attach(ctx: &Context) -> Result<Arc<dyn Connection>, Error> {
/// #   let _ = ctx;
///     // … ctx.login_options() says which server and user are wanted …
///     Err(Error::of_kind(Kind::NoSession, 1, "The desktop client is not running"))
/// }
/// // export_plugin!(command::command, run, provider: attach);
/// # let _: Attach = attach;
/// ```
pub type Attach = fn(&Context) -> Result<Arc<dyn Connection>, Error>;

/// The session on a connection, for the provider's own commands, which use it as every other plugin
/// does.
///
/// ```
/// use std::sync::Arc;
///
/// use omero_plugin_api::{provider, services::{Config, config}};
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let connection = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
///
/// // `connection` is what the provider's own login has made.
/// let session = provider::session(Arc::new(connection));
/// assert_eq!(session.info().user, "root");
/// assert_eq!(Config::of(&session)?.version()?, "5.6.14");
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub fn session(connection: Arc<dyn Connection>) -> Session {
    let info = connection.info();
    Session::described(boundary::shared(connection), info)
}
