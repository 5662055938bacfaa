//! `omero::api::IAdmin`: making people and groups, and who is in which.

use omero_plugin_api::slice::{SliceError, Value};

use super::super::dispatch::{Answer, Outcome, Trouble};
use super::super::model::{Group, Permissions, User};
use super::super::thrown::Thrown;
use super::super::values::id_of;
use super::admin::admins_only;
use super::{Call, done, not_implemented};

pub fn invoke(call: &mut Call<'_>, operation: &str) -> Outcome {
    match operation {
        "createGroup" => create_group(call),
        "createExperimenter" => create_experimenter(call, String::new(), 1),
        "createExperimenterWithPassword" => {
            let password = call.graph.rstring_of(call.argument(1)?)?;
            let password = password.unwrap_or_default().to_owned();
            create_experimenter(call, password, 2)
        }
        "addGroups" | "removeGroups" => {
            let (user, groups) = (id(call, 0)?, ids(call, 1)?);
            for group in groups {
                change(call, group, |group| match operation {
                    "addGroups" => group.join(user),
                    _ => group.leave(user),
                })?;
            }
            done()
        }
        "addGroupOwners" | "removeGroupOwners" => {
            let (group, users) = (id(call, 0)?, ids(call, 1)?);
            for user in users {
                change(call, group, |group| {
                    group.leave(user);
                    match operation {
                        "addGroupOwners" => group.owners.push(user),
                        _ => group.members.push(user),
                    }
                })?;
            }
            done()
        }
        "changeUserPassword" => change_user_password(call),
        _ => not_implemented(operation),
    }
}

/// Changes a group on behalf of an administrator or one of its owners.
fn change(call: &mut Call<'_>, id: i64, work: impl FnOnce(&mut Group)) -> Result<(), Trouble> {
    let user = call.user()?;
    let group = call.world.model.groups.get(&id);
    if !group.is_some_and(|group| group.owners.contains(&user)) {
        admins_only(call)?;
    }
    let group = call.world.model.groups.get_mut(&id);
    let missing = || Thrown::api_usage(&format!("No such group: {id}"));
    work(group.ok_or_else(missing)?);
    Ok(())
}

fn create_group(call: &mut Call<'_>) -> Outcome {
    admins_only(call)?;
    let name = required(call, "_name")?;
    if call.world.model.group_named(&name).is_some() {
        return Err(duplicate("ome.model.meta.ExperimenterGroup").into());
    }
    let mut group = Group::new(call.world.model.fresh_id(), &name);
    group.permissions = permissions(call)?.unwrap_or_default();
    group.description = text(call, "_description")?;
    let id = group.id;
    call.world.model.groups.insert(id, group);
    Ok(Answer::of(id))
}

/// The permissions in the details of the first parameter.
fn permissions(call: &Call<'_>) -> Result<Option<Permissions>, SliceError> {
    let graph = &call.graph;
    let Some(object) = call
        .arguments
        .first()
        .map_or(Ok(None), |value| graph.object_of(value))?
    else {
        return Ok(None);
    };
    let Some(details) = graph.object_of(object.get("_details")?)? else {
        return Ok(None);
    };
    let Some(permissions) = graph.object_of(details.get("_permissions")?)? else {
        return Ok(None);
    };
    let bits = permissions.get("_perm1")?.as_long()?;
    Ok(Some(Permissions::of_bits(bits & 0x777)))
}

/// The new user is a member of the default group, the argument at `first`, and of those after it.
fn create_experimenter(call: &mut Call<'_>, password: String, first: usize) -> Outcome {
    admins_only(call)?;
    let name = required(call, "_omeName")?;
    if call.world.model.user_named(&name).is_some() {
        return Err(duplicate("ome.model.meta.Experimenter").into());
    }
    let default = id(call, first)?;
    let mut user = User::new(call.world.model.fresh_id(), &name, &password, default);
    user.first_name = required(call, "_firstName")?;
    user.last_name = required(call, "_lastName")?;
    user.middle_name = text(call, "_middleName")?;
    user.institution = text(call, "_institution")?;
    user.email = text(call, "_email")?;
    let id = user.id;
    let others = ids(call, first + 1)?;
    for group in std::iter::once(default).chain(others) {
        change(call, group, |group| group.join(id))?;
    }
    call.world.model.users.insert(id, user);
    Ok(Answer::of(id))
}

fn change_user_password(call: &mut Call<'_>) -> Outcome {
    admins_only(call)?;
    let name = call.text(0)?.to_owned();
    let new = call.graph.rstring_of(call.argument(1)?)?;
    let new = new.unwrap_or_default().to_owned();
    let missing = || Thrown::api_usage(&format!("No such experimenter: {name}"));
    let id = call.world.model.user_named(&name).ok_or_else(missing)?.id;
    if let Some(user) = call.world.model.users.get_mut(&id) {
        user.password = new;
    }
    done()
}

/// A text of the object that is the first parameter.
fn text(call: &Call<'_>, member: &str) -> Result<Option<String>, Trouble> {
    let Some(object) = call.graph.object_of(call.argument(0)?)? else {
        return Ok(None);
    };
    let text = call.graph.rstring_of(object.get(member)?)?;
    Ok(text.filter(|text| !text.is_empty()).map(str::to_owned))
}

fn required(call: &Call<'_>, member: &str) -> Result<String, Trouble> {
    let name = member.trim_start_matches('_');
    let words = format!("not-null property references a null or transient value: {name}");
    let missing = || Thrown::server("ValidationException", &words);
    text(call, member)?.ok_or_else(|| missing().into())
}

fn duplicate(class: &str) -> Thrown {
    let words = format!(
        "could not insert: [{class}]; nested exception is \
         org.hibernate.exception.ConstraintViolationException: could not insert: [{class}]"
    );
    Thrown::server("ValidationException", &words)
}

/// The id of a parameter.
fn id(call: &Call<'_>, index: usize) -> Result<i64, Trouble> {
    id_in(call, call.argument(index)?)
}

fn ids(call: &Call<'_>, index: usize) -> Result<Vec<i64>, Trouble> {
    let values = call.argument(index)?.as_seq()?;
    values.iter().map(|value| id_in(call, value)).collect()
}

fn id_in(call: &Call<'_>, value: &Value) -> Result<i64, Trouble> {
    let missing = || Thrown::server("ValidationException", "An object must have an id");
    id_of(&call.graph, value)?.ok_or_else(|| missing().into())
}
