//! The lent session and its raw calls.
//!
//! An operation that no typed service covers yet, and a command that calls it:
//!
//! ```
//! use omero_plugin_api::{
//!     Context, Error,
//!     clap::ArgMatches,
//!     services::{Operation, admin},
//!     slice::Graph,
//! };
//!
//! const GET_DEFAULT_GROUP: Operation = Operation::idempotent(
//!     "getDefaultGroup",
//!     &["long"],
//!     &["@::omero::model::ExperimenterGroup"],
//! );
//!
//! fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
//!     let session = ctx.session()?;
//!     let service = session.service(admin::NAME)?;
//!     let user = [session.info().user_id.into()];
//!     let reply = session.call(&service, &GET_DEFAULT_GROUP, &user, &Graph::new())?;
//!     let group = reply.graph.object_of(&reply.values[0])?;
//!     let name = group.map(|group| reply.graph.rstring_of(group.get("_name")?)).transpose()?;
//!     ctx.line(name.flatten().unwrap_or_default())
//! }
//! # use omero_plugin_api::{clap::Command, services::Group};
//! # use omero_plugin_api::testing::{Answer, FakeSession, Harness};
//! # let lab = Answer::group(&Group { name: "lab".into(), ..Group::default() });
//! # let fake = FakeSession::new().reply(&GET_DEFAULT_GROUP, lab);
//! # let outcome = Harness::new(|| Command::new("home"), run).session(fake).run();
//! # assert_eq!(outcome.stdout, "lab\n");
//! ```

mod pending;

use std::{fmt, sync::Arc};

use omero_plugin_abi::{Request, Secret, SharedSession, share, std_types::Tuple2};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Kind,
    call::{CallError, Operation},
    context::result,
    slice::{Decoded, Encoding, Graph, Proxy, Value, encode},
};

pub use pending::Pending;

/// Who is logged in, and where. Holds no credential.
///
/// ```
/// use omero_plugin_api::session::SessionInfo;
///
/// /// Where the user works, as a prompt shows it.
/// fn place(info: &SessionInfo) -> String {
///     format!("{}@{}:{}", info.user, info.server, info.port)
/// }
///
/// # use omero_plugin_api::testing::FakeSession;
/// let session = FakeSession::new().session();
/// assert_eq!(place(session.info()), "root@localhost:4064");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// The server as the user named it: a host name, or a whole URL.
    pub server: String,
    /// The port of the connection.
    pub port: u16,
    /// The user's login name, as the server reports it.
    pub user: String,
    /// The user's id.
    #[serde(alias = "user_id")]
    pub user_id: i64,
    /// The group's name.
    pub group: String,
    /// The group's id.
    #[serde(alias = "group_id")]
    pub group_id: i64,
    /// Whether the user is an administrator.
    #[serde(default)]
    pub admin: bool,
    /// The administrator's privileges.
    #[serde(default)]
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
pub struct Session {
    inner: SharedSession,
    info: Arc<SessionInfo>,
}

impl Clone for Session {
    fn clone(&self) -> Self {
        Self {
            inner: share(&self.inner),
            info: Arc::clone(&self.info),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Wraps what crossed the ABI boundary.
    ///
    /// # Errors
    ///
    /// [`Kind::Plugin`]: the session provider's description of its session cannot be read.
    #[doc(hidden)]
    pub fn from_abi(session: SharedSession) -> Result<Self, Error> {
        let described = serde_json::from_str(session.describe().as_str());
        let info = described.map_err(|error| {
            let text = format!(
                "the session provider's description of the session cannot be read: {error}"
            );
            Error::of_kind(Kind::Plugin, 1, text)
                .labelled()
                .hint("update the plugin that provides sessions: omero plugin which sessions")
        })?;
        Ok(Self::described(session, info))
    }

    /// A session whose description did not cross the boundary.
    pub(crate) fn described(session: SharedSession, info: SessionInfo) -> Self {
        Self {
            inner: session,
            info: Arc::new(info),
        }
    }

    /// Who is logged in, and where, at the time the session was attached.
    ///
    /// ```
    /// # use omero_plugin_api::testing::FakeSession;
    /// # let session = FakeSession::new().session();
    /// let info = session.info();
    /// let may_chown = info.admin || info.privileges.iter().any(|privilege| privilege == "Chown");
    /// assert!(may_chown);
    /// ```
    pub fn info(&self) -> &SessionInfo {
        &self.info
    }

    /// The session key: a credential. Ask only where it is the result that the user wants.
    ///
    /// ```
    /// # use omero_plugin_api::testing::FakeSession;
    /// # let session = FakeSession::new().key("1f2e").session();
    /// let key = session.key();
    /// assert_eq!(key.expose(), "1f2e");
    /// assert!(!format!("{key:?}").contains("1f2e"), "it does not slip into messages");
    /// ```
    pub fn key(&self) -> Secret {
        self.inner.key()
    }

    /// The proxy of a service by its OMERO name, for instance `omero.api.IAdmin`. The empty name is
    /// the service factory.
    ///
    /// # Errors
    ///
    /// The server does not know it; the connection is lost.
    ///
    /// ```
    /// # use omero_plugin_api::{services::CallError, testing::FakeSession};
    /// # let session = FakeSession::new().session();
    /// let thumbnails = session.service("omero.api.ThumbnailStore")?;
    /// let factory = session.service("")?;
    /// assert_ne!(thumbnails.identity, factory.identity);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn service(&self, name: &str) -> Result<Proxy, CallError> {
        let bytes = result(self.inner.service(name.into()))?;
        Ok(Proxy::from_bytes(&bytes)?)
    }

    /// Tells the server that the session is in use, so that it does not expire.
    ///
    /// # Errors
    ///
    /// The session or the connection is gone.
    ///
    /// Between the steps of something that takes long without a call:
    ///
    /// ```
    /// # use omero_plugin_api::{Error, testing::FakeSession};
    /// # let fake = FakeSession::new();
    /// # let session = fake.session();
    /// for _step in 0..3 {
    ///     // …
    ///     session.keep_alive()?;
    /// }
    /// # assert_eq!(fake.calls().len(), 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn keep_alive(&self) -> Result<(), Error> {
        result(self.inner.keep_alive())
    }

