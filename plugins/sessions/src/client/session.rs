//! A session on a connection: its services, its objects and its life.

mod about;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, atomic::AtomicBool},
    time::{Duration, Instant},
};

use omero_plugin_api::{
    Context, Secret,
    provider::Request,
    services::{
        EventContext, OpenSession, Operation, admin, service_factory, sessions as session_service,
    },
    slice::{Encoding, Graph, Identity, Proxy, Value, encode},
};

use super::{ClientError, Router, heart::Heart, router::receive};
use crate::ice::{Failure, Pending, RawReply};

/// How long a call may take when its caller sets no limit: some commands of a server are long.
pub(super) const CALL_LIMIT: Duration = Duration::from_secs(600);

/// How a connection came by its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was made at this login: it ends with its connection until it is detached.
    New,
    /// It was there before, and stays whatever becomes of the connection.
    Joined,
}

/// A session that is attached to a connection.
#[derive(Debug)]
pub struct OmeroSession {
    router: Router,
    factory: Proxy,
    key: Secret,
    server: String,
    port: u16,
    context: Mutex<Arc<EventContext>>,
    details: Mutex<OpenSession>,
    announced: Mutex<HashSet<Identity>>,
    services: Mutex<HashMap<String, Proxy>>,
    /// Whether a call has changed `context` or `details` on the server.
    outdated: AtomicBool,
    heart: OnceLock<Heart>,
    /// When a call last succeeded; none after one that did not.
    answered: Mutex<Option<Instant>>,
}

impl OmeroSession {
    /// Takes over a session that the router has just made or joined, and learns whose it is and how
    /// long it lives. A joined session is detached from this connection's life at once. A new one
    /// ends with the connection until [`Self::detach`], so that a login that fails halfway leaves
    /// nothing on the server.
    ///
    /// Three round trips: announce the objects, ask for the services, ask the services. The
    /// services' identities follow a rule (`<client uuid><name>` in the category `<session key>`),
    /// so they are announced together with the factory; where a server does otherwise, one more
    /// round trip announces what it answered.
    ///
    /// # Errors
    ///
    /// The session ended meanwhile, or the connection is lost.
    pub fn establish(
        router: Router,
        factory: Proxy,
        server: &str,
        port: u16,
        origin: Origin,
    ) -> Result<Arc<Self>, ClientError> {
        let key = Secret::new(factory.identity.name.clone());
        let session = Self {
            router,
            factory,
            key,
            server: server.to_owned(),
            port,
            context: Mutex::default(),
            details: Mutex::default(),
            announced: Mutex::default(),
            services: Mutex::default(),
            outdated: AtomicBool::new(false),
            heart: OnceLock::new(),
            answered: Mutex::new(Some(Instant::now())),
        };
        let guessed = [admin::NAME, session_service::NAME].map(|name| session.guess(name));
        let [admin_guess, sessions_guess] = guessed;
        session.announce(&[session.factory.clone(), admin_guess, sessions_guess])?;

        let detach = match origin {
            Origin::Joined => Some(session.ask_to_detach()?),
            Origin::New => None,
        };
        let names = [admin::NAME, session_service::NAME];
        let asked = [
            session.ask_service(names[0])?,
            session.ask_service(names[1])?,
        ];
        for (name, pending) in names.iter().zip(asked) {
            session.learn_service(name, pending)?;
        }
        if let Some(detach) = detach {
            let reply = session.wait(detach, CALL_LIMIT)?;
            receive(&reply, &service_factory::DETACH_ON_DESTROY)?;
        }

        session.read_again()?;
        let idle = session.details().time_to_idle;
        let session = Arc::new(session);
        session
            .heart
            .get_or_init(|| Heart::start(Arc::downgrade(&session), idle));
        Ok(session)
    }

    fn ask_to_detach(&self) -> Result<Sent, ClientError> {
        self.start(&self.factory, &service_factory::DETACH_ON_DESTROY, &[])
    }

