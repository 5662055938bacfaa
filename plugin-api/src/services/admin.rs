//! `IAdmin`: users, groups and who one is.
//!
//! ```
//! use omero_plugin_api::{
//!     services::{Admin, Roles, admin},
//!     testing::{Answer, FakeSession},
//! };
//!
//! // The operations are here for calls of one's own, and for tests.
//! let roles = Roles { user_group_id: 1, ..Roles::default() };
//! let fake = FakeSession::new().reply(&admin::GET_SECURITY_ROLES, Answer::roles(&roles));
//! assert_eq!(Admin::of(&fake.session())?.roles()?, roles);
//! assert_eq!(fake.calls()[0].service, admin::NAME);
//! # Ok::<(), omero_plugin_api::Error>(())
//! ```

use super::{CallError, EventContext, Later, Operation, Roles, view::returned};
use crate::{
    Session,
    slice::{Decoded, Graph, Proxy, Value},
};

mod experimenters;
mod groups;

/// The service's OMERO name.
pub const NAME: &str = "omero.api.IAdmin";

/// Who one is.
pub const GET_EVENT_CONTEXT: Operation =
    Operation::idempotent("getEventContext", &[], &["@::omero::sys::EventContext"]);
/// All groups.
pub const LOOKUP_GROUPS: Operation = Operation::idempotent(
    "lookupGroups",
    &[],
    &["seq<@::omero::model::ExperimenterGroup>"],
);
/// The group with an id.
pub const GET_GROUP: Operation = Operation::idempotent(
    "getGroup",
    &["long"],
    &["@::omero::model::ExperimenterGroup"],
);
/// The group of a name.
pub const LOOKUP_GROUP: Operation = Operation::idempotent(
    "lookupGroup",
    &["string"],
    &["@::omero::model::ExperimenterGroup"],
);
/// All users.
pub const LOOKUP_EXPERIMENTERS: Operation = Operation::idempotent(
    "lookupExperimenters",
    &[],
    &["seq<@::omero::model::Experimenter>"],
);
/// The user with an id.
pub const GET_EXPERIMENTER: Operation = Operation::idempotent(
    "getExperimenter",
    &["long"],
    &["@::omero::model::Experimenter"],
);
/// The user of a login name.
pub const LOOKUP_EXPERIMENTER: Operation = Operation::idempotent(
    "lookupExperimenter",
    &["string"],
    &["@::omero::model::Experimenter"],
);
/// The members and owners of the group with an id.
pub const CONTAINED_EXPERIMENTERS: Operation = Operation::idempotent(
    "containedExperimenters",
    &["long"],
    &["seq<@::omero::model::Experimenter>"],
);
/// The users and groups that OMERO relies on.
pub const GET_SECURITY_ROLES: Operation =
    Operation::idempotent("getSecurityRoles", &[], &["@::omero::sys::Roles"]);

/// The administration service. Everybody may read; the server decides what each one sees.
///
/// ```
/// use omero_plugin_api::{Session, services::{Admin, CallError}};
///
/// /// Who owns a group; nobody where there is no such group.
/// fn owners(session: &Session, name: &str) -> Result<Vec<i64>, CallError> {
///     let group = match Admin::of(session)?.group_named(name) {
///         Ok(group) => group,
///         Err(error) if error.exception("::omero::ApiUsageException").is_some() => {
///             return Ok(Vec::new());
///         }
///         Err(error) => return Err(error),
///     };
///     let owners = group.members.iter().filter(|member| member.owner);
///     Ok(owners.map(|member| member.user_id).collect())
/// }
/// # use omero_plugin_api::services::{Group, Membership, admin};
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let members = vec![Membership { user_id: 2, owner: true }, Membership { user_id: 3, owner: false }];
/// # let group = Answer::group(&Group { members, ..Group::default() });
/// # let unknown = Answer::exception("::omero::ApiUsageException", "No such group");
/// # let fake = FakeSession::new().reply(&admin::LOOKUP_GROUP, group).reply(&admin::LOOKUP_GROUP, unknown);
/// # assert_eq!(owners(&fake.session(), "lab").unwrap(), [2]);
/// # assert!(owners(&fake.session(), "bal").unwrap().is_empty());
/// ```
#[derive(Debug, Clone)]
pub struct Admin {
    session: Session,
    proxy: Proxy,
}

