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

use std::sync::Arc;

use omero_plugin_abi::{
    Failure, HostContextBox, PendingReply as AbiPendingReply, PendingReplyBox, Secret,
    Session as AbiSession, SessionBox, SessionProvider as AbiProvider, SessionProviderBox,
    TD_Opaque, WireCall,
    std_types::{RResult, RSlice, RStr, RString, RVec},
};

use crate::{
    Context, Error, Session,
    export::{guard, guard_or},
    session::{SessionInfo, border_bytes},
    slice::Proxy,
};

/// One request to an Ice object.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The reply status of the Ice protocol.
    pub status: u8,
    /// What follows the status.
    pub body: Vec<u8>,
}

/// A connection with an OMERO session on it, as its maker sees it.
pub trait LentSession: Send + Sync + 'static {
    /// Who and where.
    fn info(&self) -> SessionInfo;
    /// The session key.
    fn key(&self) -> Secret;
    /// The proxy of a service by its OMERO name; the empty name is the service factory.
    ///
    /// # Errors
    ///
    /// The server does not know the service, or the connection is lost.
    fn service(&self, name: &str) -> Result<Proxy, Error>;
    /// Makes proxies from replies usable as targets.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    fn add_proxies(&self, proxies: &[Proxy]) -> Result<(), Error>;
    /// Sends a request.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    fn begin(&self, call: Call) -> Result<Box<dyn PendingReply>, Error>;
    /// Tells the server that the session is in use.
    ///
    /// # Errors
    ///
    /// The session or the connection is gone.
    fn keep_alive(&self) -> Result<(), Error>;
}

/// A request under way, as its sender sees it.
pub trait PendingReply: Send + Sync + 'static {
    /// Waits for the answer, `timeout_ms` milliseconds at most (0: the session's own limit).
    ///
    /// # Errors
    ///
    /// No answer in time, cancelled, or the connection is lost.
    fn wait(&self, timeout_ms: u64) -> Result<Reply, Error>;
}

/// A function that attaches to the session which the context's login options ask for.
pub type Attach = fn(&Context) -> Result<SessionBox, Error>;

/// Makes the provider that `export_plugin!` takes.
pub fn provider(attach: Attach) -> SessionProviderBox {
    SessionProviderBox::from_value(Provider(attach), TD_Opaque)
}

/// A session as it crosses the border. Every call into it catches its own panics.
pub fn lend(session: Arc<dyn LentSession>) -> SessionBox {
    SessionBox::from_value(Lent(session), TD_Opaque)
}

/// The same session for the provider's own commands, which use it as every other plugin does.
pub fn own(session: Arc<dyn LentSession>) -> Session {
    Session::from_abi(lend(session))
}

struct Provider(Attach);

impl AbiProvider for Provider {
    fn attach(&self, context: HostContextBox) -> RResult<SessionBox, Failure> {
        guard(|| (self.0)(&Context::from_host(context)))
    }
}

struct Lent(Arc<dyn LentSession>);

impl AbiSession for Lent {
    fn describe(&self) -> RString {
        guard_or(RString::new(), || {
            serde_json::to_string(&self.0.info())
                .unwrap_or_default()
                .into()
        })
    }

    fn key(&self) -> Secret {
        guard_or(Secret::new(String::new()), || self.0.key())
    }

    fn service(&self, name: RStr<'_>) -> RResult<RVec<u8>, Failure> {
        guard(|| {
            self.0
                .service(name.as_str())
                .map(|proxy| border_bytes(&proxy).into())
        })
    }

    fn add_proxies(&self, proxies: RSlice<'_, RVec<u8>>) -> RResult<(), Failure> {
        guard(|| {
            let proxies = proxies
                .iter()
                .map(|bytes| Proxy::from_bytes(bytes).map_err(Error::from))
                .collect::<Result<Vec<_>, _>>()?;
            self.0.add_proxies(&proxies)
        })
    }

    fn begin(&self, call: WireCall) -> RResult<PendingReplyBox, Failure> {
        guard(|| {
            let call = Call {
                target: Proxy::from_bytes(&call.proxy)?,
                operation: call.operation.into_string(),
                mode: call.mode,
                context: call
                    .context
                    .into_iter()
                    .map(|t| (t.0.into(), t.1.into()))
                    .collect(),
                parameters: call.parameters.into(),
            };
            let pending = self.0.begin(call)?;
            Ok(PendingReplyBox::from_value(Pending(pending), TD_Opaque))
        })
    }

    fn keep_alive(&self) -> RResult<(), Failure> {
        guard(|| self.0.keep_alive())
    }
}

struct Pending(Box<dyn PendingReply>);

impl AbiPendingReply for Pending {
    fn wait(&self, timeout_ms: u64) -> RResult<omero_plugin_abi::Reply, Failure> {
        guard(|| {
            let Reply { status, body } = self.0.wait(timeout_ms)?;
            Ok(omero_plugin_abi::Reply {
                status,
                body: body.into(),
            })
        })
    }
}
