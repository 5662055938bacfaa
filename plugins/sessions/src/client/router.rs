//! The Glacier2 router: the one object that every connection talks to first.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use omero_plugin_api::{
    Context, Secret,
    context::CancelGuard,
    services::{CallError, Operation},
    slice::{
        Decoded, Encoding, Graph, Identity, Limits, Proxy, UserException, Value, decode_with,
        encode,
    },
};

use super::{ClientError, refusal::Refusal};
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
/// How long leaving may take.
const LEAVE_LIMIT: Duration = Duration::from_secs(2);
/// How long a shielded call may still take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// What this program calls itself; the server shows it in its list of sessions.
const AGENT: &str = "OMERO.sessions";

/// A connection to a router. While it lives, Ctrl-C ends every wait for an answer, except while it
/// is shielded.
#[derive(Debug)]
pub struct Router {
    connection: Arc<Connection>,
    client_uuid: String,
    cancelled: Cancelled,
    /// After this time no answer is waited for.
    deadline: Option<Instant>,
    /// `None` while the connection is shielded.
    interrupt: Mutex<Option<CancelGuard>>,
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
            deadline: options.deadline,
            interrupt: Mutex::new(Some(interrupt)),
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
        if self.cancelled.is_set() && !self.is_shielded() {
            Err(IceError::Interrupted)
        } else {
            Ok(pending)
        }
    }

    /// Waits for the reply to a call. A shielded call goes on after Ctrl-C for [`GRACE`].
    ///
    /// # Errors
    ///
    /// See [`Pending::wait`].
    pub fn wait(&self, pending: Pending, limit: Duration) -> Result<RawReply, IceError> {
        let limit = match self.deadline {
            Some(deadline) => limit.min(deadline.saturating_duration_since(Instant::now())),
            None => limit,
        };
        if self.is_shielded() {
            pending.wait_unless(limit, || self.cancelled.is_set(), GRACE)
        } else {
            pending.wait(limit)
        }
    }

    /// Protects the calls to come from Ctrl-C until [`Self::interrupt_for`]: for steps whose answer
    /// decides whether a session is left on the server.
    pub fn shield(&self) {
        *self.interrupt() = None;
    }

    fn is_shielded(&self) -> bool {
        self.interrupt().is_none()
    }

    fn interrupt(&self) -> MutexGuard<'_, Option<CancelGuard>> {
        self.interrupt
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The name under which the server knows this client.
    pub fn client_uuid(&self) -> &str {
        &self.client_uuid
    }

    /// Logs in with a password, to the user's default group if `group` is `None`; returns the proxy
    /// of the new session's service factory. The session ends with this connection unless it is
    /// detached.
    ///
    /// # Errors
    ///
    /// [`ClientError::Denied`] for a wrong password. The connection can be used to try again.
    pub fn log_in(
        &self,
        user: &str,
        password: &Secret,
        group: Option<&str>,
    ) -> Result<Proxy, ClientError> {
        let answer = self.create_session(user, password, group)?;
        answer.map_err(|refused| Refusal::of(&refused).of_login())
    }

    /// Joins the session of a key; returns the proxy of its service factory.
    ///
    /// # Errors
    ///
    /// [`ClientError::Ended`] if the server refuses the key itself, whatever its reason.
    pub fn join(&self, key: &Secret, group: Option<&str>) -> Result<Proxy, ClientError> {
        let answer = self.create_session(key.expose(), key, group)?;
        answer.map_err(|refused| Refusal::of(&refused).of_join())
    }

    /// What the server answers to `createSession`, which both logs in and joins.
    fn create_session(
        &self,
        user: &str,
        password: &Secret,
        group: Option<&str>,
    ) -> Result<Result<Proxy, Box<UserException>>, ClientError> {
        let mut context = vec![
            ("omero.client.uuid".to_owned(), self.client_uuid.clone()),
            ("omero.agent".to_owned(), AGENT.to_owned()),
        ];
        if let Some(group) = group {
            context.push(("omero.group".to_owned(), group.to_owned()));
        }
        let arguments = [Value::from(user), Value::from(password.expose())];
        let pending = self.begin(&CREATE_SESSION, &arguments, &context)?;
        // Who answers before a login may be anybody, and a proxy is small.
        let limits = Limits::before_login();
        let reply = self.wait(pending, LOGIN_LIMIT)?;
        let reply = match receive_with(&reply, &CREATE_SESSION, &limits) {
            Ok(reply) => reply,
            Err(CallError::Exception(refused)) => return Ok(Err(refused)),
            Err(other) => return Err(other.into()),
        };
        match reply.values.into_iter().next() {
            Some(Value::Proxy(Some(factory))) => Ok(Ok(*factory)),
            _ => Err(ClientError::Refused(
                "the server made no session".to_owned(),
            )),
        }
    }

    /// Lets Ctrl-C end the waits of this command, as those of the one that connected before.
    pub fn interrupt_for(&self, ctx: &Context) {
        let interrupt = interrupter(ctx, &self.connection);
        *self.interrupt() = Some(interrupt);
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
        receive(&self.wait(pending, ROUTER_LIMIT)?, &ADD_PROXIES)?;
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
        let reply = receive(&self.wait(pending, ROUTER_LIMIT)?, &GET_SESSION_TIMEOUT)?;
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
        let mode = operation.mode.number();
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