    /// Makes proxies from replies usable as targets, several in one round trip. A call on a proxy
    /// that was not added does it by itself.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    ///
    /// ```
    /// use omero_plugin_api::{
    ///     Session,
    ///     services::{CallError, command},
    ///     slice::{Graph, Proxy},
    /// };
    ///
    /// /// Closes handles: one round trip announces them all, one waits for all answers.
    /// fn close(session: &Session, handles: &[Proxy]) -> Result<(), CallError> {
    ///     session.add_proxies(handles)?;
    ///     let begin = |handle| session.begin(handle, &command::CLOSE, &[], &Graph::new());
    ///     let pending: Vec<_> = handles.iter().map(begin).collect::<Result<_, _>>()?;
    ///     pending.iter().try_for_each(|call| call.wait().map(drop))
    /// }
    /// # use omero_plugin_api::{slice::Identity, testing::{Answer, FakeSession}};
    /// # let fake = FakeSession::new().reply(&command::CLOSE, Answer::nothing());
    /// # let handles = ["a", "b"].map(|name| Proxy::new(Identity::new("", name), Vec::new()));
    /// # close(&fake.session(), &handles)?;
    /// # assert_eq!(fake.calls().len(), 2);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn add_proxies(&self, proxies: &[Proxy]) -> Result<(), Error> {
        let encoded: Vec<_> = proxies.iter().map(|p| boundary_bytes(p).into()).collect();
        result(self.inner.add_proxies(encoded.as_slice().into()))
    }

    /// Calls an operation and waits for its results: the out-parameters and then the return value.
    ///
    /// # Errors
    ///
    /// What the server answered or the connection met; see [`CallError`].
    ///
    /// ```
    /// use omero_plugin_api::{services::config, slice::{Graph, Value}};
    ///
    /// # use omero_plugin_api::{services::CallError, testing::{Answer, FakeSession}};
    /// # let session =
    /// #     FakeSession::new().reply(&config::GET_CONFIG_VALUE, Answer::value("/OMERO")).session();
    /// let service = session.service(config::NAME)?;
    /// let key = [Value::from("omero.data.dir")];
    /// let reply = session.call(&service, &config::GET_CONFIG_VALUE, &key, &Graph::new())?;
    /// assert_eq!(reply.values[0].as_str()?, "/OMERO");
    /// # Ok::<(), CallError>(())
    /// ```
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
    ///
    /// ```
    /// use omero_plugin_api::{services::types, slice::Graph};
    ///
    /// # use omero_plugin_api::{services::CallError, testing::{Answer, FakeSession}};
    /// # let names = Answer::value(Vec::<String>::new());
    /// # let fake = FakeSession::new().reply(&types::GET_ENUMERATION_TYPES, names);
    /// # let session = fake.session();
    /// let service = session.service(types::NAME)?;
    /// let in_all_groups = [("omero.group", "-1")];
    /// let operation = &types::GET_ENUMERATION_TYPES;
    /// let pending = session.begin_with(&service, operation, &[], &Graph::new(), &in_all_groups)?;
    /// pending.wait()?;
    /// # assert_eq!(fake.calls()[0].context, [("omero.group".to_owned(), "-1".to_owned())]);
    /// # Ok::<(), CallError>(())
    /// ```
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
        let request = Request {
            proxy: boundary_bytes(target).into(),
            operation: operation.name.into(),
            mode: operation.mode.number(),
            context: context
                .iter()
                .map(|(k, v)| Tuple2((*k).into(), (*v).into()))
                .collect(),
            parameters: encode(Encoding::V1_1, &parameters, graph)?.into(),
        };
        Ok(Pending::new(result(self.inner.begin(request))?, operation))
    }
}

/// A proxy as it crosses the ABI boundary: in encoding 1.1, also when it came in an older one.
pub(crate) fn boundary_bytes(proxy: &Proxy) -> Vec<u8> {
    proxy.to_encoding(Encoding::V1_1).to_bytes()
}
