//! The lent session and its raw calls.

use std::{fmt, sync::Arc, time::Duration};

use omero_plugin_abi::{PendingReplyBox, Reply, Secret, SessionBox, WireCall, std_types::Tuple2};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    context::result,
    services::{CallError, Operation},
    slice::{Decoded, Encoding, Graph, Proxy, Value, decode, encode},
};

/// Who is logged in, and where. Holds no credential.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionInfo {
    /// The server as the user named it: a host name, or a whole URL.
    pub server: String,
    /// The port of the connection.
    pub port: u16,
    /// The user's login name, as the server reports it.
    pub user: String,
    /// The user's id.
    pub user_id: i64,
    /// The group's name.
    pub group: String,
    /// The group's id.
    pub group_id: i64,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// The administrator's privileges.
    pub privileges: Vec<String>,
}

/// A session on an OMERO server that somebody else owns. Cheap to clone; several requests may be
/// under way at once, from one thread with [`Session::begin`] or from several.
///
/// The typed [`services`](crate::services) are the comfortable way to use it; any other operation
/// can be called by its signature:
///
/// ```
/// use omero_plugin_api::{Session, services::{CallError, Operation}, slice::Graph};
///
/// /// An operation of `IAdmin`, as OMERO's Slice files declare it.
/// const GET_MEMBER_OF_GROUP_IDS: Operation = Operation::idempotent(
///     "getMemberOfGroupIds",
///     &["@::omero::model::Experimenter"],
///     &["seq<long>"],
/// );
///
/// fn groups_of(session: &Session, user: i64) -> Result<Vec<i64>, CallError> {
///     let mut graph = Graph::new();
///     let experimenter = graph.new_object("::omero::model::Experimenter")?;
///     let id = graph.rlong(user);
///     graph.set(experimenter, "_id", id)?;
///     let admin = session.service("omero.api.IAdmin")?;
///     let arguments = [experimenter.into()];
///     let reply = session.call(&admin, &GET_MEMBER_OF_GROUP_IDS, &arguments, &graph)?;
///     Ok(reply.values[0].as_longs()?)
/// }
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let fake = FakeSession::new().reply(&GET_MEMBER_OF_GROUP_IDS, Answer::value(vec![1_i64, 3]));
/// # assert_eq!(groups_of(&fake.session(), 2).unwrap(), [1, 3]);
/// ```
#[derive(Clone)]
pub struct Session {
    inner: Arc<SessionBox>,
    info: Arc<SessionInfo>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Wraps what crossed the border.
    #[doc(hidden)]
    pub fn from_abi(session: SessionBox) -> Self {
        let info = serde_json::from_str(session.describe().as_str()).unwrap_or_default();
        Self {
            inner: Arc::new(session),
            info: Arc::new(info),
        }
    }

    /// Who is logged in, and where, at the time the session was attached.
    pub fn info(&self) -> &SessionInfo {
        &self.info
    }

    /// The session key: a credential. Ask only where it is the result that the user wants.
    pub fn key(&self) -> Secret {
        self.inner.key()
    }

    /// The proxy of a service by its OMERO name, for instance `omero.api.IAdmin`. The empty name is
    /// the service factory.
    ///
    /// # Errors
    ///
    /// The server does not know it; the connection is lost.
    pub fn service(&self, name: &str) -> Result<Proxy, CallError> {
        let bytes = result(self.inner.service(name.into()))?;
        Ok(Proxy::from_bytes(&bytes)?)
    }

    /// Tells the server that the session is in use, so that it does not expire.
    ///
    /// # Errors
    ///
    /// The session or the connection is gone.
    pub fn keep_alive(&self) -> Result<(), Error> {
        result(self.inner.keep_alive())
    }

