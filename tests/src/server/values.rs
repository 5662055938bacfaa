//! The server's knowledge as OMERO objects.

use std::collections::BTreeMap;

use omero_plugin_api::slice::{Graph, ObjectRef, SliceError, Value};

use super::model::{GUEST, GUEST_GROUP, Group, Model, SYSTEM_GROUP, Session, USER_GROUP, User};

/// Makes objects and remembers them, so that the same row is the same instance in one reply.
pub struct Builder<'a> {
    model: &'a Model,
    /// The objects made so far.
    pub graph: Graph,
    experimenters: BTreeMap<i64, ObjectRef>,
    groups: BTreeMap<i64, ObjectRef>,
}

type Built<T = ObjectRef> = Result<T, SliceError>;

impl<'a> Builder<'a> {
    pub fn new(model: &'a Model) -> Self {
        let (experimenters, groups) = (BTreeMap::new(), BTreeMap::new());
        Self {
            model,
            graph: Graph::new(),
            experimenters,
            groups,
        }
    }

    /// A user with the user's memberships, whose groups are there too, as OMERO loads them.
    pub fn experimenter(&mut self, user: &User) -> Built {
        if let Some(known) = self.experimenters.get(&user.id) {
            return Ok(*known);
        }
        let object = self.row("::omero::model::Experimenter", user.id)?;
        self.experimenters.insert(user.id, object);
        self.fill_experimenter(object, user)?;
        let mut links = Vec::new();
        for id in self.model.groups_of(user.id) {
            let Some(group) = self.model.groups.get(&id) else {
                continue;
            };
            let parent = self.plain_group(group)?;
            links.push(Value::from(self.link(
                parent,
                object,
                group.owners.contains(&user.id),
            )?));
        }
        self.graph.set(object, "_groupExperimenterMapSeq", links)?;
        self.graph
            .set(object, "_groupExperimenterMapLoaded", true)?;
        Ok(object)
    }

    /// A group with its members, who are there too.
    pub fn group(&mut self, group: &Group) -> Built {
        let object = self.plain_group(group)?;
        if self
            .graph
            .field(object, "_groupExperimenterMapLoaded")?
            .as_bool()?
        {
            return Ok(object);
        }
        let mut links = Vec::new();
        for (id, owner) in group.people() {
            let Some(user) = self.model.users.get(&id) else {
                continue;
            };
            let child = match self.experimenters.get(&id) {
                Some(known) => *known,
                None => self.plain_experimenter(user)?,
            };
            links.push(Value::from(self.link(object, child, owner)?));
        }
        self.graph.set(object, "_groupExperimenterMapSeq", links)?;
        self.graph
            .set(object, "_groupExperimenterMapLoaded", true)?;
        Ok(object)
    }

    /// A session; its owner is loaded without memberships.
    pub fn session(&mut self, session: &Session) -> Built {
        let object = self.row("::omero::model::Session", session.id)?;
        self.version(object)?;
        for (member, text) in [
            ("_uuid", Some(&session.uuid)),
            ("_userAgent", session.agent.as_ref()),
            ("_userIP", session.ip.as_ref()),
            ("_defaultEventType", Some(&session.event_type)),
        ] {
            self.set_text(object, member, text)?;
        }
        let (idle, live) = (session.time_to_idle, session.time_to_live);
        let times = [self.graph.rlong(idle), self.graph.rlong(live)];
        let [idle, live] = times;
        self.graph.set(object, "_timeToIdle", idle)?;
        self.graph.set(object, "_timeToLive", live)?;
        let started = self.graph.rtime(session.started);
        self.graph.set(object, "_started", started)?;
        for (member, id) in [("_owner", Some(session.owner)), ("_sudoer", session.sudoer)] {
            if let Some(user) = id.and_then(|id| self.model.users.get(&id)) {
                let person = self.plain_experimenter(user)?;
                self.graph.set(object, member, person)?;
            }
        }
        Ok(object)
    }

    /// The context a session works in, `group` being the one in force.
    pub fn event_context(&mut self, session: &Session, group: i64) -> Built {
        let object = self.graph.new_object("::omero::sys::EventContext")?;
        let owner = session.owner;
        let name = |id: i64| {
            let user = self.model.users.get(&id);
            user.map_or("", |user| user.reported_name.as_ref().unwrap_or(&user.name))
        };
        let (user_name, sudoer_name) = (name(owner), session.sudoer.map(name));
        let row = self.model.groups.get(&group);
        let permissions = row.map(|row| row.permissions.bits());
        let fields: [(&str, Value); 13] = [
            ("shareId", (-1_i64).into()),
            ("sessionId", session.id.into()),
            ("sessionUuid", session.uuid.as_str().into()),
            ("userId", owner.into()),
            ("userName", user_name.into()),
            ("groupId", group.into()),
            ("groupName", row.map_or("", |row| row.name.as_str()).into()),
            ("isAdmin", self.model.is_admin(owner).into()),
            ("adminPrivileges", self.model.privileges(owner).into()),
            ("eventId", (-1_i64).into()),
            ("eventType", session.event_type.as_str().into()),
            ("memberOfGroups", self.model.groups_of(owner).into()),
            ("leaderOfGroups", self.model.groups_owned_by(owner).into()),
        ];
        for (member, value) in fields {
            self.graph.set(object, member, value)?;
        }
        if let (Some(id), Some(name)) = (session.sudoer, sudoer_name) {
            let (id, name) = (self.graph.rlong(id), self.graph.rstring(name));
            self.graph.set(object, "sudoerId", id)?;
            self.graph.set(object, "sudoerName", name)?;
        }
        if let Some(bits) = permissions {
            let permissions = self.permissions(bits)?;
            self.graph.set(object, "groupPermissions", permissions)?;
        }
        Ok(object)
    }

