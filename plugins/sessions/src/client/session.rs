//! A session on a connection: its services, its objects and its life.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use omero_plugin_api::{
    Context, Secret,
    provider::Call,
    services::{
        EventContext, OpenSession, Operation, admin, service_factory, sessions as session_service,
    },
    slice::{Encoding, Graph, Identity, Proxy, Value, encode},
};

use super::{ClientError, Router, heart::Heart, router::receive};
use crate::ice::Pending;

/// How long a call may take when its caller sets no limit: some commands of a server are long.
pub(super) const CALL_LIMIT: Duration = Duration::from_secs(600);

/// A session that is attached to a connection.
#[derive(Debug)]
pub struct OmeroSession {
    router: Router,
    factory: Proxy,
    key: Secret,
    server: String,
    port: u16,
    context: Mutex<Arc<EventContext>>,
    details: OpenSession,
    announced: Mutex<HashSet<Identity>>,
    services: Mutex<HashMap<String, Proxy>>,
    heart: OnceLock<Heart>,
    /// When a call last succeeded; none after one that did not.
    answered: Mutex<Option<Instant>>,
}

impl OmeroSession {
    /// Takes over a session that the router has just made or joined: detaches it from this
    /// connection's life, and learns whose it is and how long it lives.
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
    ) -> Result<Arc<Self>, ClientError> {
        let key = Secret::new(factory.identity.name.clone());
        let mut session = Self {
            router,
            factory,
            key,
            server: server.to_owned(),
            port,
            context: Mutex::default(),
            details: OpenSession::default(),
            announced: Mutex::default(),
            services: Mutex::default(),
            heart: OnceLock::new(),
            answered: Mutex::new(Some(Instant::now())),
        };
        let guessed = [admin::NAME, session_service::NAME].map(|name| session.guess(name));
        let [admin_guess, sessions_guess] = guessed;
        session.announce(&[session.factory.clone(), admin_guess, sessions_guess])?;

        let detach = session.start(&session.factory, &service_factory::DETACH_ON_DESTROY, &[])?;
        let names = [admin::NAME, session_service::NAME];
        let asked = [
            session.ask_service(names[0])?,
            session.ask_service(names[1])?,
        ];
        for (name, pending) in names.iter().zip(asked) {
            session.learn_service(name, pending)?;
        }
        receive(
            &detach.wait(CALL_LIMIT)?,
            &service_factory::DETACH_ON_DESTROY,
        )?;

        let (who, what) = session.describe_self()?;
        session.context = Mutex::new(Arc::new(who));
        session.details = what;
        let idle = session.details.time_to_idle;
        let session = Arc::new(session);
        session
            .heart
            .get_or_init(|| Heart::start(Arc::downgrade(&session), idle));
        Ok(session)
    }

    fn who(&self) -> Result<EventContext, ClientError> {
        let admin_proxy = self
            .known(admin::NAME)
            .unwrap_or_else(|| self.factory.clone());
        let who = self.start(&admin_proxy, &admin::GET_EVENT_CONTEXT, &[])?;
        let who = receive(&who.wait(CALL_LIMIT)?, &admin::GET_EVENT_CONTEXT)?;
        Ok(admin::event_context(&who)?)
    }

    fn describe_self(&self) -> Result<(EventContext, OpenSession), ClientError> {
        let admin_proxy = self
            .known(admin::NAME)
            .unwrap_or_else(|| self.factory.clone());
        let session_proxy = self
            .known(session_service::NAME)
            .unwrap_or_else(|| self.factory.clone());
        self.announce_new(&[admin_proxy.clone(), session_proxy.clone()])?;
        let who = self.start(&admin_proxy, &admin::GET_EVENT_CONTEXT, &[])?;
        let key = [Value::from(self.key.expose())];
        let what = self.start(&session_proxy, &session_service::GET_SESSION, &key)?;
        let who = receive(&who.wait(CALL_LIMIT)?, &admin::GET_EVENT_CONTEXT)?;
        let what = receive(&what.wait(CALL_LIMIT)?, &session_service::GET_SESSION)?;
        Ok((
            admin::event_context(&who)?,
            session_service::open_session(&what)?,
        ))
    }

    /// Whose session it is, at the time it was attached or last asked about.
    pub fn context(&self) -> Arc<EventContext> {
        Arc::clone(&lock(&self.context))
    }

    /// Asks anew whose session it is: its group may have been switched, here or elsewhere.
    ///
    /// # Errors
    ///
    /// The session has ended, or the connection is lost.
    pub fn ask_context(&self) -> Result<Arc<EventContext>, ClientError> {
        let answer = self.who();
        self.heard(answer.is_ok());
        let context = Arc::new(answer?);
        *lock(&self.context) = Arc::clone(&context);
        Ok(context)
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

    /// How long it lives and when it began.
    pub fn details(&self) -> &OpenSession {
        &self.details
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
        let reply = pending.wait(limit).map_err(ClientError::from);
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

    pub(super) fn ask_service(&self, name: &str) -> Result<Pending, ClientError> {
        self.start(
            &self.factory,
            &service_factory::GET_BY_NAME,
            &[Value::from(name)],
        )
    }

    pub(super) fn learn_service(&self, name: &str, pending: Pending) -> Result<Proxy, ClientError> {
        let reply = receive(&pending.wait(CALL_LIMIT)?, &service_factory::GET_BY_NAME)?;
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
    ) -> Result<Pending, ClientError> {
        let types = operation.input_types()?;
        let parameters: Vec<_> = types.iter().zip(arguments).collect();
        let encoded = encode(Encoding::V1_1, &parameters, &Graph::new())?;
        self.send(&Call {
            target: target.clone(),
            operation: operation.name.to_owned(),
            mode: operation.mode as u8,
            context: Vec::new(),
            parameters: encoded,
        })
    }

    pub(super) fn send(&self, call: &Call) -> Result<Pending, ClientError> {
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
        context.extend(call.context.iter().cloned());
        let pending = self.router.connection().begin(
            &call.target.identity,
            call.target.facet().as_deref(),
            &call.operation,
            call.mode,
            &context,
            &call.parameters,
        )?;
        Ok(self.router.sent(pending)?)
    }
}

impl Drop for OmeroSession {
    fn drop(&mut self) {
        // The session lives on: it was detached when it was attached.
        self.router.leave();
    }
}

/// The content of a mutex, also after a panic elsewhere: these collections are never left half
/// changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
