//! What the fake server answers.

use super::model;
use crate::{
    Error,
    services::{Cell, EventContext, Experimenter, Group, OpenSession, Operation, Roles},
    slice::{Encoder, Encoding, Graph, SliceError, Type, Value, encode},
};

/// The reply status for an exception that the operation declares.
const USER_EXCEPTION: u8 = 1;
/// The reply status for an object that is not there.
const OBJECT_NOT_EXIST: u8 = 2;
/// The reply status for a failure inside the server.
const UNKNOWN_EXCEPTION: u8 = 7;

/// An answer to a call: results, an exception, or no answer at all.
#[derive(Debug, Clone)]
pub struct Answer(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Results(Result<(Vec<Value>, Graph), SliceError>),
    Exception { id: String, message: String },
    Raw { status: u8, body: Vec<u8> },
    Failure(Error),
}

impl Answer {
    /// No results, for an operation that returns nothing.
    pub fn nothing() -> Self {
        Self::results(Vec::new(), Graph::new())
    }

    /// One plain value.
    ///
    /// ```
    /// use omero_plugin_api::{services::{Config, config}, testing::{Answer, FakeSession}};
    /// let fake = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
    /// assert_eq!(Config::of(&fake.session()).unwrap().version().unwrap(), "5.6.14");
    /// ```
    pub fn value(value: impl Into<Value>) -> Self {
        Self::results(vec![value.into()], Graph::new())
    }

    /// Any results: the out-parameters and then the return value, with the objects they refer to.
    pub fn results(values: Vec<Value>, graph: Graph) -> Self {
        Self(Kind::Results(Ok((values, graph))))
    }

    /// A proxy of this name, for instance the handle of a command. Calls on it are recorded with
    /// the name as their service.
    pub fn proxy(name: &str) -> Self {
        Self::value(model::proxy(name))
    }

    /// One group.
    pub fn group(group: &Group) -> Self {
        Self::built(|graph| model::group(graph, group))
    }

    /// A sequence of groups.
    pub fn groups(groups: &[Group]) -> Self {
        Self::built(|graph| model::sequence(graph, groups, model::group))
    }

    /// One user.
    pub fn experimenter(user: &Experimenter) -> Self {
        Self::built(|graph| model::experimenter(graph, user))
    }

    /// A sequence of users.
    pub fn experimenters(users: &[Experimenter]) -> Self {
        Self::built(|graph| model::sequence(graph, users, model::experimenter))
    }

    /// Who one is.
    pub fn event_context(context: &EventContext) -> Self {
        Self::built(|graph| model::event_context(graph, context))
    }

    /// A session on the server.
    pub fn open_session(session: &OpenSession) -> Self {
        Self::built(|graph| model::open_session(graph, session))
    }

    /// The ids of the users and groups that OMERO relies on.
    pub fn roles(roles: &Roles) -> Self {
        Self::built(|graph| model::roles(graph, roles))
    }

    /// The rows of a projection.
    pub fn rows(rows: &[Vec<Cell>]) -> Self {
        Self::built(|graph| model::rows(graph, rows))
    }

    /// An exception, for instance `::omero::SecurityViolation`, with its message.
    pub fn exception(id: &str, message: &str) -> Self {
        Self(Kind::Exception {
            id: id.to_owned(),
            message: message.to_owned(),
        })
    }

    /// The object is gone, as after the end of a session.
    pub fn not_there() -> Self {
        // The identity, facet and operation that follow the status are not read by anybody.
        Self::raw(OBJECT_NOT_EXIST, Vec::new())
    }

    /// The server failed inside, with this text of up to 254 bytes.
    pub fn server_failure(text: &str) -> Self {
        let text = &text.as_bytes()[..text.len().min(254)];
        let mut body = vec![u8::try_from(text.len()).unwrap_or(u8::MAX)];
        body.extend_from_slice(text);
        Self::raw(UNKNOWN_EXCEPTION, body)
    }

    /// The bytes of a reply: its status, and what follows it. For replies that were recorded.
    pub fn raw(status: u8, body: Vec<u8>) -> Self {
        Self(Kind::Raw { status, body })
    }

    /// No answer: the connection is lost, or the wait was cancelled.
    pub fn failure(error: Error) -> Self {
        Self(Kind::Failure(error))
    }

    fn built(build: impl FnOnce(&mut Graph) -> Result<Value, SliceError>) -> Self {
        let mut graph = Graph::new();
        Self(Kind::Results(
            build(&mut graph).map(|value| (vec![value], graph)),
        ))
    }

    /// The reply as the wire carries it: its status and body.
    pub(super) fn reply(
        &self,
        operation: &Operation,
    ) -> Result<Result<(u8, Vec<u8>), Error>, SliceError> {
        Ok(match &self.0 {
            Kind::Results(results) => {
                let (values, graph) = results.as_ref().map_err(Clone::clone)?;
                Ok((0, results_body(operation, values, graph)?))
            }
            Kind::Exception { id, message } => Ok((USER_EXCEPTION, exception_body(id, message)?)),
            Kind::Raw { status, body } => Ok((*status, body.clone())),
            Kind::Failure(error) => Err(error.clone()),
        })
    }
}

fn results_body(
    operation: &Operation,
    values: &[Value],
    graph: &Graph,
) -> Result<Vec<u8>, SliceError> {
    let types = operation.output_types()?;
    if types.len() != values.len() {
        return Err(SliceError::TypeMismatch {
            expected: format!("{} results", types.len()),
            found: "another number of them",
        });
    }
    let results: Vec<(&Type, &Value)> = types.iter().zip(values).collect();
    encode(Encoding::V1_1, &results, graph)
}

fn exception_body(id: &str, message: &str) -> Result<Vec<u8>, SliceError> {
    // OMERO's exceptions have a message, those of the login have a reason.
    let with = |field: &'static str| {
        let mut encoder = Encoder::new(Encoding::V1_1);
        let fields = [(field, Value::from(message))];
        encoder.user_exception(id, &fields, &Graph::new(), false)?;
        Ok(encoder.finish())
    };
    with("message").or_else(|_: SliceError| with("reason"))
}
