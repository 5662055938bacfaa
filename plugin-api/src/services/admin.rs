//! `IAdmin`: users, groups and who one is.

use super::{
    CallError, EventContext, Experimenter, Group, Later, Operation, Roles,
    view::{first, returned, views},
};
use crate::{
    Session,
    slice::{Decoded, Graph, Proxy, Value},
};

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
    pub fn event_context(&self) -> Result<EventContext, CallError> {
        event_context(&self.call(&GET_EVENT_CONTEXT, &[])?)
    }

    /// All groups that the server shows.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn groups(&self) -> Result<Vec<Group>, CallError> {
        let reply = self.call(&LOOKUP_GROUPS, &[])?;
        let groups = views(&reply.graph, first(&reply)?)?;
        Ok(groups.iter().map(Group::read).collect::<Result<_, _>>()?)
    }

    /// The group with this id.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is none.
    pub fn group(&self, id: i64) -> Result<Group, CallError> {
        self.begin_group(id)?.wait()
    }

    /// As [`Admin::group`], without waiting.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub fn begin_group(&self, id: i64) -> Result<Later<Group>, CallError> {
        self.begin(&GET_GROUP, &[Value::Long(id)], read_group)
    }

    /// The group of this name.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is none.
    pub fn group_named(&self, name: &str) -> Result<Group, CallError> {
        self.begin_group_named(name)?.wait()
    }

    /// As [`Admin::group_named`], without waiting.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub fn begin_group_named(&self, name: &str) -> Result<Later<Group>, CallError> {
        self.begin(&LOOKUP_GROUP, &[Value::from(name)], read_group)
    }

    /// All users that the server shows.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn experimenters(&self) -> Result<Vec<Experimenter>, CallError> {
        experimenters(&self.call(&LOOKUP_EXPERIMENTERS, &[])?)
    }

    /// The user with this id.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is none.
    pub fn experimenter(&self, id: i64) -> Result<Experimenter, CallError> {
        Ok(Experimenter::read(&returned(
            &self.call(&GET_EXPERIMENTER, &[Value::Long(id)])?,
        )?)?)
    }

    /// The user of this login name.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is none.
    pub fn experimenter_named(&self, login: &str) -> Result<Experimenter, CallError> {
        let reply = self.call(&LOOKUP_EXPERIMENTER, &[Value::from(login)])?;
        Ok(Experimenter::read(&returned(&reply)?)?)
    }

    /// The members and owners of a group.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is no such group.
    pub fn experimenters_of(&self, group_id: i64) -> Result<Vec<Experimenter>, CallError> {
        self.begin_experimenters_of(group_id)?.wait()
    }

    /// As [`Admin::experimenters_of`], without waiting.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub fn begin_experimenters_of(
        &self,
        group_id: i64,
    ) -> Result<Later<Vec<Experimenter>>, CallError> {
        let arguments = [Value::Long(group_id)];
        self.begin(&CONTAINED_EXPERIMENTERS, &arguments, experimenters)
    }

    /// The ids of the users and groups that OMERO relies on.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn roles(&self) -> Result<Roles, CallError> {
        self.begin_roles()?.wait()
    }

    /// As [`Admin::roles`], without waiting.
    ///
    /// # Errors
    ///
    /// The connection is lost.
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
pub fn event_context(reply: &Decoded) -> Result<EventContext, CallError> {
    Ok(EventContext::read(&returned(reply)?)?)
}

fn read_group(reply: &Decoded) -> Result<Group, CallError> {
    Ok(Group::read(&returned(reply)?)?)
}

fn read_roles(reply: &Decoded) -> Result<Roles, CallError> {
    Ok(Roles::read(&returned(reply)?)?)
}

fn experimenters(reply: &Decoded) -> Result<Vec<Experimenter>, CallError> {
    let users = views(&reply.graph, first(reply)?)?;
    Ok(users
        .iter()
        .map(Experimenter::read)
        .collect::<Result<_, _>>()?)
}
