//! OMERO's users, groups and sessions as plain values.

use std::fmt;

use super::{Permissions, view::View};
use crate::slice::SliceError;

/// Who a session belongs to and what it may do.
///
/// ```
/// use omero_plugin_api::services::EventContext;
///
/// /// Whether one may work as somebody else.
/// fn may_sudo(me: &EventContext) -> bool {
///     me.admin && me.privileges.iter().any(|privilege| privilege == "Sudo")
/// }
///
/// let privileges = vec!["Sudo".to_owned()];
/// let root = EventContext { admin: true, privileges, ..EventContext::default() };
/// assert!(may_sudo(&root));
/// assert!(!may_sudo(&EventContext::default()));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EventContext {
    /// The session's key: a credential, so it has no place in messages.
    pub session_uuid: String,
    /// The user's id.
    pub user_id: i64,
    /// The user's login name.
    pub user_name: String,
    /// The current group's id.
    pub group_id: i64,
    /// The current group's name.
    pub group_name: String,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// The administrator's privileges.
    pub privileges: Vec<String>,
    /// The ids of the groups the user belongs to.
    pub member_of: Vec<i64>,
    /// The ids of the groups the user owns.
    pub leader_of: Vec<i64>,
}

impl fmt::Debug for EventContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventContext")
            .field("user_id", &self.user_id)
            .field("user_name", &self.user_name)
            .field("group_id", &self.group_id)
            .field("group_name", &self.group_name)
            .field("admin", &self.admin)
            .field("privileges", &self.privileges)
            .field("member_of", &self.member_of)
            .field("leader_of", &self.leader_of)
            .finish_non_exhaustive()
    }
}

impl EventContext {
    pub(super) fn read(view: &View<'_>) -> Result<Self, SliceError> {
        let privileges = view.value("adminPrivileges")?.as_strings()?;
        Ok(Self {
            session_uuid: view.value("sessionUuid")?.as_str()?.to_owned(),
            user_id: view.value("userId")?.as_long()?,
            user_name: view.value("userName")?.as_str()?.to_owned(),
            group_id: view.value("groupId")?.as_long()?,
            group_name: view.value("groupName")?.as_str()?.to_owned(),
            admin: view.value("isAdmin")?.as_bool()?,
            privileges: privileges.into_iter().map(str::to_owned).collect(),
            member_of: view.value("memberOfGroups")?.as_longs()?,
            leader_of: view.value("leaderOfGroups")?.as_longs()?,
        })
    }
}

/// A session on the server.
///
/// ```
/// use omero_plugin_api::services::OpenSession;
///
/// fn ends_when_idle(session: &OpenSession) -> String {
///     match session.time_to_idle {
///         0 => "never".to_owned(),
///         milliseconds => format!("after {} min", milliseconds / 60_000),
///     }
/// }
///
/// let session = OpenSession { time_to_idle: 600_000, ..OpenSession::default() };
/// assert_eq!(ends_when_idle(&session), "after 10 min");
/// # assert_eq!(ends_when_idle(&OpenSession::default()), "never");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OpenSession {
    /// The session's key: a credential.
    pub uuid: String,
    /// After how many idle milliseconds the server ends it; 0 is never.
    pub time_to_idle: i64,
    /// After how many milliseconds the server ends it anyway; 0 is never.
    pub time_to_live: i64,
    /// When it began, milliseconds since 1970.
    pub started: Option<i64>,
    /// The program that opened it; `None` where the server does not say.
    pub agent: Option<String>,
}

impl fmt::Debug for OpenSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSession")
            .field("time_to_idle", &self.time_to_idle)
            .field("time_to_live", &self.time_to_live)
            .field("started", &self.started)
            .field("agent", &self.agent)
            .finish_non_exhaustive()
    }
}

impl OpenSession {
    pub(super) fn read(view: &View<'_>) -> Result<Self, SliceError> {
        let agent = view.rstring("_userAgent")?;
        Ok(Self {
            uuid: view.rstring("_uuid")?,
            time_to_idle: view.rlong("_timeToIdle")?.unwrap_or_default(),
            time_to_live: view.rlong("_timeToLive")?.unwrap_or_default(),
            started: view.rtime("_started")?,
            agent: Some(agent).filter(|agent| !agent.is_empty()),
        })
    }
}

/// One user's membership in a group.
///
/// ```
/// use omero_plugin_api::services::{Group, Membership};
///
/// let members = vec![
///     Membership { user_id: 2, owner: true },
///     Membership { user_id: 3, owner: false },
/// ];
/// let lab = Group { name: "lab".into(), members, ..Group::default() };
/// assert!(lab.members.contains(&Membership { user_id: 2, owner: true }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The user's id.
    pub user_id: i64,
    /// Whether the user owns the group.
    pub owner: bool,
}

/// A group of users.
///
/// ```
/// use omero_plugin_api::{services::{Group, Permissions}, table::{Style, Table}};
///
/// let permissions = Permissions::from_bits(0x750);
/// let groups = [Group { id: 3, name: "lab".into(), permissions, ..Group::default() }];
/// let mut table = Table::new(["id", "name", "perms"]);
/// for group in &groups {
///     table.row([group.id.to_string(), group.name.clone(), group.permissions.to_string()]);
/// }
/// assert_eq!(table.render(Style::Plain), "3,lab,rwra--\n");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// What it allows.
    pub permissions: Permissions,
    /// Whether LDAP keeps it.
    pub ldap: bool,
    /// Who belongs to it, owners included.
    pub members: Vec<Membership>,
}

