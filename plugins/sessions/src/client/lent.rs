//! The session as the host lends it to every plugin, and as `sessions` uses it itself.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use omero_plugin_api::{
    Error, Kind, Secret,
    provider::{Call, LentSession, PendingReply, Reply},
    services::service_factory,
    session::SessionInfo,
    slice::Proxy,
};

use super::{ClientError, OmeroSession, session::CALL_LIMIT};
use crate::ice::{Failure, IceError, Pending, RawReply};

/// What the router answers for an object that this connection did not announce, or that it forgot.
const NOT_ANNOUNCED: &str = "ice_add_proxy";

/// The session as the host lends it. Cloning shares the connection.
#[derive(Debug, Clone)]
pub struct Lent(pub Arc<OmeroSession>);

impl LentSession for Lent {
    fn info(&self) -> SessionInfo {
        let (server, port) = self.0.place();
        let context = self.0.context();
        SessionInfo {
            server: server.to_owned(),
            port,
            user: context.user_name.clone(),
            user_id: context.user_id,
            group: context.group_name.clone(),
            group_id: context.group_id,
            admin: context.admin,
            privileges: context.privileges.clone(),
        }
    }

    fn key(&self) -> Secret {
        self.0.key().clone()
    }

    fn service(&self, name: &str) -> Result<Proxy, Error> {
        if name.is_empty() {
            return Ok(self.0.factory().clone());
        }
        if let Some(proxy) = self.0.known(name) {
            return Ok(proxy);
        }
        let pending = self.0.ask_service(name).map_err(report)?;
        self.0.learn_service(name, pending).map_err(report)
    }

    fn add_proxies(&self, proxies: &[Proxy]) -> Result<(), Error> {
        self.0.announce_new(proxies).map_err(report)
    }

    fn begin(&self, call: Call) -> Result<Box<dyn PendingReply>, Error> {
        self.0
            .announce_new(std::slice::from_ref(&call.target))
            .map_err(report)?;
        let pending = self.0.send(&call).map_err(report)?;
        let pending = Mutex::new(Some(pending));
        Ok(Box::new(PendingCall {
            session: self.0.clone(),
            call,
            pending,
        }))
    }

    fn keep_alive(&self) -> Result<(), Error> {
        self.0.keep_alive().map_err(report)
    }
}

/// A call that is under way, with what is needed to send it once more.
struct PendingCall {
    session: Arc<OmeroSession>,
    call: Call,
    /// Taken by whoever waits: an answer comes once.
    pending: Mutex<Option<Pending>>,
}

impl PendingReply for PendingCall {
    fn wait(&self, timeout_ms: u64) -> Result<Reply, Error> {
        let outcome = self.answer(timeout_ms);
        let success = outcome.as_ref().is_ok_and(|reply| reply.status == 0);
        self.session.heard(success);
        if self.call.operation == service_factory::SET_SECURITY_CONTEXT.name {
            self.session.set_outdated();
        }
        outcome
    }
}

impl PendingCall {
    fn answer(&self, timeout_ms: u64) -> Result<Reply, Error> {
        let limit = if timeout_ms == 0 {
            CALL_LIMIT
        } else {
            Duration::from_millis(timeout_ms)
        };
        let pending = self
            .pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .ok_or_else(|| Error::new(1, "the answer to this call was taken already"))?;
        let reply = self.session.wait(pending, limit).map_err(report)?;
        if !forgotten(&reply) {
            return Ok(Reply {
                status: reply.status,
                body: reply.body,
            });
        }
        // The router's table is full and lost the object. It did not run the call.
        self.session
            .announce(std::slice::from_ref(&self.call.target))
            .map_err(report)?;
        let again = self.session.send(&self.call).map_err(report)?;
        let reply = self.session.wait(again, limit).map_err(report)?;
        Ok(Reply {
            status: reply.status,
            body: reply.body,
        })
    }
}

/// Whether the router did not know the target.
fn forgotten(reply: &RawReply) -> bool {
    matches!(
        reply.failure(),
        Ok(Some(Failure::NotExist { status: 2, operation, .. })) if operation == NOT_ANNOUNCED
    )
}

/// A client error as plugins see it.
fn report(error: ClientError) -> Error {
    match error {
        ClientError::Call(error) => error.into(),
        ClientError::Ice(IceError::Interrupted) => Error::cancelled(),
        ClientError::Ice(error) => Error::of_kind(Kind::Network, 1, error.to_string())
            .hint("check the network, then run the command again"),
        other => Error::of_kind(Kind::Server, 1, other.to_string()),
    }
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        report(error)
    }
}
