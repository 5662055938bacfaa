//! The router: its own operations, and what it lets through (Ice manual, "Glacier2").

use omero_plugin_api::slice::{Identity, Proxy, Value};

use super::Shared;
use super::dispatch::{
    Answer, Outcome, Trouble, decode_parameters, dispatch, find_operation, ice_object, is_router,
    to_status,
};
use super::frame::{Request, Status};
use super::journal::LoginRecord;
use super::model::{Login, LoginError};
use super::routing::RoutingTable;
use super::thrown::Thrown;

/// Type ids of the router object.
const TYPE_IDS: [&str; 3] = ["::Glacier2::Router", "::Ice::Object", "::Ice::Router"];

/// What the router knows of one connection.
#[derive(Debug, Default)]
pub struct Router {
    session: Option<RouterSession>,
    table: RoutingTable,
}

#[derive(Debug)]
struct RouterSession {
    /// Uuid that the client gave itself.
    client: String,
    /// Key of the OMERO session.
    key: String,
    /// Category for objects of the client, should the server want to call it.
    callbacks: String,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Verdict {
    /// A reply.
    Reply(Status),
    /// Nothing is said and the connection is closed.
    Drop,
}

impl Router {
    /// The client's uuid and its session's key, while it is logged in.
    pub fn session(&self) -> Option<(&str, &str)> {
        self.session
            .as_ref()
            .map(|session| (session.client.as_str(), session.key.as_str()))
    }

    /// Category that the router gave the client for its callbacks.
    pub fn callbacks(&self) -> Option<&str> {
        self.session
            .as_ref()
            .map(|session| session.callbacks.as_str())
    }

    /// Handles a request that has arrived on the connection.
    pub fn handle(&mut self, shared: &Shared, request: &Request) -> Verdict {
        if is_router(&request.identity) {
            return self.own_operation(shared, request);
        }
        let Some(session) = &self.session else {
            return Verdict::Drop;
        };
        let categories = [&session.key, &format!("session-{}", session.client)];
        if !categories.contains(&&request.identity.category) {
            return Verdict::Reply(Status::ObjectNotExist(request.operation.clone()));
        }
        if !self.table.find(&request.identity) {
            return Verdict::Reply(Status::ObjectNotExist("ice_add_proxy".to_owned()));
        }
        let now = shared.clock.now();
        let mut world = shared.world();
        if shared.config.drop_expired && world.model.expired.contains_key(&session.key) {
            return Verdict::Drop;
        }
        Verdict::Reply(dispatch(&mut world, &session.client, now, request))
    }

    /// Ends the session, as when the connection is lost.
    pub fn end_session(&mut self, shared: &Shared) -> bool {
        let Some(session) = self.session.take() else {
            return false;
        };
        self.table = RoutingTable::default();
        shared
            .world()
            .disconnect(&session.client, shared.clock.now());
        true
    }

    fn own_operation(&mut self, shared: &Shared, request: &Request) -> Verdict {
        let operation = match find_operation(request, "Router") {
            Ok(operation) => operation,
            Err(status) => return Verdict::Reply(status),
        };
        let arguments = match decode_parameters(request, operation) {
            Ok((arguments, _)) => arguments,
            Err(status) => return Verdict::Reply(status),
        };
        let Some(outcome) = self.run(shared, request, operation.name, &arguments) else {
            return Verdict::Drop;
        };
        Verdict::Reply(to_status(request, operation, outcome))
    }

    /// `None` when the operation needs a session and there is none.
    fn run(
        &mut self,
        shared: &Shared,
        request: &Request,
        operation: &str,
        arguments: &[Value],
    ) -> Option<Outcome> {
        Some(match operation {
            "createSession" => self.create_session(shared, request, arguments),
            "destroySession" if self.end_session(shared) => Ok(Answer::default()),
            "refreshSession" if self.session.is_some() => Ok(Answer::default()),
            "destroySession" | "refreshSession" => Err(Thrown::session_not_exist().into()),
            "getSessionTimeout" => Ok(Answer::of(i64::from(shared.config.router_timeout))),
            "getACMTimeout" => Ok(Answer::of(shared.config.router_timeout)),
            "getCategoryForClient" => Ok(Answer::of(self.session.as_ref()?.callbacks.as_str())),
            "getServerProxy" => {
                let category = self.session.as_ref()?.callbacks.clone();
                Ok(Answer::of(
                    shared.world().proxy(Identity::new(category, "dummy")),
                ))
            }
            "getClientProxy" => self
                .session
                .as_ref()
                .map(|_| Ok(Answer::of(None::<Proxy>)))?,
            "addProxies" => {
                self.session.as_ref()?;
                self.add_proxies(arguments)
            }
            _ => ice_object(operation, arguments, &TYPE_IDS.map(String::from)),
        })
    }

    fn add_proxies(&mut self, arguments: &[Value]) -> Outcome {
        let [proxies] = arguments else {
            return Ok(Answer::default());
        };
        let given: Result<Vec<_>, _> = proxies.as_seq()?.iter().map(Value::as_proxy).collect();
        let evicted = self.table.add(given?.into_iter().flatten().cloned());
        let evicted: Vec<Value> = evicted.into_iter().map(Value::from).collect();
        Ok(Answer::of(evicted))
    }

    fn create_session(
        &mut self,
        shared: &Shared,
        request: &Request,
        arguments: &[Value],
    ) -> Outcome {
        if self.session.is_some() {
            return Err(Thrown::cannot_create_session("session exists").into());
        }
        let [user, password] = arguments else {
            return Ok(Answer::default());
        };
        let text = |key: &str| request.context(key).map(str::to_owned);
        let login = Login {
            user: user.as_str()?.to_owned(),
            password: password.as_str()?.to_owned(),
            group: text("omero.group").unwrap_or_default(),
            agent: text("omero.agent"),
            ip: text("omero.ip"),
            event_type: text("omero.event").unwrap_or_default(),
        };
        let client = text("omero.client.uuid");
        let result = connect(shared, client.as_deref(), &login);
        shared.journal.write().logins.push(LoginRecord {
            user: login.user,
            password: login.password,
            group: text("omero.group"),
            agent: login.agent,
            client: client.clone(),
            session: result.as_ref().ok().cloned(),
        });
        let (key, client) = (result?, client.unwrap_or_default());
        let identity = Identity::new(format!("session-{client}"), key.clone());
        let callbacks = uuid::Uuid::new_v4().simple().to_string();
        self.session = Some(RouterSession {
            client,
            key,
            callbacks,
        });
        Ok(Answer::of(shared.world().proxy(identity)))
    }
}

/// The verifier comes first, so a wrong password is refused before a missing uuid is noticed.
pub fn connect(shared: &Shared, client: Option<&str>, login: &Login) -> Result<String, Trouble> {
    let mut world = shared.world();
    let now = shared.clock.now();
    let refused = |error| match error {
        LoginError::Denied(reason) => Thrown::permission_denied(&reason),
        LoginError::Failed(class, reason) => Thrown::wrapped(class, &reason),
    };
    let Some(client) = client else {
        let key = world.model.log_in(login, now).map_err(refused)?;
        world.model.release(&key, false, now);
        return Err(Thrown::wrapped("omero.ApiUsageException", "").into());
    };
    Ok(world.connect(client, login, now).map_err(refused)?)
}
