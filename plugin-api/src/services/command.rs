//! Commands that the server runs in the background, and their handles.

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
    Session,
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

/// The answer to a command.
#[derive(Debug)]
pub struct CommandReply {
    graph: Graph,
    response: Value,
}

/// One row of the server's list of sessions.
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
/// # use omero_plugin_api::services::{command, service_factory};
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let mut graph = Graph::new();
/// # let done = graph.new_object("::omero::cmd::OK").unwrap();
/// # let fake = FakeSession::new()
/// #     .reply(&service_factory::SUBMIT, Answer::proxy("handle"))
/// #     .reply(&command::GET_RESPONSE, Answer::results(vec![done.into()], graph))
/// #     .reply(&command::CLOSE, Answer::nothing());
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
        Some(Value::Proxy(Some(handle))) => handle.clone(),
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
        let text = CellReader::new(graph).cell(value)?.to_string();
        texts.insert(key.as_str()?.to_owned(), text);
    }
    Ok(texts)
}
