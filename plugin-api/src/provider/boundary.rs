//! The provider's side of the ABI boundary: what the host and other plugins call, with panics caught.

use std::{sync::Arc, time::Duration};

use omero_plugin_abi::{
    self as abi, Failure, HostContextBox, SessionProviderBox, SharedSession, TD_Opaque,
    std_types::{ROption, RResult, RSlice, RStr, RString, RVec},
};

use super::{Attach, Connection, PendingReply, Reply, Request};
use crate::{
    Context, Error, Kind, Secret,
    panics::{guard, guard_or},
    services::Mode,
    session::boundary_bytes,
    slice::Proxy,
};

/// The provider that `export_plugin!` offers to the host.
pub(crate) fn provider(attach: Attach) -> SessionProviderBox {
    SessionProviderBox::from_value(Provider(attach), TD_Opaque)
}

struct Provider(Attach);

impl abi::SessionProvider for Provider {
    fn attach(&self, context: HostContextBox) -> RResult<SharedSession, Failure> {
        guard(|| (self.0)(&Context::from_host(context)).map(shared))
    }
}

/// A connection as it crosses the ABI boundary.
pub(crate) fn shared(connection: Arc<dyn Connection>) -> SharedSession {
    abi::shared_session(Session(connection))
}

/// A connection, as a borrower calls it.
struct Session(Arc<dyn Connection>);

impl abi::Session for Session {
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
                .map(|proxy| boundary_bytes(&proxy).into())
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

    fn begin(&self, request: abi::Request) -> RResult<abi::PendingReplyBox, Failure> {
        guard(|| {
            let pending = self.0.begin(read(request)?)?;
            Ok(abi::PendingReplyBox::from_value(
                Pending(pending),
                TD_Opaque,
            ))
        })
    }

    fn keep_alive(&self) -> RResult<(), Failure> {
        guard(|| self.0.keep_alive())
    }
}

fn read(request: abi::Request) -> Result<Request, Error> {
    let mode = Mode::from_number(request.mode).ok_or_else(|| {
        let text = format!(
            "`{}` has the unknown operation mode {}",
            request.operation, request.mode
        );
        Error::of_kind(Kind::Protocol, 1, text)
    })?;
    Ok(Request {
        target: Proxy::from_bytes(&request.proxy)?,
        operation: request.operation.into_string(),
        mode,
        context: request
            .context
            .into_iter()
            .map(|entry| (entry.0.into(), entry.1.into()))
            .collect(),
        parameters: request.parameters.into(),
    })
}

/// A request under way, as its sender waits for it.
struct Pending(Box<dyn PendingReply>);

impl abi::PendingReply for Pending {
    fn wait(&self, timeout_ms: ROption<u64>) -> RResult<abi::Reply, Failure> {
        let limit = timeout_ms.into_option().map(Duration::from_millis);
        guard(|| {
            let Reply { status, body } = self.0.wait(limit)?;
            Ok(abi::Reply {
                status,
                body: body.into(),
            })
        })
    }
}