impl Admin {
    /// The service on this session.
    ///
    /// # Errors
    ///
    /// The connection is lost or the session has ended.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, EventContext, Group, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let group = Group { id: 3, name: "lab".into(), ..Group::default() };
    /// # let session = FakeSession::new()
    /// #     .reply(&admin::GET_EVENT_CONTEXT, Answer::event_context(&EventContext::default()))
    /// #     .reply(&admin::GET_GROUP, Answer::group(&group))
    /// #     .session();
    /// let admin = Admin::of(&session)?; // Serves any number of calls.
    /// let current = admin.group(admin.event_context()?.group_id)?;
    /// assert_eq!(current.name, "lab");
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn of(session: &Session) -> Result<Self, CallError> {
        Ok(Self {
            session: session.clone(),
            proxy: session.service(NAME)?,
        })
    }

    /// Who one is, in which group, with which rights.
    ///
    /// # Errors
    ///
    /// See [`CallError`]; this holds for all operations here.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, EventContext, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let me = EventContext { group_id: 3, leader_of: vec![3], ..EventContext::default() };
    /// # let me = Answer::event_context(&me);
    /// # let session = FakeSession::new().reply(&admin::GET_EVENT_CONTEXT, me).session();
    /// let me = Admin::of(&session)?.event_context()?;
    /// let may_edit_group = me.admin || me.leader_of.contains(&me.group_id);
    /// assert!(may_edit_group);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn event_context(&self) -> Result<EventContext, CallError> {
        event_context(&self.call(&GET_EVENT_CONTEXT, &[])?)
    }

    /// The ids of the users and groups that OMERO relies on.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Roles, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let roles = Roles { guest_group_id: 2, ..Roles::default() };
    /// # let roles = Answer::roles(&roles);
    /// # let session = FakeSession::new().reply(&admin::GET_SECURITY_ROLES, roles).session();
    /// let roles = Admin::of(&session)?.roles()?;
    /// let built_in = [roles.system_group_id, roles.user_group_id, roles.guest_group_id];
    /// assert!(built_in.contains(&2));
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn roles(&self) -> Result<Roles, CallError> {
        self.begin_roles()?.wait()
    }

    /// As [`Admin::roles`], without waiting.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, EventContext, Roles, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let me = EventContext { user_id: 7, ..EventContext::default() };
    /// # let session = FakeSession::new()
    /// #     .reply(&admin::GET_SECURITY_ROLES, Answer::roles(&Roles::default()))
    /// #     .reply(&admin::GET_EVENT_CONTEXT, Answer::event_context(&me))
    /// #     .session();
    /// let admin = Admin::of(&session)?;
    /// let roles = admin.begin_roles()?;
    /// let me = admin.event_context()?; // The roles come meanwhile.
    /// assert_ne!(me.user_id, roles.wait()?.root_id);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn begin_roles(&self) -> Result<Later<Roles>, CallError> {
        self.begin(&GET_SECURITY_ROLES, &[], read_roles)
    }

    fn begin<T>(
        &self,
        operation: &'static Operation,
        arguments: &[Value],
        read: fn(&Decoded) -> Result<T, CallError>,
    ) -> Result<Later<T>, CallError> {
        let pending = self
            .session
            .begin(&self.proxy, operation, arguments, &Graph::new())?;
        Ok(Later::new(pending, read))
    }

    fn call(&self, operation: &Operation, arguments: &[Value]) -> Result<Decoded, CallError> {
        self.session
            .call(&self.proxy, operation, arguments, &Graph::new())
    }
}

/// Reads the reply to [`GET_EVENT_CONTEXT`].
///
/// # Errors
///
/// A reply without a context.
///
/// For a request that was begun by hand, together with others:
///
/// ```
/// use omero_plugin_api::{services::admin, slice::Graph};
///
/// # use omero_plugin_api::services::{CallError, EventContext};
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let me = EventContext { user_name: "ada".into(), ..EventContext::default() };
/// # let me = Answer::event_context(&me);
/// # let session = FakeSession::new().reply(&admin::GET_EVENT_CONTEXT, me).session();
/// let service = session.service(admin::NAME)?;
/// let pending = session.begin(&service, &admin::GET_EVENT_CONTEXT, &[], &Graph::new())?;
/// // …
/// let me = admin::event_context(&pending.wait()?)?;
/// assert_eq!(me.user_name, "ada");
/// # Ok::<(), CallError>(())
/// ```
pub fn event_context(reply: &Decoded) -> Result<EventContext, CallError> {
    Ok(EventContext::read(&returned(reply)?)?)
}

fn read_roles(reply: &Decoded) -> Result<Roles, CallError> {
    Ok(Roles::read(&returned(reply)?)?)
}
