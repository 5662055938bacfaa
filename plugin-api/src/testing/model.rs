//! OMERO's objects out of plain values: the opposite of what the typed services do.

use crate::{
    services::{Cell, EventContext, Experimenter, Group, OpenSession, Roles},
    slice::{Graph, Identity, ObjectRef, Proxy, SliceError, Type, Value, schema},
};

type Built = Result<Value, SliceError>;

/// A proxy without an address: the fake session is the only one who takes it.
pub(super) fn proxy(name: &str) -> Proxy {
    Proxy::new(Identity::new("", name), Vec::new())
}

/// A sequence of what `one` makes.
pub(super) fn sequence<T>(
    graph: &mut Graph,
    elements: &[T],
    one: fn(&mut Graph, &T) -> Built,
) -> Built {
    let values: Result<Vec<Value>, _> = elements.iter().map(|e| one(graph, e)).collect();
    values.map(Value::Seq)
}

pub(super) fn group(graph: &mut Graph, group: &Group) -> Built {
    let object = model(graph, "::omero::model::ExperimenterGroup", group.id)?;
    text(graph, object, "_name", &group.name)?;
    text(graph, object, "_description", &group.description)?;
    flag(graph, object, "_ldap", group.ldap)?;
    let permissions = graph.new_object("::omero::model::Permissions")?;
    graph.set(permissions, "_perm1", group.permissions.bits())?;
    let details = graph.new_object("::omero::model::Details")?;
    graph.set(details, "_permissions", permissions)?;
    graph.set(object, "_details", details)?;
    let mut links = Vec::new();
    for member in &group.members {
        let user = model(graph, "::omero::model::Experimenter", member.user_id)?;
        links.push(link(graph, object, user, member.owner)?);
    }
    graph.set(object, "_groupExperimenterMapSeq", links)?;
    Ok(object.into())
}

pub(super) fn experimenter(graph: &mut Graph, user: &Experimenter) -> Built {
    let object = model(graph, "::omero::model::Experimenter", user.id)?;
    text(graph, object, "_omeName", &user.login)?;
    text(graph, object, "_firstName", &user.first_name)?;
    text(graph, object, "_lastName", &user.last_name)?;
    text(graph, object, "_email", &user.email)?;
    flag(graph, object, "_ldap", user.ldap)?;
    let mut links = Vec::new();
    for membership in &user.groups {
        let id = membership.group_id;
        let group = model(graph, "::omero::model::ExperimenterGroup", id)?;
        links.push(link(graph, group, object, membership.owner)?);
    }
    graph.set(object, "_groupExperimenterMapSeq", links)?;
    Ok(object.into())
}

pub(super) fn open_session(graph: &mut Graph, session: &OpenSession) -> Built {
    let object = graph.new_object("::omero::model::Session")?;
    graph.set(object, "_loaded", true)?;
    text(graph, object, "_uuid", &session.uuid)?;
    let idle = graph.rlong(session.time_to_idle);
    graph.set(object, "_timeToIdle", idle)?;
    let live = graph.rlong(session.time_to_live);
    graph.set(object, "_timeToLive", live)?;
    if let Some(started) = session.started {
        let started = graph.rtime(started);
        graph.set(object, "_started", started)?;
    }
    if let Some(agent) = &session.agent {
        text(graph, object, "_userAgent", agent)?;
    }
    Ok(object.into())
}

pub(super) fn event_context(graph: &mut Graph, context: &EventContext) -> Built {
    let object = graph.new_object("::omero::sys::EventContext")?;
    graph.set(object, "sessionUuid", context.session_uuid.as_str())?;
    graph.set(object, "userId", context.user_id)?;
    graph.set(object, "userName", context.user_name.as_str())?;
    graph.set(object, "groupId", context.group_id)?;
    graph.set(object, "groupName", context.group_name.as_str())?;
    graph.set(object, "isAdmin", context.admin)?;
    graph.set(object, "adminPrivileges", context.privileges.clone())?;
    graph.set(object, "memberOfGroups", context.member_of.clone())?;
    graph.set(object, "leaderOfGroups", context.leader_of.clone())?;
    Ok(object.into())
}

