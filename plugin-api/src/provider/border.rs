//! The provider's side of the border: what the host and the borrowers call, with panics caught.

use std::sync::Arc;

use omero_plugin_abi::{
    Failure, HostContextBox, PendingReply as AbiPendingReply, PendingReplyBox, Secret,
    Session as AbiSession, SessionBox, SessionProvider as AbiProvider, TD_Opaque, WireCall,
    std_types::{RResult, RSlice, RStr, RString, RVec},
};

use super::{Attach, Call, LentSession, PendingReply, Reply};
use crate::{
    Context, Error,
    export::{guard, guard_or},
    session::border_bytes,
    slice::Proxy,
};

/// What attaches, as the host calls it.
pub(super) struct Provider(pub(super) Attach);

impl AbiProvider for Provider {
    fn attach(&self, context: HostContextBox) -> RResult<SessionBox, Failure> {
        guard(|| (self.0)(&Context::from_host(context)))
    }
}

/// A session, as a borrower calls it.
pub(super) struct Lent(pub(super) Arc<dyn LentSession>);

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

/// A request under way, as its sender waits for it.
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
