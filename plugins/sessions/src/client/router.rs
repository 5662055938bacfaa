//! The Glacier2 router: the one object that every connection talks to first.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use omero_plugin_api::{
    Context, Secret,
    context::CancelGuard,
    services::{CallError, Operation},
    slice::{Decoded, Encoding, Graph, Identity, Limits, Proxy, Value, decode_with, encode},
};

use super::ClientError;
use crate::ice::{Cancelled, Connection, Endpoint, IceError, OpenOptions, Pending, RawReply};

const CREATE_SESSION: Operation = Operation::normal(
    "createSession",
    &["string", "string"],
    &["prx(::Glacier2::Session)"],
);
const DESTROY_SESSION: Operation = Operation::normal("destroySession", &[], &[]);
const GET_SESSION_TIMEOUT: Operation = Operation::nonmutating("getSessionTimeout", &[], &["long"]);
const ADD_PROXIES: Operation = Operation::idempotent(
    "addProxies",
    &["seq<prx(::Ice::Object)>"],
    &["seq<prx(::Ice::Object)>"],
);

/// How long the server may take to check a password. After a wrong one it delays its answer.
const LOGIN_LIMIT: Duration = Duration::from_secs(60);
/// How long any other answer of the router may take.
const ROUTER_LIMIT: Duration = Duration::from_secs(30);
/// How long leaving may take: nobody waits for it.
const LEAVE_LIMIT: Duration = Duration::from_secs(2);

/// What this program calls itself; the server shows it in its list of sessions.
const AGENT: &str = "OMERO.sessions";

/// Who logs in.
#[derive(Debug)]
pub struct Credentials<'a> {
    /// The login name; the session's key when joining.
    pub user: &'a str,
    /// The password; the session's key when joining.
    pub password: &'a Secret,
    /// The name of the group to log in to; `None` is the user's default group.
    pub group: Option<&'a str>,
}

/// A connection to a router. While it lives, Ctrl-C ends every wait for an answer.
#[derive(Debug)]
pub struct Router {
    connection: Arc<Connection>,
    client_uuid: String,
    cancelled: Cancelled,
    interrupt: Mutex<CancelGuard>,
}

impl Router {
    /// Connects. Nothing secret is sent yet.
    ///
    /// # Errors
    ///
    /// See [`crate::ice::IceError`].
    pub fn connect(
        ctx: &Context,
        endpoint: &Endpoint,
        options: &OpenOptions,
    ) -> Result<Self, ClientError> {
        let connection = Connection::open(endpoint, options)?;
        let interrupt = interrupter(ctx, &connection);
        Ok(Self {
            connection,
            client_uuid: uuid::Uuid::new_v4().to_string(),
            cancelled: options.cancelled.clone(),
            interrupt: Mutex::new(interrupt),
        })
    }

    /// The connection underneath.
    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// A call that was just sent. Ctrl-C ends it from now on, and is noticed here if it came first.
    ///
    /// # Errors
    ///
    /// The user asked to stop.
    pub fn sent(&self, pending: Pending) -> Result<Pending, IceError> {
        match self.cancelled.is_set() {
            true => Err(IceError::Interrupted),
            false => Ok(pending),
        }
    }

    /// The name under which the server knows this client.
    pub fn client_uuid(&self) -> &str {
        &self.client_uuid
    }

    /// Logs in, or joins a session; returns the proxy of the service factory.
    ///
    /// # Errors
    ///
    /// [`ClientError::Denied`] for a wrong password or an ended session. The connection can be
    /// used to try again.
    pub fn create_session(&self, credentials: &Credentials<'_>) -> Result<Proxy, ClientError> {
        let mut context = vec![
            ("omero.client.uuid".to_owned(), self.client_uuid.clone()),
            ("omero.agent".to_owned(), AGENT.to_owned()),
        ];
        if let Some(group) = credentials.group {
            context.push(("omero.group".to_owned(), group.to_owned()));
        }
        let arguments = [
            Value::from(credentials.user),
            Value::from(credentials.password.expose()),
        ];
        let pending = self.begin(&CREATE_SESSION, &arguments, &context)?;
        // Who answers before a login may be anybody, and a proxy is small.
        let limits = Limits::before_login();
        let reply = receive_with(&pending.wait(LOGIN_LIMIT)?, &CREATE_SESSION, &limits)?;
        match reply.values.into_iter().next() {
            Some(Value::Proxy(Some(factory))) => Ok(*factory),
            _ => Err(ClientError::Refused(
                "the server made no session".to_owned(),
            )),
        }
    }

