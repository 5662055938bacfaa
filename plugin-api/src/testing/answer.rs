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
///
/// ```
/// use omero_plugin_api::{
///     services::{Config, config},
///     testing::{Answer, FakeSession},
/// };
///
/// // One answer after the other, the last one for good.
/// let server = FakeSession::new()
///     .reply(&config::GET_VERSION, Answer::server_failure("starting up"))
///     .reply(&config::GET_VERSION, Answer::value("5.6.14"));
/// let config = Config::of(&server.session())?;
/// assert!(config.version().is_err());
/// assert_eq!(config.version()?, "5.6.14");
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
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
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     services::service_factory::DETACH_ON_DESTROY,
    ///     slice::Graph,
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// let session = FakeSession::new().reply(&DETACH_ON_DESTROY, Answer::nothing()).session();
    /// let factory = session.service("")?;
    /// let reply = session.call(&factory, &DETACH_ON_DESTROY, &[], &Graph::new())?;
    /// assert!(reply.values.is_empty());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn nothing() -> Self {
        Self::results(Vec::new(), Graph::new())
    }

    /// One plain value.
    ///
    /// ```
    /// use omero_plugin_api::{services::{Config, config}, testing::{Answer, FakeSession}};
    /// let fake = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
    /// assert_eq!(Config::of(&fake.session())?.version()?, "5.6.14");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn value(value: impl Into<Value>) -> Self {
        Self::results(vec![value.into()], Graph::new())
    }

    /// Any results: the out-parameters and then the return value, with the objects they refer to.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     services::Operation,
    ///     slice::Graph,
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// /// A text by its key, boxed as it may be null.
    /// const LOOKUP: Operation = Operation::idempotent("lookup", &[], &["@::omero::RString"]);
    ///
    /// let mut graph = Graph::new();
    /// let text = graph.rstring("a.tif");
    /// let server = FakeSession::new().reply(&LOOKUP, Answer::results(vec![text], graph));
    ///
    /// let session = server.session();
    /// let reply = session.call(&session.service("names")?, &LOOKUP, &[], &Graph::new())?;
    /// assert_eq!(reply.graph.rstring_of(&reply.values[0])?, Some("a.tif"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn results(values: Vec<Value>, graph: Graph) -> Self {
        Self(Kind::Results(Ok((values, graph))))
    }

    /// A proxy of this name, for instance the handle of a command. Calls on it are recorded with
    /// the name as their service.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     services::{Operation, service_factory::GET_BY_NAME},
    ///     slice::{Graph, Value},
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// const PING: Operation = Operation::nonmutating("ice_ping", &[], &[]);
    ///
    /// let server = FakeSession::new()
    ///     .reply(&GET_BY_NAME, Answer::proxy("store"))
    ///     .reply(&PING, Answer::nothing());
    /// let session = server.session();
    /// let name = [Value::from("omero.api.RawPixelsStore")];
    /// let reply = session.call(&session.service("")?, &GET_BY_NAME, &name, &Graph::new())?;
    /// if let Value::Proxy(Some(store)) = &reply.values[0] {
    ///     session.call(store, &PING, &[], &Graph::new())?;
    /// }
    /// assert_eq!(server.calls()[1].service, "store");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn proxy(name: &str) -> Self {
        Self::value(model::proxy(name))
    }

    /// One group.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     services::{Admin, Group, admin},
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// let staff = Group { id: 3, name: "staff".into(), ..Group::default() };
    /// let server = FakeSession::new().reply(&admin::LOOKUP_GROUP, Answer::group(&staff));
    /// assert_eq!(Admin::of(&server.session())?.group_named("staff")?.id, 3);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn group(group: &Group) -> Self {
        Self::built(|graph| model::group(graph, group))
    }

    /// A sequence of groups.
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Admin, Group, admin}, testing::{Answer, FakeSession}};
    /// let groups = [0, 3].map(|id| Group { id, ..Group::default() });
    /// let server = FakeSession::new().reply(&admin::LOOKUP_GROUPS, Answer::groups(&groups));
    /// assert_eq!(Admin::of(&server.session())?.groups()?, groups);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn groups(groups: &[Group]) -> Self {
        Self::built(|graph| model::sequence(graph, groups, model::group))
    }

    /// One user.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     services::{Admin, Experimenter, UserGroup, admin},
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// let groups = vec![UserGroup { group_id: 3, owner: true }];
    /// let ada = Experimenter { id: 7, login: "ada".into(), groups, ..Experimenter::default() };
    /// let server = FakeSession::new().reply(&admin::GET_EXPERIMENTER, Answer::experimenter(&ada));
    /// assert!(Admin::of(&server.session())?.experimenter(7)?.groups[0].owner);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn experimenter(user: &Experimenter) -> Self {
        Self::built(|graph| model::experimenter(graph, user))
    }

    /// A sequence of users.
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Admin, Experimenter, admin}, testing::{Answer, FakeSession}};
    /// let members = ["ada", "bob"].map(|login| Experimenter { login: login.into(), ..Default::default() });
    /// let server =
    ///     FakeSession::new().reply(&admin::CONTAINED_EXPERIMENTERS, Answer::experimenters(&members));
    /// assert_eq!(Admin::of(&server.session())?.experimenters_of(3)?[1].login, "bob");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn experimenters(users: &[Experimenter]) -> Self {
        Self::built(|graph| model::sequence(graph, users, model::experimenter))
    }

    /// Who one is.
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Admin, EventContext, admin}, testing::{Answer, FakeSession}};
    /// let ada = EventContext { user_name: "ada".into(), leader_of: vec![3], ..Default::default() };
    /// let server = FakeSession::new().reply(&admin::GET_EVENT_CONTEXT, Answer::event_context(&ada));
    /// assert_eq!(Admin::of(&server.session())?.event_context()?.leader_of, [3]);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn event_context(context: &EventContext) -> Self {
        Self::built(|graph| model::event_context(graph, context))
    }

    /// A session on the server.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     services::{OpenSession, Sessions, sessions},
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// let open = OpenSession { agent: Some("OMERO.web".into()), ..OpenSession::default() };
    /// let server = FakeSession::new().reply(&sessions::GET_SESSION, Answer::open_session(&open));
    /// let found = Sessions::of(&server.session())?.get("its-key")?;
    /// assert_eq!(found.agent.as_deref(), Some("OMERO.web"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn open_session(session: &OpenSession) -> Self {
        Self::built(|graph| model::open_session(graph, session))
    }

    /// The ids of the users and groups that OMERO relies on.
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Admin, Roles, admin}, testing::{Answer, FakeSession}};
    /// let roles = Roles { user_group_id: 1, ..Roles::default() };
    /// let server = FakeSession::new().reply(&admin::GET_SECURITY_ROLES, Answer::roles(&roles));
    /// assert_eq!(Admin::of(&server.session())?.roles()?.user_group_id, 1);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn roles(roles: &Roles) -> Self {
        Self::built(|graph| model::roles(graph, roles))
    }

    /// The rows of a projection.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     services::{Cell, Page, Query, query},
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// let rows = [vec![Cell::Integer(51), Cell::Text("a.tif".into())]];
    /// let server = FakeSession::new().reply(&query::PROJECTION, Answer::rows(&rows));
    /// let hql = "select i.id, i.name from Image i";
    /// let found = Query::of(&server.session())?.projection(hql, &[], Page::default(), false)?;
    /// assert_eq!(found, rows);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rows(rows: &[Vec<Cell>]) -> Self {
        Self::built(|graph| model::rows(graph, rows))
    }

    /// An exception, for instance `::omero::SecurityViolation`, with its message.
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Config, config}, testing::{Answer, FakeSession}};
    /// let refused = Answer::exception("::omero::SecurityViolation", "Only for administrators");
    /// let server = FakeSession::new().reply(&config::GET_CONFIG_VALUE, refused);
    /// let error = Config::of(&server.session())?.value("omero.db.pass").unwrap_err();
    /// assert!(error.exception("::omero::SecurityViolation").is_some());
    /// assert!(error.to_string().contains("Only for administrators"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn exception(id: &str, message: &str) -> Self {
        Self(Kind::Exception {
            id: id.to_owned(),
            message: message.to_owned(),
        })
    }

    /// The object is gone, as after the end of a session.
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Config, config}, testing::{Answer, FakeSession}};
    /// let server = FakeSession::new().reply(&config::GET_VERSION, Answer::not_there());
    /// let error = Config::of(&server.session())?.version().unwrap_err();
    /// assert!(error.is_session_lost());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn not_there() -> Self {
        // The identity, facet and operation that follow the status are not read by anybody.
        Self::raw(OBJECT_NOT_EXIST, Vec::new())
    }

    /// The server failed inside, with this text of up to 254 bytes.
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Config, config}, testing::{Answer, FakeSession}};
    /// let failed = Answer::server_failure("java.lang.NullPointerException");
    /// let server = FakeSession::new().reply(&config::GET_DATABASE_UUID, failed);
    /// let error = Config::of(&server.session())?.database_uuid().unwrap_err();
    /// assert!(error.to_string().ends_with("java.lang.NullPointerException"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn server_failure(text: &str) -> Self {
        let text = &text.as_bytes()[..text.len().min(254)];
        let mut body = vec![u8::try_from(text.len()).unwrap_or(u8::MAX)];
        body.extend_from_slice(text);
        Self::raw(UNKNOWN_EXCEPTION, body)
    }

    /// The bytes of a reply: its status, and what follows it. For replies that were recorded.
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Config, config}, testing::{Answer, FakeSession}};
    /// // Success, and an encapsulation of 13 bytes in encoding 1.1 that holds a string.
    /// let recorded = b"\x0d\0\0\0\x01\x01\x065.6.14".to_vec();
    /// let server = FakeSession::new().reply(&config::GET_VERSION, Answer::raw(0, recorded));
    /// assert_eq!(Config::of(&server.session())?.version()?, "5.6.14");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn raw(status: u8, body: Vec<u8>) -> Self {
        Self(Kind::Raw { status, body })
    }

    /// No answer: the connection is lost, or the wait was cancelled.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     Error, Kind,
    ///     services::{Config, config},
    ///     testing::{Answer, FakeSession},
    /// };
    ///
    /// let lost = Error::of_kind(Kind::Network, 1, "The connection is lost");
    /// let server = FakeSession::new().reply(&config::GET_VERSION, Answer::failure(lost));
    /// let error = Config::of(&server.session())?.version().unwrap_err();
    /// assert_eq!(Error::from(error).kind(), Kind::Network);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
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