impl Group {
    pub(super) fn read(view: &View<'_>) -> Result<Self, SliceError> {
        let mut members = Vec::new();
        for link in view.objects("_groupExperimenterMapSeq")? {
            if let Some(user) = link.object("_child")? {
                members.push(Membership {
                    user_id: user.id()?,
                    owner: link.rbool("_owner")?,
                });
            }
        }
        Ok(Self {
            id: view.id()?,
            name: view.rstring("_name")?,
            description: view.rstring("_description")?,
            permissions: permissions(view)?,
            ldap: view.rbool("_ldap")?,
            members,
        })
    }
}

fn permissions(view: &View<'_>) -> Result<Permissions, SliceError> {
    let Some(details) = view.object("_details")? else {
        return Ok(Permissions::default());
    };
    let Some(permissions) = details.object("_permissions")? else {
        return Ok(Permissions::default());
    };
    Ok(Permissions::from_bits(
        permissions.value("_perm1")?.as_long()?,
    ))
}

/// One group of a user.
///
/// ```
/// use omero_plugin_api::services::{Experimenter, UserGroup};
///
/// let groups = [(1, false), (3, true)].map(|(group_id, owner)| UserGroup { group_id, owner });
/// let ada = Experimenter { groups: groups.into(), ..Experimenter::default() };
/// let (owned, joined): (Vec<_>, Vec<_>) = ada.groups.iter().partition(|group| group.owner);
/// assert_eq!((owned[0].group_id, joined[0].group_id), (3, 1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserGroup {
    /// The group's id.
    pub group_id: i64,
    /// Whether the user owns it.
    pub owner: bool,
}

/// A user.
///
/// ```
/// use omero_plugin_api::services::Experimenter;
///
/// /// The user's name, or the login name where there is none.
/// fn full_name(user: &Experimenter) -> String {
///     let name = format!("{} {}", user.first_name, user.last_name);
///     if name.trim().is_empty() { user.login.clone() } else { name.trim().to_owned() }
/// }
///
/// let user = Experimenter { login: "ada".into(), ..Experimenter::default() };
/// assert_eq!(full_name(&user), "ada");
/// let user = Experimenter { first_name: "Ada".into(), last_name: "Lovelace".into(), ..user };
/// assert_eq!(full_name(&user), "Ada Lovelace");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Experimenter {
    /// The user's id.
    pub id: i64,
    /// The login name.
    pub login: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether LDAP keeps the user.
    pub ldap: bool,
    /// The groups of the user, the owned ones included.
    pub groups: Vec<UserGroup>,
}

impl Experimenter {
    pub(super) fn read(view: &View<'_>) -> Result<Self, SliceError> {
        let mut groups = Vec::new();
        for link in view.objects("_groupExperimenterMapSeq")? {
            if let Some(group) = link.object("_parent")? {
                groups.push(UserGroup {
                    group_id: group.id()?,
                    owner: link.rbool("_owner")?,
                });
            }
        }
        Ok(Self {
            id: view.id()?,
            login: view.rstring("_omeName")?,
            first_name: view.rstring("_firstName")?,
            last_name: view.rstring("_lastName")?,
            email: view.rstring("_email")?,
            ldap: view.rbool("_ldap")?,
            groups,
        })
    }
}

/// The ids of the users and groups that OMERO itself relies on.
///
/// ```
/// use omero_plugin_api::services::{Experimenter, Roles};
///
/// fn is_administrator(user: &Experimenter, roles: &Roles) -> bool {
///     user.groups.iter().any(|group| group.group_id == roles.system_group_id)
/// }
///
/// # use omero_plugin_api::services::UserGroup;
/// let roles = Roles { system_group_id: 0, user_group_id: 1, ..Roles::default() };
/// let groups = vec![UserGroup { group_id: roles.user_group_id, owner: false }];
/// let ada = Experimenter { groups, ..Experimenter::default() };
/// assert!(!is_administrator(&ada, &roles));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// The administrator `root`.
    pub root_id: i64,
    /// The group whose members are administrators.
    pub system_group_id: i64,
    /// The group whose members may log in.
    pub user_group_id: i64,
    /// The group of guests.
    pub guest_group_id: i64,
}

impl Roles {
    pub(super) fn read(view: &View<'_>) -> Result<Self, SliceError> {
        Ok(Self {
            root_id: view.value("rootId")?.as_long()?,
            system_group_id: view.value("systemGroupId")?.as_long()?,
            user_group_id: view.value("userGroupId")?.as_long()?,
            guest_group_id: view.value("guestGroupId")?.as_long()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{EventContext, OpenSession};

    #[test]
    fn keys_are_not_shown() {
        let key = "a-session-key".to_owned();
        let context = EventContext {
            session_uuid: key.clone(),
            ..EventContext::default()
        };
        let session = OpenSession {
            uuid: key.clone(),
            ..OpenSession::default()
        };
        assert!(!format!("{context:?} {session:?}").contains(&key));
    }
}
