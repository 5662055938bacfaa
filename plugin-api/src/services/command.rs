//! Commands that the server runs in the background, and their handles.
//!
//! ```
//! use std::time::Duration;
//!
//! use omero_plugin_api::{
//!     Context, Error,
//!     clap::ArgMatches,
//!     services::command::current_sessions,
//! };
//!
//! /// Counts who is logged in.
//! fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
//!     let sessions = current_sessions(&ctx.session()?, Duration::from_secs(5))?;
//!     ctx.line(format_args!("{} sessions", sessions.len()))
//! }
//! # use omero_plugin_api::{clap::Command, slice::Graph};
//! # use omero_plugin_api::testing::{Answer, FakeSession, Harness};
//! # let mut graph = Graph::new();
//! # let none = graph.new_object("::omero::cmd::CurrentSessionsResponse").unwrap();
//! # let fake = FakeSession::new()
//! #     .command(Answer::results(vec![none.into()], graph));
//! # let outcome = Harness::new(|| Command::new("who"), run).session(fake).run();
//! # assert_eq!(outcome.stdout, "0 sessions\n");
//! ```

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use super::{
    CallError, EventContext, OpenSession, Operation, read_cell::CellReader, service_factory,
    view::View,
};
use crate::{
    Error, Kind, Session,
    slice::{Graph, ObjectRef, Proxy, SliceError, Value},
};

/// The answer to a command, on its handle; null while it runs.
pub const GET_RESPONSE: Operation =
    Operation::normal("getResponse", &[], &["@::omero::cmd::Response"]);
/// Gives a handle back.
pub const CLOSE: Operation = Operation::normal("close", &[], &[]);

/// How long the first wait between two looks at a handle is; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(10);
/// The longest wait between two looks.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Why a command has no result.
///
/// A command that has nothing better to say passes it on with `?`; others look at the name:
///
/// ```
/// use omero_plugin_api::{Error, services::CommandError};
///
/// fn explained(error: CommandError) -> Error {
///     match error {
///         CommandError::Failed { name, .. } if name == "no-session" => {
///             Error::new(514, "There is no such session")
///         }
///         other => other.into(),
///     }
/// }
///
/// let failed = |name: &str| CommandError::Failed { name: name.into(), parameters: [].into() };
/// assert_eq!(explained(failed("no-session")).code(), 514);
/// assert_eq!(explained(failed("non-admin-disabling")).to_string(), "non-admin-disabling");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The server does not know this kind of request.
    #[error("the server does not know the request")]
    Unsupported,
    /// The command failed.
    #[error("{name}")]
    Failed {
        /// The error's name, for instance `non-admin-disabling`.
        name: String,
        /// More about it.
        parameters: BTreeMap<String, String>,
    },
    /// There was no answer in time.
    #[error("operation took too long")]
    Timeout,
    /// The call itself failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl From<SliceError> for CommandError {
    fn from(error: SliceError) -> Self {
        Self::Call(error.into())
    }
}

impl From<CommandError> for Error {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Call(error) => error.into(),
            other => Self::of_kind(Kind::Server, 1, other.to_string()),
        }
    }
}

/// The answer to a command.
///
/// ```
/// use std::time::Duration;
///
/// use omero_plugin_api::{Session, services::{CommandError, submit}, slice::Graph};
///
/// /// The datasets that hold an image.
/// fn datasets(session: &Session, image: i64) -> Result<Vec<i64>, CommandError> {
///     let mut graph = Graph::new();
///     let request = graph.new_object("::omero::cmd::FindParents")?;
///     graph.set(request, "targetObjects", vec![("Image".into(), vec![image].into())])?;
///     graph.set(request, "typesOfParents", vec!["Dataset".to_owned()])?;
///     let reply = submit(session, &graph, request, Duration::from_secs(60))?;
///     let mut ids = Vec::new();
///     if let Some(found) = reply.graph.object_of(&reply.response)? {
///         for (_class, some) in found.get("parents")?.as_dict()? {
///             ids.extend(some.as_longs()?);
///         }
///     }
///     Ok(ids)
/// }
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let mut graph = Graph::new();
/// # let found = graph.new_object("::omero::cmd::FoundParents")?;
/// # let parents = ("ome.model.containers.Dataset".into(), vec![3_i64, 4].into());
/// # graph.set(found, "parents", vec![parents])?;
/// # let fake = FakeSession::new()
/// #     .command(Answer::results(vec![found.into()], graph));
/// # assert_eq!(datasets(&fake.session(), 51)?, [3, 4]);
/// # Ok::<(), CommandError>(())
/// ```
#[derive(Debug)]
pub struct CommandReply {
    /// The objects of the answer.
    pub graph: Graph,
    /// The response itself, an object of a class derived from `::omero::cmd::Response`.
    pub response: Value,
}

