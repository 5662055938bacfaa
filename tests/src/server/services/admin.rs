//! `omero::api::IAdmin`: people and groups.

use omero_plugin_api::slice::Value;

use super::super::dispatch::{Answer, Outcome, Trouble};
use super::super::model::{Group, SYSTEM_GROUP, User};
use super::super::thrown::Thrown;
use super::super::values::{Builder, id_of};
use super::{Call, done, people};

pub fn invoke(call: &mut Call<'_>, operation: &str) -> Outcome {
    match operation {
        "getEventContext" => event_context(call),
        "getSecurityRoles" => built(call, |_, builder| Ok(builder.roles()?.into())),
        "getExperimenter" | "lookupExperimenter" => {
            let user = find_user(call, operation == "getExperimenter")?.clone();
            built(call, |_, builder| Ok(builder.experimenter(&user)?.into()))
        }
        "lookupExperimenters" => everybody(call, None),
        "containedExperimenters" => everybody(call, Some(call.long(0)?)),
        "getGroup" | "lookupGroup" => {
            let group = find_group(call, operation == "getGroup")?.clone();
            built(call, |_, builder| Ok(builder.group(&group)?.into()))
        }
        "lookupGroups" => groups(call, call.world.model.groups.keys().copied().collect()),
        "containedGroups" => {
            let user = existing_user(call, call.long(0)?)?.id;
            groups(call, call.world.model.groups_of(user))
        }
        "getDefaultGroup" => default_group(call),
        "getMemberOfGroupIds" => Ok(Answer::of(call.world.model.groups_of(person(call)?))),
        "getLeaderOfGroupIds" => Ok(Answer::of(call.world.model.groups_owned_by(person(call)?))),
        "getCurrentAdminPrivileges" => privileges(call, call.user()?),
        "getAdminPrivileges" => privileges(call, person(call)?),
        "setDefaultGroup" => set_default_group(call),
        "changePassword" => change_password(call, 0),
        "changePasswordWithOldPassword" => change_password_with_old(call),
        _ => people::invoke(call, operation),
    }
}

fn built(
    call: &Call<'_>,
    make: impl FnOnce(&Call<'_>, &mut Builder<'_>) -> Result<Value, Trouble>,
) -> Outcome {
    let mut builder = Builder::new(&call.world.model);
    let value = make(call, &mut builder)?;
    Ok(Answer::with(builder.graph, value))
}

fn event_context(call: &Call<'_>) -> Outcome {
    let (session, group) = (call.own_session()?.clone(), call.group()?);
    built(call, |_, builder| {
        Ok(builder.event_context(&session, group)?.into())
    })
}

fn existing_user<'a>(call: &'a Call<'_>, id: i64) -> Result<&'a User, Trouble> {
    let missing = || Thrown::api_usage(&format!("No such experimenter: {id}"));
    call.world
        .model
        .users
        .get(&id)
        .ok_or_else(|| missing().into())
}

fn find_user<'a>(call: &'a Call<'_>, by_id: bool) -> Result<&'a User, Trouble> {
    if by_id {
        return existing_user(call, call.long(0)?);
    }
    let name = call.text(0)?;
    let missing = || Thrown::api_usage(&format!("No such experimenter: {name}"));
    call.world
        .model
        .user_named(name)
        .ok_or_else(|| missing().into())
}

fn find_group<'a>(call: &'a Call<'_>, by_id: bool) -> Result<&'a Group, Trouble> {
    let (found, wanted) = if by_id {
        let id = call.long(0)?;
        (call.world.model.groups.get(&id), id.to_string())
    } else {
        let name = call.text(0)?;
        (call.world.model.group_named(name), name.to_owned())
    };
    found.ok_or_else(|| Thrown::api_usage(&format!("No such group: {wanted}")).into())
}

/// Everybody, or everybody in a group.
fn everybody(call: &Call<'_>, group: Option<i64>) -> Outcome {
    let model = &call.world.model;
    if let Some(id) = group.filter(|id| !model.groups.contains_key(id)) {
        return Err(Thrown::api_usage(&format!("No such group: {id}")).into());
    }
    let inside = |user: &&User| {
        group.is_none_or(|id| {
            model
                .groups
                .get(&id)
                .is_some_and(|group| group.has(user.id))
        })
    };
    built(call, |_, builder| {
        let mut list = Vec::new();
        for user in model.users.values().filter(inside) {
            list.push(Value::from(builder.experimenter(user)?));
        }
        Ok(list.into())
    })
}

fn groups(call: &Call<'_>, ids: Vec<i64>) -> Outcome {
    built(call, |call, builder| {
        let mut list = Vec::new();
        for group in ids.iter().filter_map(|id| call.world.model.groups.get(id)) {
            list.push(Value::from(builder.group(group)?));
        }
        Ok(list.into())
    })
}

fn default_group(call: &Call<'_>) -> Outcome {
    let id = existing_user(call, call.long(0)?)?.default_group;
    let group = call.world.model.groups.get(&id).cloned();
    let group = group.ok_or_else(|| Thrown::api_usage(&format!("No such group: {id}")))?;
    built(call, |_, builder| Ok(builder.group(&group)?.into()))
}

/// The experimenter of the first parameter, by its id.
fn person(call: &Call<'_>) -> Result<i64, Trouble> {
    let id = id_of(&call.graph, call.argument(0)?)?;
    let missing = || Thrown::server("ValidationException", "Experimenter must have an id");
    existing_user(call, id.ok_or_else(missing)?).map(|user| user.id)
}

fn privileges(call: &Call<'_>, user: i64) -> Outcome {
    let values = call.world.model.privileges(user);
    built(call, |_, builder| {
        let mut list = Vec::new();
        for (id, value) in (1..).zip(&values) {
            let class = "::omero::model::AdminPrivilege";
            list.push(Value::from(builder.enumeration(class, id, value)?));
        }
        Ok(list.into())
    })
}

fn set_default_group(call: &mut Call<'_>) -> Outcome {
    let (user, own) = (person(call)?, call.user()?);
    let id = id_of(&call.graph, call.argument(1)?)?.unwrap_or(-1);
    if own != user && !call.world.model.is_admin(own) {
        return Err(Thrown::security("Cannot change the default group of another user").into());
    }
    if !call
        .world
        .model
        .groups
        .get(&id)
        .is_some_and(|group| group.has(user))
    {
        return Err(Thrown::api_usage(&format!("No such group: {id}")).into());
    }
    if let Some(user) = call.world.model.users.get_mut(&user) {
        user.default_group = id;
    }
    done()
}

fn change_password(call: &mut Call<'_>, argument: usize) -> Outcome {
    let own = call.user()?;
    let new = call
        .graph
        .rstring_of(call.argument(argument)?)?
        .unwrap_or_default()
        .to_owned();
    if let Some(user) = call.world.model.users.get_mut(&own) {
        user.password = new;
    }
    done()
}

fn change_password_with_old(call: &mut Call<'_>) -> Outcome {
    let user = existing_user(call, call.user()?)?;
    let old = call
        .graph
        .rstring_of(call.argument(0)?)?
        .unwrap_or_default();
    if user.password != old {
        return Err(Thrown::security(&format!("Bad password for {}", user.name)).into());
    }
    change_password(call, 1)
}

/// Throws unless the caller is an administrator.
pub fn admins_only(call: &Call<'_>) -> Result<(), Trouble> {
    let user = call.user()?;
    let system = call.world.model.groups.get(&SYSTEM_GROUP);
    if system.is_some_and(|system| system.has(user)) {
        return Ok(());
    }
    Err(Thrown::security(&format!("User {user} is not an administrator")).into())
}
