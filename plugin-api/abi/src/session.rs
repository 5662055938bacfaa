//! The session: calls to OMERO objects over a connection that the session provider made.

use abi_stable::{
    sabi_trait,
    std_types::{RArc, RBox, ROption, RResult, RSlice, RStr, RString, RVec, Tuple2},
    StableAbi,
};

use crate::{Failure, HostContextBox, Secret};

/// One request to an Ice object.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct Request {
    /// The target: an encoded proxy (Slice encoding 1.1), as [`Session::service`] or a reply gave it.
    pub proxy: RVec<u8>,
    /// The operation's name.
    pub operation: RString,
    /// The operation's mode: 0 normal, 1 nonmutating, 2 idempotent.
    pub mode: u8,
    /// Entries added to the request context, for instance `omero.group`.
    pub context: RVec<Tuple2<RString, RString>>,
    /// The in-parameters: one whole encapsulation.
    pub parameters: RVec<u8>,
}

/// The answer to one request.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct Reply {
    /// The reply status of the Ice protocol: 0 success, 1 user exception, 2 to 7 system errors.
    pub status: u8,
    /// What follows the status: for 0 and 1 one encapsulation.
    pub body: RVec<u8>,
}

/// A request that is under way. Dropping it abandons the answer.
#[sabi_trait]
pub trait PendingReply: Send + Sync {
    /// Waits for the answer, `timeout_ms` milliseconds at most; `RNone` is the session's own limit.
    #[sabi(last_prefix_field)]
    fn wait(&self, timeout_ms: ROption<u64>) -> RResult<Reply, Failure>;
}

/// A [`PendingReply`] as it crosses the ABI boundary.
pub type PendingReplyBox = PendingReply_TO<'static, RBox<()>>;

/// A session on an OMERO server. Several requests may be under way at once.
#[sabi_trait]
pub trait Session: Send + Sync {
    /// Who and where, as JSON (see `SessionInfo` of omero-plugin-api). Holds no credential.
    fn describe(&self) -> RString;
    /// The session key: a credential. Ask only where it is the result the user wants.
    fn key(&self) -> Secret;
    /// The encoded proxy (Slice encoding 1.1) of a service by its OMERO name, for instance
    /// `omero.api.IAdmin`; the empty name is the service factory itself.
    fn service(&self, name: RStr<'_>) -> RResult<RVec<u8>, Failure>;
    /// Makes proxies that came in replies usable as targets. [`Session::begin`] does it by itself;
    /// this does several in one round trip.
    fn add_proxies(&self, proxies: RSlice<'_, RVec<u8>>) -> RResult<(), Failure>;
    /// Sends a request.
    fn begin(&self, call: Request) -> RResult<PendingReplyBox, Failure>;
    /// Tells the server that the session is in use.
    #[sabi(last_prefix_field)]
    fn keep_alive(&self) -> RResult<(), Failure>;
}

/// A [`Session`] as it crosses the ABI boundary.
/// Several plugins may share it; [`share`] makes a further handle.
pub type SharedSession = Session_TO<'static, RArc<()>>;

/// Wraps a session, so that it can cross the ABI boundary and be shared.
pub fn shared_session(session: impl Session + 'static) -> SharedSession {
    Session_TO::from_ptr(RArc::new(session), abi_stable::sabi_trait::TD_Opaque)
}

/// A further handle on the same session, which ends with its last handle.
pub fn share(session: &SharedSession) -> SharedSession {
    Session_TO::from_sabi(session.obj.shallow_clone())
}

/// The plugin that makes the sessions of all others.
#[sabi_trait]
pub trait SessionProvider: Send + Sync {
    /// Attaches to the session that the context's login options ask for: the current one, another
    /// stored one, or a new one after a dialogue with the user.
    #[sabi(last_prefix_field)]
    fn attach(&self, context: HostContextBox) -> RResult<SharedSession, Failure>;
}

/// A [`SessionProvider`] as it crosses the ABI boundary.
pub type SessionProviderBox = SessionProvider_TO<'static, RBox<()>>;