    /// Lets Ctrl-C end the waits of this command, as those of the one that connected before.
    pub fn interrupt_for(&self, ctx: &Context) {
        let interrupt = interrupter(ctx, &self.connection);
        *self
            .interrupt
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = interrupt;
    }

    /// Makes proxies usable as targets on this connection.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub fn add_proxies(&self, proxies: &[Proxy]) -> Result<(), ClientError> {
        let values = proxies
            .iter()
            .map(|proxy| Value::from(proxy.clone()))
            .collect();
        let context = self.context();
        let pending = self.begin(&ADD_PROXIES, &[Value::Seq(values)], &context)?;
        receive(&pending.wait(ROUTER_LIMIT)?, &ADD_PROXIES)?;
        Ok(())
    }

    /// After how much silence the router drops a connection.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub fn session_timeout(&self) -> Result<Duration, ClientError> {
        let context = self.context();
        let pending = self.begin(&GET_SESSION_TIMEOUT, &[], &context)?;
        let reply = receive(&pending.wait(ROUTER_LIMIT)?, &GET_SESSION_TIMEOUT)?;
        let seconds = reply.values.first().map_or(Ok(0), Value::as_long)?;
        Ok(Duration::from_secs(seconds.try_into().unwrap_or_default()))
    }

    /// Leaves: the router forgets this client, and the connection is closed in good order. What
    /// becomes of the session depends on `detachOnDestroy`.
    pub fn leave(&self) {
        let context = self.context();
        if let Ok(pending) = self.begin(&DESTROY_SESSION, &[], &context) {
            // Closing the connection has the same effect; asking first only makes it orderly.
            let _ = pending.wait(LEAVE_LIMIT);
        }
        self.connection.close();
    }

    /// The context that goes with every request.
    fn context(&self) -> Vec<(String, String)> {
        vec![("omero.client.uuid".to_owned(), self.client_uuid.clone())]
    }

    fn begin(
        &self,
        operation: &Operation,
        arguments: &[Value],
        context: &[(String, String)],
    ) -> Result<Pending, ClientError> {
        let types = operation.input_types()?;
        let parameters: Vec<_> = types.iter().zip(arguments).collect();
        let encoded = encode(Encoding::V1_1, &parameters, &Graph::new())?;
        let identity = Identity::new("OMERO.Glacier2", "router");
        let mode = operation.mode as u8;
        let pending =
            self.connection
                .begin(&identity, None, operation.name, mode, context, &encoded)?;
        Ok(self.sent(pending)?)
    }
}

fn interrupter(ctx: &Context, connection: &Arc<Connection>) -> CancelGuard {
    let weak = Arc::downgrade(connection);
    ctx.on_cancel(move || {
        if let Some(connection) = weak.upgrade() {
            connection.interrupt();
        }
    })
}

/// The results in a reply, or what its exception means.
pub fn receive(reply: &RawReply, operation: &Operation) -> Result<Decoded, CallError> {
    receive_with(reply, operation, &Limits::for_reply(reply.body.len()))
}

/// The results in a reply, decoded within limits, or what its exception means.
fn receive_with(
    reply: &RawReply,
    operation: &Operation,
    limits: &Limits,
) -> Result<Decoded, CallError> {
    match reply.status {
        0 => Ok(decode_with(
            &reply.body,
            &operation.output_types()?,
            limits,
        )?),
        status => Err(CallError::from_reply(status, &reply.body, operation.name)),
    }
}