/// One row of the server's list of sessions.
///
/// ```
/// use omero_plugin_api::services::{EventContext, OpenSession, command::CurrentSession};
///
/// /// Who it is, and since when as far as one may know.
/// fn cells(row: &CurrentSession) -> [String; 2] {
///     let started = row.session.as_ref().and_then(|session| session.started);
///     let started = started.map_or("---".to_owned(), |time| time.to_string());
///     [row.context.user_name.clone(), started]
/// }
///
/// let context = EventContext { user_name: "bob".into(), ..EventContext::default() };
/// let hidden = CurrentSession { session: None, context, data: [].into() };
/// assert_eq!(cells(&hidden), ["bob", "---"]);
/// # let session = Some(OpenSession { started: Some(5), ..OpenSession::default() });
/// # assert_eq!(cells(&CurrentSession { session, ..hidden }), ["bob", "5"]);
/// ```
#[derive(Debug, Clone)]
pub struct CurrentSession {
    /// The session; `None` where one may not see it.
    pub session: Option<OpenSession>,
    /// Whose it is.
    pub context: EventContext,
    /// What else the server says, by name; times are milliseconds since 1970.
    pub data: BTreeMap<String, String>,
}

/// Runs a command: the request object in `graph`. Waits for `limit` at most and closes the
/// handle whatever happens.
///
/// # Errors
///
/// See [`CommandError`].
///
/// ```
/// use std::time::Duration;
///
/// use omero_plugin_api::{
///     Session,
///     services::{CommandError, submit},
///     slice::Graph,
/// };
///
/// /// Deletes an image and what belongs to it, as `omero delete Image:51` does.
/// fn delete_image(session: &Session, id: i64) -> Result<(), CommandError> {
///     let mut graph = Graph::new();
///     let request = graph.new_object("::omero::cmd::Delete2")?;
///     let targets = vec![("Image".into(), vec![id].into())];
///     graph.set(request, "targetObjects", targets)?;
///     submit(session, &graph, request, Duration::from_secs(60)).map(drop)
/// }
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let mut graph = Graph::new();
/// # let done = graph.new_object("::omero::cmd::OK").unwrap();
/// # let fake = FakeSession::new()
/// #     .command(Answer::results(vec![done.into()], graph));
/// # delete_image(&fake.session(), 51).unwrap();
/// ```
pub fn submit(
    session: &Session,
    graph: &Graph,
    request: ObjectRef,
    limit: Duration,
) -> Result<CommandReply, CommandError> {
    let factory = session.service("")?;
    let arguments = [Value::Object(Some(request))];
    let reply = session.call(&factory, &service_factory::SUBMIT, &arguments, graph)?;
    let handle = match reply.values.first() {
        Some(Value::Proxy(Some(handle))) => (**handle).clone(),
        _ => return Err(CommandError::Unsupported),
    };
    let outcome = poll(session, &handle, limit);
    // The handle holds memory on the server; that it cannot be closed changes nothing for us.
    let _ = session.call(&handle, &CLOSE, &[], &Graph::new());
    outcome
}

