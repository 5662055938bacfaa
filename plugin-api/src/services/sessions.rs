//! `ISession`: opening, reading and closing sessions.

use super::{CallError, OpenSession, Operation, view::returned};
use crate::{
    Session,
    slice::{Decoded, Graph, Proxy, Value},
};

/// The service's OMERO name.
pub const NAME: &str = "omero.api.ISession";

/// A session by its key.
pub const GET_SESSION: Operation =
    Operation::idempotent("getSession", &["string"], &["@::omero::model::Session"]);
/// Takes back one reference to a session; returns how many are left.
pub const CLOSE_SESSION: Operation =
    Operation::normal("closeSession", &["@::omero::model::Session"], &["int"]);
/// Opens a session for a principal, with its time to live in milliseconds.
pub const CREATE_WITH_TIMEOUT: Operation = Operation::normal(
    "createSessionWithTimeout",
    &["@::omero::sys::Principal", "long"],
    &["@::omero::model::Session"],
);
/// As [`CREATE_WITH_TIMEOUT`], with the time to idle after it.
pub const CREATE_WITH_TIMEOUTS: Operation = Operation::normal(
    "createSessionWithTimeouts",
    &["@::omero::sys::Principal", "long", "long"],
    &["@::omero::model::Session"],
);

/// No honest server needs more rounds to close a session; a broken one must not hold us for ever.
const CLOSE_ROUNDS: usize = 1000;

/// The session service.
///
/// ```
/// use omero_plugin_api::{Session, services::{CallError, Sessions}};
///
/// /// After how many idle minutes the session ends.
/// fn idle_minutes(session: &Session) -> Result<i64, CallError> {
///     let open = Sessions::of(session)?.get(session.key().expose())?;
///     Ok(open.time_to_idle / 60_000)
/// }
/// # use omero_plugin_api::services::{OpenSession, sessions};
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let open = OpenSession { time_to_idle: 600_000, ..OpenSession::default() };
/// # let fake = FakeSession::new().reply(&sessions::GET_SESSION, Answer::open_session(&open));
/// # assert_eq!(idle_minutes(&fake.session()).unwrap(), 10);
/// ```
#[derive(Debug, Clone)]
pub struct Sessions {
    session: Session,
    proxy: Proxy,
}

impl Sessions {
    /// The service on this session.
    ///
    /// # Errors
    ///
    /// The connection is lost or the session has ended.
    pub fn of(session: &Session) -> Result<Self, CallError> {
        Ok(Self {
            session: session.clone(),
            proxy: session.service(NAME)?,
        })
    }

    /// The session with this key.
    ///
    /// # Errors
    ///
    /// `::omero::RemovedSessionException` where there is none.
    pub fn get(&self, uuid: &str) -> Result<OpenSession, CallError> {
        let reply = self.session.call(
            &self.proxy,
            &GET_SESSION,
            &[Value::from(uuid)],
            &Graph::new(),
        )?;
        open_session(&reply)
    }

    /// Ends a session for good, whoever else is attached to it: closing is repeated until no
    /// reference is left.
    ///
    /// # Errors
    ///
    /// See [`CallError`]. That the session is gone already is no error.
    pub fn close(&self, uuid: &str) -> Result<(), CallError> {
        for _ in 0..CLOSE_ROUNDS {
            let mut graph = Graph::new();
            let session = graph.new_object("::omero::model::Session")?;
            let key = graph.rstring(uuid);
            graph.set(session, "_uuid", key)?;
            graph.set(session, "_loaded", true)?;
            let argument = [Value::Object(Some(session))];
            match self
                .session
                .call(&self.proxy, &CLOSE_SESSION, &argument, &graph)
            {
                Ok(reply) if super::view::first(&reply)?.as_int()? > 0 => {}
                Ok(_) => return Ok(()),
                Err(error) if error.is_session_lost() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Opens a session for another user, who needs no password for it; only administrators with
    /// the privilege `Sudo` and owners of the user's group may.
    ///
    /// `group` may be empty for the user's default group. Times are milliseconds; 0 is the
    /// server's own limit.
    ///
    /// # Errors
    ///
    /// `::omero::SecurityViolation` where it is not allowed.
    pub fn create_for(
        &self,
        user: &str,
        group: &str,
        time_to_live: i64,
        time_to_idle: Option<i64>,
    ) -> Result<OpenSession, CallError> {
        let mut graph = Graph::new();
        let principal = graph.new_object("::omero::sys::Principal")?;
        graph.set(principal, "name", user)?;
        graph.set(principal, "group", group)?;
        graph.set(principal, "eventType", "User")?;
        let mut arguments = vec![Value::Object(Some(principal)), Value::Long(time_to_live)];
        let operation = match time_to_idle {
            Some(idle) => {
                arguments.push(Value::Long(idle));
                &CREATE_WITH_TIMEOUTS
            }
            None => &CREATE_WITH_TIMEOUT,
        };
        open_session(
            &self
                .session
                .call(&self.proxy, operation, &arguments, &graph)?,
        )
    }
}

/// Reads the reply to [`GET_SESSION`].
///
/// # Errors
///
/// A reply without a session.
pub fn open_session(reply: &Decoded) -> Result<OpenSession, CallError> {
    Ok(OpenSession::read(&returned(reply)?)?)
}