    /// Makes proxies from replies usable as targets, several in one round trip. A call on a proxy
    /// that was not added does it by itself.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub fn add_proxies(&self, proxies: &[Proxy]) -> Result<(), Error> {
        let encoded: Vec<_> = proxies.iter().map(|p| border_bytes(p).into()).collect();
        result(self.inner.add_proxies(encoded.as_slice().into()))
    }

    /// Calls an operation and waits for its results: the out-parameters and then the return value.
    ///
    /// # Errors
    ///
    /// What the server answered or the connection met; see [`CallError`].
    pub fn call(
        &self,
        target: &Proxy,
        operation: &Operation,
        arguments: &[Value],
        graph: &Graph,
    ) -> Result<Decoded, CallError> {
        self.begin(target, operation, arguments, graph)?.wait()
    }

    /// Sends a request without waiting, so that several can be under way together.
    ///
    /// # Errors
    ///
    /// The arguments do not fit the operation; the connection is lost.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     Session,
    ///     services::{CallError, admin},
    ///     slice::{Graph, Value},
    /// };
    ///
    /// /// Asks for all groups at once: one round trip, however many there are.
    /// fn names(session: &Session, ids: &[i64]) -> Result<Vec<String>, CallError> {
    ///     let service = session.service(admin::NAME)?;
    ///     let mut pending = Vec::new();
    ///     for id in ids {
    ///         let arguments = [Value::Long(*id)];
    ///         pending.push(session.begin(&service, &admin::GET_GROUP, &arguments, &Graph::new())?);
    ///     }
    ///     let mut names = Vec::new();
    ///     for call in pending {
    ///         let reply = call.wait()?;
    ///         let name = match reply.graph.object_of(&reply.values[0])? {
    ///             Some(group) => reply.graph.rstring_of(group.get("_name")?)?,
    ///             None => None,
    ///         };
    ///         names.push(name.unwrap_or_default().to_owned());
    ///     }
    ///     Ok(names)
    /// }
    /// # use omero_plugin_api::{services::Group, testing::{Answer, FakeSession}};
    /// # let group = Group { name: "lab".into(), ..Group::default() };
    /// # let fake = FakeSession::new().reply(&admin::GET_GROUP, Answer::group(&group));
    /// # assert_eq!(names(&fake.session(), &[3, 4]).unwrap(), ["lab", "lab"]);
    /// ```
    pub fn begin<'a>(
        &self,
        target: &Proxy,
        operation: &'a Operation,
        arguments: &[Value],
        graph: &Graph,
    ) -> Result<Pending<'a>, CallError> {
        self.begin_with(target, operation, arguments, graph, &[])
    }

    /// As [`Session::begin`], with entries added to the request's context, for instance
    /// `("omero.group", "-1")` to work across all groups.
    ///
    /// # Errors
    ///
    /// As [`Session::begin`].
    pub fn begin_with<'a>(
        &self,
        target: &Proxy,
        operation: &'a Operation,
        arguments: &[Value],
        graph: &Graph,
        context: &[(&str, &str)],
    ) -> Result<Pending<'a>, CallError> {
        let types = operation.input_types()?;
        let parameters: Vec<_> = types.iter().zip(arguments).collect();
        if types.len() != arguments.len() {
            return Err(CallError::Arguments(operation.name.to_owned()));
        }
        let call = WireCall {
            proxy: border_bytes(target).into(),
            operation: operation.name.into(),
            mode: operation.mode as u8,
            context: context
                .iter()
                .map(|(k, v)| Tuple2((*k).into(), (*v).into()))
                .collect(),
            parameters: encode(Encoding::V1_1, &parameters, graph)?.into(),
        };
        let inner = result(self.inner.begin(call))?;
        Ok(Pending { inner, operation })
    }
}

/// A proxy as it crosses the border: in encoding 1.1, also when it came in an older one.
pub(crate) fn border_bytes(proxy: &Proxy) -> Vec<u8> {
    proxy.to_encoding(Encoding::V1_1).to_bytes()
}

/// A request that is under way. Dropping it abandons the answer.
pub struct Pending<'a> {
    inner: PendingReplyBox,
    operation: &'a Operation,
}

impl fmt::Debug for Pending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("operation", &self.operation.name)
            .finish_non_exhaustive()
    }
}

impl Pending<'_> {
    /// Waits for the results, as long as the session's own limit.
    ///
    /// # Errors
    ///
    /// As [`Session::call`].
    pub fn wait(&self) -> Result<Decoded, CallError> {
        self.wait_for(Duration::ZERO)
    }

    /// Waits for the results at most this long; zero is the session's own limit.
    ///
    /// # Errors
    ///
    /// As [`Session::call`]; no answer in time.
    pub fn wait_for(&self, limit: Duration) -> Result<Decoded, CallError> {
        let milliseconds = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let Reply { status, body } = result(self.inner.wait(milliseconds))?;
        match status {
            0 => Ok(decode(&body, &self.operation.output_types()?)?),
            _ => Err(CallError::from_reply(status, &body, self.operation.name)),
        }
    }
}
