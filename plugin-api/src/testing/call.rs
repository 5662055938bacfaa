//! What a command asked of the fake server.

use crate::slice::{Graph, Value};

/// A request that a command sent.
///
/// ```
/// use omero_plugin_api::{
///     services::{Page, Query, query},
///     slice::Value,
///     testing::{Answer, FakeSession},
/// };
///
/// let server = FakeSession::new().reply(&query::PROJECTION, Answer::rows(&[]));
/// let all_groups = true;
/// Query::of(&server.session())?.projection("select …", &[], Page::default(), all_groups)?;
///
/// let call = &server.calls()[0];
/// assert_eq!((call.service.as_str(), call.operation.as_str()), (query::NAME, "projection"));
/// assert_eq!(call.arguments[0], Value::from("select …"));
/// assert_eq!(call.context, [("omero.group".to_owned(), "-1".to_owned())]);
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedCall {
    /// The service's OMERO name, for instance `omero.api.IAdmin`; `ServiceFactory` for the session
    /// itself, or the name of a proxy that an answer held.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The arguments, decoded.
    pub arguments: Vec<Value>,
    /// The objects that the arguments refer to.
    pub graph: Graph,
    /// Entries that the command added to the request's context, for instance `omero.group`.
    pub context: Vec<(String, String)>,
}

impl RecordedCall {
    /// A member of the object that is the argument at this place, for instance `_uuid` of a
    /// session that is to be closed.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     services::{Sessions, sessions},
    ///     slice::Value,
    ///     testing::{Answer, FakeSession},
    /// };
    /// let fake = FakeSession::new().reply(&sessions::CLOSE_SESSION, Answer::value(0));
    /// Sessions::of(&fake.session())?.close("a-key")?;
    /// let call = &fake.calls()[0];
    /// let key = call.member(0, "_uuid").map(|key| call.graph.rstring_of(key));
    /// assert_eq!(key, Some(Ok(Some("a-key"))));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn member(&self, argument: usize, member: &str) -> Option<&Value> {
        let object = self
            .graph
            .object_of(self.arguments.get(argument)?)
            .ok()
            .flatten()?;
        object.get(member).ok()
    }
}