    /// What others may know of a session that they may not see.
    pub fn veiled_context(&mut self, session: &Session) -> Built {
        let full = self.event_context(session, session.group)?;
        let object = self.graph.new_object("::omero::sys::EventContext")?;
        for member in ["userId", "userName", "groupId", "groupName", "isAdmin"] {
            let value = self.graph.field(full, member)?.clone();
            self.graph.set(object, member, value)?;
        }
        Ok(object)
    }

    /// The names and ids that every server has.
    pub fn roles(&mut self) -> Built {
        let object = self.graph.new_object("::omero::sys::Roles")?;
        let ids = [
            ("rootId", 0),
            ("systemGroupId", SYSTEM_GROUP),
            ("userGroupId", USER_GROUP),
            ("guestId", GUEST),
            ("guestGroupId", GUEST_GROUP),
        ];
        for (member, id) in ids {
            self.graph.set(object, member, id)?;
        }
        for (member, name) in [
            ("rootName", "root"),
            ("systemGroupName", "system"),
            ("userGroupName", "user"),
            ("guestName", "guest"),
            ("guestGroupName", "guest"),
        ] {
            self.graph.set(object, member, name)?;
        }
        Ok(object)
    }

    /// An entry of an enumeration.
    pub fn enumeration(&mut self, class: &str, id: i64, value: &str) -> Built {
        let object = self.row(class, id)?;
        self.set_text(object, "_value", Some(value))?;
        Ok(object)
    }

    fn plain_group(&mut self, group: &Group) -> Built {
        if let Some(known) = self.groups.get(&group.id) {
            return Ok(*known);
        }
        let object = self.row("::omero::model::ExperimenterGroup", group.id)?;
        self.groups.insert(group.id, object);
        self.version(object)?;
        self.set_text(object, "_name", Some(&group.name))?;
        self.set_text(object, "_description", group.description.as_ref())?;
        let ldap = self.graph.rbool(group.ldap);
        self.graph.set(object, "_ldap", ldap)?;
        let details = self.graph.new_object("::omero::model::Details")?;
        let permissions = self.permissions(group.permissions.bits())?;
        self.graph.set(details, "_permissions", permissions)?;
        self.graph.set(object, "_details", details)?;
        Ok(object)
    }

    fn plain_experimenter(&mut self, user: &User) -> Built {
        let object = self.row("::omero::model::Experimenter", user.id)?;
        self.fill_experimenter(object, user)?;
        Ok(object)
    }

    fn fill_experimenter(&mut self, object: ObjectRef, user: &User) -> Built<()> {
        self.version(object)?;
        for (member, text) in [
            ("_omeName", Some(&user.name)),
            ("_firstName", Some(&user.first_name)),
            ("_middleName", user.middle_name.as_ref()),
            ("_lastName", Some(&user.last_name)),
            ("_institution", user.institution.as_ref()),
            ("_email", user.email.as_ref()),
        ] {
            self.set_text(object, member, text)?;
        }
        let ldap = self.graph.rbool(user.ldap);
        self.graph.set(object, "_ldap", ldap)
    }

    fn link(&mut self, group: ObjectRef, person: ObjectRef, owner: bool) -> Built {
        let id = i64::try_from(self.graph.len()).unwrap_or(i64::MAX);
        let object = self.row("::omero::model::GroupExperimenterMap", id)?;
        self.version(object)?;
        let owner = self.graph.rbool(owner);
        self.graph.set(object, "_parent", group)?;
        self.graph.set(object, "_child", person)?;
        self.graph.set(object, "_owner", owner)?;
        Ok(object)
    }

    fn permissions(&mut self, bits: i64) -> Built {
        let object = self.graph.new_object("::omero::model::Permissions")?;
        self.graph.set(object, "_perm1", bits)?;
        Ok(object)
    }

    fn row(&mut self, class: &str, id: i64) -> Built {
        let object = self.graph.new_object(class)?;
        let id = self.graph.rlong(id);
        self.graph.set(object, "_id", id)?;
        self.graph.set(object, "_loaded", true)?;
        Ok(object)
    }

    fn version(&mut self, object: ObjectRef) -> Built<()> {
        let version = self.graph.rint(0);
        self.graph.set(object, "_version", version)
    }

    fn set_text(
        &mut self,
        object: ObjectRef,
        member: &str,
        text: Option<impl Into<String>>,
    ) -> Built<()> {
        let Some(text) = text else { return Ok(()) };
        let value = self.graph.rstring(text);
        self.graph.set(object, member, value)
    }
}

/// The id of a model object in a request, `None` for null or an object without id.
pub fn id_of(graph: &Graph, object: &Value) -> Built<Option<i64>> {
    match graph.object_of(object)? {
        Some(object) => graph.rlong_of(object.get("_id")?),
        None => Ok(None),
    }
}