pub(super) fn roles(graph: &mut Graph, roles: &Roles) -> Built {
    let object = graph.new_object("::omero::sys::Roles")?;
    graph.set(object, "rootId", roles.root_id)?;
    graph.set(object, "systemGroupId", roles.system_group_id)?;
    graph.set(object, "userGroupId", roles.user_group_id)?;
    graph.set(object, "guestGroupId", roles.guest_group_id)?;
    Ok(object.into())
}

pub(super) fn rows(graph: &mut Graph, rows: &[Vec<Cell>]) -> Built {
    let mut values = Vec::new();
    for row in rows {
        let cells: Result<Vec<Value>, _> = row.iter().map(|c| cell(graph, c)).collect();
        values.push(Value::Seq(cells?));
    }
    Ok(Value::Seq(values))
}

fn cell(graph: &mut Graph, value: &Cell) -> Built {
    Ok(match value {
        Cell::Null => Value::Object(None),
        Cell::Bool(value) => graph.rbool(*value),
        Cell::Integer(value) => graph.rlong(*value),
        Cell::Real(value) => graph.rdouble(*value),
        Cell::Text(text) => graph.rstring(text.as_str()),
        Cell::Time(value) => graph.rtime(*value),
        Cell::Object(object) => {
            let class = format!("::omero::model::{}", object.class);
            let model = model(graph, &class, object.id)?;
            for (name, value) in &object.fields {
                let member = format!("_{name}");
                let value = field(graph, &class, &member, value)?;
                graph.set(model, &member, value)?;
            }
            let boxed = graph.new_object("::omero::RObject")?;
            graph.set(boxed, "_val", model)?;
            boxed.into()
        }
        Cell::Map(entries) => {
            let mut values = Vec::new();
            for (name, entry) in entries {
                values.push((Value::from(name.as_str()), cell(graph, entry)?));
            }
            let map = graph.new_object("::omero::RMap")?;
            graph.set(map, "_val", values)?;
            map.into()
        }
        Cell::List(cells) => {
            let values: Result<Vec<Value>, _> = cells.iter().map(|c| cell(graph, c)).collect();
            graph.rlist(values?)
        }
    })
}

/// A member of a model object, boxed as its class wants it: a cell does not tell how many bits its
/// number has.
fn field(graph: &mut Graph, class: &str, member: &str, value: &Cell) -> Built {
    let mut members = schema::chain(class).flat_map(|class| &class.members);
    let declared = members.find(|candidate| candidate.name == member);
    let wants = |boxed| declared.is_some_and(|member| member.ty == Type::class(boxed));
    Ok(match value {
        Cell::Integer(number) if wants("::omero::RInt") => {
            let number = i32::try_from(*number).map_err(|_| SliceError::TypeMismatch {
                expected: format!("{member} of 32 bits"),
                found: "a longer number",
            })?;
            graph.rint(number)
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the class has no more digits"
        )]
        Cell::Real(number) if wants("::omero::RFloat") => graph.rfloat(*number as f32),
        other => cell(graph, other)?,
    })
}

/// A model object with an id and nothing else.
fn model(graph: &mut Graph, class: &str, id: i64) -> Result<ObjectRef, SliceError> {
    let object = graph.new_object(class)?;
    let id = graph.rlong(id);
    graph.set(object, "_id", id)?;
    graph.set(object, "_loaded", true)?;
    Ok(object)
}

fn link(graph: &mut Graph, group: ObjectRef, user: ObjectRef, owner: bool) -> Built {
    let link = graph.new_object("::omero::model::GroupExperimenterMap")?;
    graph.set(link, "_loaded", true)?;
    graph.set(link, "_parent", group)?;
    graph.set(link, "_child", user)?;
    flag(graph, link, "_owner", owner)?;
    Ok(link.into())
}

fn text(graph: &mut Graph, object: ObjectRef, member: &str, text: &str) -> Result<(), SliceError> {
    let value = graph.rstring(text);
    graph.set(object, member, value)
}

fn flag(graph: &mut Graph, object: ObjectRef, member: &str, flag: bool) -> Result<(), SliceError> {
    let value = graph.rbool(flag);
    graph.set(object, member, value)
}
