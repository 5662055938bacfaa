//! The session as the host lends it to every plugin, and as `sessions` uses it itself.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use omero_plugin_api::{
    Error, Kind, Secret,
    provider::{Connection, PendingReply, Reply, Request},
    services::service_factory,
    session::SessionInfo,
    slice::Proxy,
};

use super::{
    ClientError, OmeroSession,
    session::{CALL_LIMIT, Sent},
};
use crate::ice::IceError;

/// The session as the host lends it. Cloning shares the connection.
#[derive(Debug, Clone)]
pub struct SharedConnection(pub Arc<OmeroSession>);

impl Connection for SharedConnection {
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

    fn begin(&self, request: Request) -> Result<Box<dyn PendingReply>, Error> {
        self.0
            .announce_new(std::slice::from_ref(&request.target))
            .map_err(report)?;
        let sent = self.0.send(request).map_err(report)?;
        Ok(Box::new(PendingCall {
            session: self.0.clone(),
            sent: Mutex::new(Some(sent)),
        }))
    }

    fn keep_alive(&self) -> Result<(), Error> {
        self.0.keep_alive().map_err(report)
    }
}

/// A call that is under way.
struct PendingCall {
    session: Arc<OmeroSession>,
    /// Taken by whoever waits: an answer comes once.
    sent: Mutex<Option<Sent>>,
}

impl PendingReply for PendingCall {
    fn wait(&self, limit: Option<Duration>) -> Result<Reply, Error> {
        let limit = limit.unwrap_or(CALL_LIMIT);
        let mut slot = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = slot
            .take()
            .ok_or_else(|| Error::new(1, "the answer to this call was taken already"))?;
        drop(slot);
        let switches_group = sent.operation() == service_factory::SET_SECURITY_CONTEXT.name;
        let outcome = self.session.wait(sent, limit).map_err(report);
        let success = outcome.as_ref().is_ok_and(|reply| reply.status == 0);
        self.session.heard(success);
        if switches_group {
            self.session.set_outdated();
        }
        outcome.map(|reply| Reply {
            status: reply.status,
            body: reply.body,
        })
    }
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