    /// Lets a new session outlive its connection. Ctrl-C does not interrupt this: afterwards the
    /// session either lives on or ends with the connection, and the caller knows which.
    ///
    /// # Errors
    ///
    /// The server refused, or the connection is lost; in the latter case the session may live on.
    pub fn detach(&self, ctx: &Context) -> Result<(), ClientError> {
        self.router.shield();
        let outcome = self
            .ask_to_detach()
            .and_then(|pending| self.wait(pending, CALL_LIMIT))
            .and_then(|reply| Ok(receive(&reply, &service_factory::DETACH_ON_DESTROY)?));
        self.router.interrupt_for(ctx);
        outcome.map(drop)
    }

    /// Protects the calls to come from Ctrl-C: what is left to do is to end sessions.
    pub fn shield(&self) {
        self.router.shield();
    }

    /// Lets Ctrl-C end every wait for an answer on behalf of this command.
    pub fn interrupt_for(&self, ctx: &Context) {
        self.router.interrupt_for(ctx);
    }

    /// Whether the connection stands and the session is known to live: a call has succeeded within
    /// this time and none has failed since.
    pub fn is_fresh(&self, within: Duration) -> bool {
        self.router.connection().ended().is_none()
            && lock(&self.answered).is_some_and(|at| at.elapsed() < within)
    }

    /// Takes down whether a call succeeded.
    pub(super) fn heard(&self, success: bool) {
        *lock(&self.answered) = success.then(Instant::now);
    }

    /// The server as the user named it, and the port.
    pub(super) fn place(&self) -> (&str, u16) {
        (&self.server, self.port)
    }

    /// The key: a credential.
    pub(super) fn key(&self) -> &Secret {
        &self.key
    }

    /// The service factory.
    pub(super) fn factory(&self) -> &Proxy {
        &self.factory
    }

    /// Tells the server that the session is in use.
    ///
    /// # Errors
    ///
    /// The session has ended, or the connection is lost.
    pub fn keep_alive(&self) -> Result<(), ClientError> {
        self.keep_alive_within(CALL_LIMIT)
    }

    /// As [`Self::keep_alive`], with a time limit.
    ///
    /// # Errors
    ///
    /// As there; no answer in time.
    pub fn keep_alive_within(&self, limit: Duration) -> Result<(), ClientError> {
        let arguments = [Value::Proxy(None)];
        let pending = self.start(&self.factory, &service_factory::KEEP_ALIVE, &arguments)?;
        let reply = self.wait(pending, limit);
        let outcome = reply.and_then(|reply| Ok(receive(&reply, &service_factory::KEEP_ALIVE)?));
        self.heard(outcome.is_ok());
        outcome.map(drop)
    }

    /// Ends all waits for answers with [`crate::ice::IceError::Interrupted`].
    pub fn interrupt(&self) {
        self.router.connection().interrupt();
    }

