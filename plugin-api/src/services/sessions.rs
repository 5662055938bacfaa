//! `ISession`: opening, reading and closing sessions.
//!
//! ```
//! use omero_plugin_api::{
//!     Session,
//!     services::{CallError, Sessions},
//! };
//!
//! /// Ends the session that a task was given, and says how many milliseconds it could have idled.
//! fn end(own: &Session, task: &str) -> Result<i64, CallError> {
//!     let sessions = Sessions::of(own)?;
//!     let idle = sessions.get(task)?.time_to_idle;
//!     sessions.close(task)?;
//!     Ok(idle)
//! }
//! # use omero_plugin_api::{services::{OpenSession, sessions}, testing::{Answer, FakeSession}};
//! # let open = OpenSession { time_to_idle: 5, ..OpenSession::default() };
//! # let fake = FakeSession::new()
//! #     .reply(&sessions::GET_SESSION, Answer::open_session(&open))
//! #     .reply(&sessions::CLOSE_SESSION, Answer::value(0));
//! # assert_eq!(end(&fake.session(), "key")?, 5);
//! # Ok::<(), CallError>(())
//! ```

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

/// A limit, so that a server that never lets a session go does not keep the caller for ever.
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
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Sessions, sessions};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let fake = FakeSession::new().reply(&sessions::CLOSE_SESSION, Answer::value(0));
    /// # let session = fake.session();
    /// let sessions = Sessions::of(&session)?;
    /// for key in ["1f2e", "3d4c"] {
    ///     sessions.close(key)?;
    /// }
    /// # assert_eq!(fake.calls().len(), 2);
    /// # Ok::<(), CallError>(())
    /// ```
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
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, OpenSession, Sessions, sessions};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let open = OpenSession { agent: Some("OMERO.web".into()), ..OpenSession::default() };
    /// # let open = Answer::open_session(&open);
    /// # let session = FakeSession::new().reply(&sessions::GET_SESSION, open).session();
    /// let own = Sessions::of(&session)?.get(session.key().expose())?;
    /// assert_eq!(own.agent.as_deref(), Some("OMERO.web"));
    /// # Ok::<(), CallError>(())
    /// ```
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
    /// See [`CallError`]. That the session is gone already is no error; that it is still open
    /// after 1000 requests is. So is the loss of the session that asks, unless it is the one to end.
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Sessions, sessions};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// // Two programs are attached, so one request is not enough.
    /// let fake = FakeSession::new()
    ///     .reply(&sessions::CLOSE_SESSION, Answer::value(1))
    ///     .reply(&sessions::CLOSE_SESSION, Answer::value(0));
    /// Sessions::of(&fake.session())?.close("1f2e")?;
    /// assert_eq!(fake.calls().len(), 2);
    /// # Ok::<(), CallError>(())
    /// ```
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
                // Only the loss of the session that is being ended is what was asked for.
                Err(error) if error.is_session_lost() && uuid == self.session.key().expose() => {
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Err(CallError::Unknown {
            operation: CLOSE_SESSION.name.to_owned(),
            text: format!("the session is still open after {CLOSE_ROUNDS} requests"),
        })
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
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, OpenSession, Sessions, sessions};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let open = OpenSession { uuid: "1f2e".into(), ..OpenSession::default() };
    /// # let open = Answer::open_session(&open);
    /// # let session = FakeSession::new().reply(&sessions::CREATE_WITH_TIMEOUTS, open).session();
    /// let ten_minutes = Some(10 * 60 * 1000);
    /// let opened = Sessions::of(&session)?.create_for("ada", "", 0, ten_minutes)?;
    /// assert!(!opened.uuid.is_empty(), "what `ada` logs in with");
    /// # Ok::<(), CallError>(())
    /// ```
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
///
/// For a request that was begun by hand, together with others:
///
/// ```
/// use omero_plugin_api::{services::sessions, slice::{Graph, Value}};
///
/// # use omero_plugin_api::services::{CallError, OpenSession};
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let open = OpenSession { started: Some(1_700_000_000_000), ..OpenSession::default() };
/// # let open = Answer::open_session(&open);
/// # let session = FakeSession::new().reply(&sessions::GET_SESSION, open).session();
/// let service = session.service(sessions::NAME)?;
/// let key = [Value::from(session.key().expose())];
/// let pending = session.begin(&service, &sessions::GET_SESSION, &key, &Graph::new())?;
/// // …
/// let open = sessions::open_session(&pending.wait()?)?;
/// assert_eq!(open.started, Some(1_700_000_000_000));
/// # Ok::<(), CallError>(())
/// ```
pub fn open_session(reply: &Decoded) -> Result<OpenSession, CallError> {
    Ok(OpenSession::read(&returned(reply)?)?)
}