fn poll(session: &Session, handle: &Proxy, limit: Duration) -> Result<CommandReply, CommandError> {
    let begun = Instant::now();
    let mut wait = FIRST_WAIT;
    loop {
        let reply = session.call(handle, &GET_RESPONSE, &[], &Graph::new())?;
        let response = reply
            .values
            .into_iter()
            .next()
            .unwrap_or(Value::Object(None));
        if !response.is_null() {
            return finished(reply.graph, response);
        }
        let left = limit.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Err(CommandError::Timeout);
        }
        thread::sleep(wait.min(left));
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

fn finished(graph: Graph, response: Value) -> Result<CommandReply, CommandError> {
    if let Some(object) = graph.object_of(&response)?
        && object.is_a("::omero::cmd::ERR")
    {
        let mut parameters = BTreeMap::new();
        for (key, value) in object.get("parameters")?.as_dict()? {
            parameters.insert(key.as_str()?.to_owned(), value.as_str()?.to_owned());
        }
        return Err(CommandError::Failed {
            name: object.get("name")?.as_str()?.to_owned(),
            parameters,
        });
    }
    Ok(CommandReply { graph, response })
}

/// Asks the server to change a session's idle time.
///
/// # Errors
///
/// [`CommandError::Failed`] with the server's name for the refusal.
///
/// ```
/// use std::time::Duration;
///
/// use omero_plugin_api::services::command::update_idle_time;
///
/// # use omero_plugin_api::services::CommandError;
/// # use omero_plugin_api::{slice::Graph, testing::{Answer, FakeSession}};
/// # let mut graph = Graph::new();
/// # let done = graph.new_object("::omero::cmd::OK")?;
/// # let fake = FakeSession::new()
/// #     .command(Answer::results(vec![done.into()], graph));
/// # let session = fake.session();
/// const HOUR: i64 = 60 * 60 * 1000;
/// update_idle_time(&session, session.key().expose(), HOUR, Duration::from_secs(5))?;
/// # assert!(fake.calls()[0].member(0, "timeToIdle").is_some());
/// # Ok::<(), CommandError>(())
/// ```
pub fn update_idle_time(
    session: &Session,
    uuid: &str,
    milliseconds: i64,
    limit: Duration,
) -> Result<(), CommandError> {
    let mut graph = Graph::new();
    let request = graph.new_object("::omero::cmd::UpdateSessionTimeoutRequest")?;
    graph.set(request, "session", uuid)?;
    let idle = graph.rlong(milliseconds);
    graph.set(request, "timeToIdle", idle)?;
    submit(session, &graph, request, limit).map(|_| ())
}

/// The sessions on the server, as far as one may see them.
///
/// # Errors
///
/// See [`CommandError`].
///
/// ```
/// use std::{collections::BTreeSet, time::Duration};
///
/// use omero_plugin_api::services::command::current_sessions;
///
/// # use omero_plugin_api::services::CommandError;
/// # use omero_plugin_api::{slice::{Graph, Value}, testing::{Answer, FakeSession}};
/// # let mut graph = Graph::new();
/// # let response = graph.new_object("::omero::cmd::CurrentSessionsResponse")?;
/// # let context = graph.new_object("::omero::sys::EventContext")?;
/// # graph.set(context, "userName", "ada")?;
/// # graph.set(response, "contexts", vec![Value::from(context), context.into()])?;
/// # let session = FakeSession::new()
/// #     .command(Answer::results(vec![response.into()], graph))
/// #     .session();
/// let sessions = current_sessions(&session, Duration::from_secs(5))?;
/// let users: BTreeSet<_> = sessions.iter().map(|row| row.context.user_name.as_str()).collect();
/// assert_eq!(users, ["ada"].into());
/// # Ok::<(), CommandError>(())
/// ```
pub fn current_sessions(
    session: &Session,
    limit: Duration,
) -> Result<Vec<CurrentSession>, CommandError> {
    let mut graph = Graph::new();
    let request = graph.new_object("::omero::cmd::CurrentSessionsRequest")?;
    let reply = submit(session, &graph, request, limit)?;
    let Some(response) = View::of(&reply.graph, &reply.response)? else {
        return Ok(Vec::new());
    };
    let sessions = response.value("sessions")?.as_seq()?;
    let contexts = response.value("contexts")?.as_seq()?;
    let data = response.value("data")?.as_seq()?;
    let mut rows = Vec::new();
    for (index, context) in contexts.iter().enumerate() {
        let Some(context) = View::of(&reply.graph, context)? else {
            continue;
        };
        let session = match sessions.get(index) {
            Some(value) => View::of(&reply.graph, value)?,
            None => None,
        };
        rows.push(CurrentSession {
            session: session.map(|view| OpenSession::read(&view)).transpose()?,
            context: EventContext::read(&context)?,
            data: data
                .get(index)
                .map_or(Ok(BTreeMap::new()), |v| texts(&reply.graph, v))?,
        });
    }
    Ok(rows)
}

/// A dictionary of R-values as text.
fn texts(graph: &Graph, value: &Value) -> Result<BTreeMap<String, String>, SliceError> {
    let mut texts = BTreeMap::new();
    for (key, value) in value.as_dict()? {
        let text = CellReader::default().cell(graph, value)?.to_string();
        texts.insert(key.as_str()?.to_owned(), text);
    }
    Ok(texts)
}