    /// How long the router keeps a silent connection.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub(super) fn longest_silence(&self) -> Result<Duration, ClientError> {
        self.router.session_timeout()
    }

    /// Keeps the connection open. The session's idle time goes on.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub(super) fn heartbeat(&self) -> Result<(), ClientError> {
        Ok(self.router.connection().heartbeat()?)
    }

    /// The proxy that a stateless service will have, by OMERO's rule.
    fn guess(&self, name: &str) -> Proxy {
        let name = format!("{}{name}", self.router.client_uuid());
        self.factory
            .with_identity(Identity::new(self.key.expose(), name))
    }

    pub(super) fn ask_service(&self, name: &str) -> Result<Sent, ClientError> {
        self.start(
            &self.factory,
            &service_factory::GET_BY_NAME,
            &[Value::from(name)],
        )
    }

    pub(super) fn learn_service(&self, name: &str, sent: Sent) -> Result<Proxy, ClientError> {
        let reply = receive(&self.wait(sent, CALL_LIMIT)?, &service_factory::GET_BY_NAME)?;
        match reply.values.into_iter().next() {
            Some(Value::Proxy(Some(proxy))) => {
                let proxy = *proxy;
                if proxy != self.guess(name) {
                    // What was announced leads elsewhere: announce the real one before its use.
                    lock(&self.announced).remove(&proxy.identity);
                }
                lock(&self.services).insert(name.to_owned(), proxy.clone());
                Ok(proxy)
            }
            _ => Err(ClientError::Refused(format!(
                "the server has no service `{name}`"
            ))),
        }
    }

    pub(super) fn known(&self, name: &str) -> Option<Proxy> {
        lock(&self.services).get(name).cloned()
    }

    /// Tells the router about objects, all in one request.
    pub(super) fn announce(&self, proxies: &[Proxy]) -> Result<(), ClientError> {
        self.router.add_proxies(proxies)?;
        lock(&self.announced).extend(proxies.iter().map(|proxy| proxy.identity.clone()));
        Ok(())
    }

    /// As [`Self::announce`], for those that were not announced yet.
    pub(super) fn announce_new(&self, proxies: &[Proxy]) -> Result<(), ClientError> {
        let new: Vec<Proxy> = {
            let announced = lock(&self.announced);
            proxies
                .iter()
                .filter(|p| !announced.contains(&p.identity))
                .cloned()
                .collect()
        };
        if new.is_empty() {
            Ok(())
        } else {
            self.announce(&new)
        }
    }

    fn start(
        &self,
        target: &Proxy,
        operation: &Operation,
        arguments: &[Value],
    ) -> Result<Sent, ClientError> {
        let types = operation.input_types()?;
        let parameters: Vec<_> = types.iter().zip(arguments).collect();
        let encoded = encode(Encoding::V1_1, &parameters, &Graph::new())?;
        self.send(Request {
            target: target.clone(),
            operation: operation.name.to_owned(),
            mode: operation.mode,
            context: Vec::new(),
            parameters: encoded,
        })
    }

    /// Waits for the reply to a call. One whose target the router has dropped from its full table,
    /// and which it did not run for that reason, is sent once more.
    pub(super) fn wait(&self, sent: Sent, limit: Duration) -> Result<RawReply, ClientError> {
        let Sent { request, pending } = sent;
        let reply = self.router.wait(pending, limit)?;
        if !is_not_announced(&reply) {
            return Ok(reply);
        }
        self.announce(std::slice::from_ref(&request.target))?;
        let again = self.send(request)?;
        Ok(self.router.wait(again.pending, limit)?)
    }

    pub(super) fn send(&self, request: Request) -> Result<Sent, ClientError> {
        let mut context = vec![
            (
                "omero.client.uuid".to_owned(),
                self.router.client_uuid().to_owned(),
            ),
            (
                "omero.session.uuid".to_owned(),
                self.key.expose().to_owned(),
            ),
        ];
        context.extend(request.context.iter().cloned());
        let pending = self.router.connection().begin(
            &request.target.identity,
            request.target.facet().as_deref(),
            &request.operation,
            request.mode.number(),
            &context,
            &request.parameters,
        )?;
        let pending = self.router.sent(pending)?;
        Ok(Sent { request, pending })
    }
}

/// A call that is under way, with what is needed to send it once more.
pub(super) struct Sent {
    request: Request,
    pending: Pending,
}

impl Sent {
    /// The name of the operation.
    pub(super) fn operation(&self) -> &str {
        &self.request.operation
    }
}

/// What the router answers for an object that this connection did not announce, or that it dropped.
const NOT_ANNOUNCED: &str = "ice_add_proxy";

/// Whether the router did not know the target of a call.
fn is_not_announced(reply: &RawReply) -> bool {
    matches!(
        reply.failure(),
        Ok(Some(Failure::NotExist { status: 2, operation, .. })) if operation == NOT_ANNOUNCED
    )
}

impl Drop for OmeroSession {
    fn drop(&mut self) {
        // A session that was detached lives on.
        self.router.leave();
    }
}

/// The content of a mutex, also after a panic elsewhere: these collections are never left half
/// changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
