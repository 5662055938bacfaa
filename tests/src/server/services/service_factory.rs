//! `omero::api::ServiceFactory`: the session as its client sees it.

use omero_plugin_api::slice::{Identity, Value};

use super::super::dispatch::{Answer, Outcome, Trouble};
use super::super::model::GUEST;
use super::super::thrown::Thrown;
use super::super::values::{Builder, id_of};
use super::super::world::SERVICES;
use super::{Call, commands, done, not_implemented};

/// The services that the guest may use.
const FOR_GUESTS: [&str; 3] = ["IAdmin", "IConfig", "ISession"];

pub fn invoke(call: &mut Call<'_>, operation: &str) -> Outcome {
    match operation {
        "getAdminService" => service(call, "IAdmin"),
        "getConfigService" => service(call, "IConfig"),
        "getQueryService" => service(call, "IQuery"),
        "getSessionService" => service(call, "ISession"),
        "getTypesService" => service(call, "ITypes"),
        "getByName" => by_name(call),
        "submit" => commands::submit(call),
        "setSecurityContext" => set_security_context(call),
        "getSecurityContexts" => security_contexts(call),
        "detachOnDestroy" => detach(call, true),
        "closeOnDestroy" => detach(call, false),
        "keepAlive" => Ok(Answer::of(false)),
        "keepAllAlive" => Ok(Answer::of(-1_i64)),
        "activeServices" => Ok(Answer::of(active_services(call))),
        // Current servers accept a callback and never call it.
        "setCallback" => done(),
        // The router destroys the session when the client leaves; the client itself may not.
        "destroy" => done(),
        _ => not_implemented(operation),
    }
}

fn service(call: &mut Call<'_>, interface: &'static str) -> Outcome {
    if call.user()? == GUEST && !FOR_GUESTS.contains(&interface) {
        let words = format!("Access denied to guest user: omero.api.{interface}");
        return Err(Thrown::security(&words).into());
    }
    if let Some(client) = call.world.clients.get_mut(call.client) {
        client.services.insert(interface);
    }
    let name = format!("{}omero.api.{interface}", call.client);
    Ok(Answer::of(
        call.world.proxy(Identity::new(call.session, name)),
    ))
}

fn by_name(call: &mut Call<'_>) -> Outcome {
    let name = call.text(0)?;
    let wanted = name.strip_prefix("omero.api.");
    if let Some(known) = SERVICES.into_iter().find(|known| Some(*known) == wanted) {
        return service(call, known);
    }
    let words = format!(
        "{name} is an unknown service. Please check Constants.ice or the documentation for valid \
         strings."
    );
    Err(Thrown::api_usage(&words).into())
}

fn active_services(call: &Call<'_>) -> Vec<String> {
    let known = call.world.clients.get(call.client);
    let names = known.into_iter().flat_map(|client| &client.services);
    names
        .map(|name| format!("{}omero.api.{name}", call.client))
        .collect()
}

fn detach(call: &mut Call<'_>, detached: bool) -> Outcome {
    if let Some(client) = call.world.clients.get_mut(call.client) {
        client.detached = detached;
    }
    done()
}

/// Switches the session, for all its clients, to another group; gives the old one.
fn set_security_context(call: &mut Call<'_>) -> Outcome {
    let object = call.argument(0)?;
    let class = call.graph.object_of(object)?.map(|object| object.class());
    if class != Some("::omero::model::ExperimenterGroup") {
        let words = format!("Unsupported security context: {}", class.unwrap_or("null"));
        return Err(Thrown::api_usage(&words).into());
    }
    let id = id_of(&call.graph, object)?.unwrap_or(-1);
    let (user, old) = (call.user()?, call.own_session()?.group);
    check_membership(call, user, id)?;
    if let Some(session) = call.world.model.sessions.get_mut(call.session) {
        session.group = id;
    }
    group_reference(call, old)
}

fn check_membership(call: &Call<'_>, user: i64, id: i64) -> Result<(), Trouble> {
    let model = &call.world.model;
    let words = match model.groups.get(&id) {
        Some(group) if group.forbidden => format!("not in group {}", group.name),
        Some(group) if group.has(user) || model.is_admin(user) => return Ok(()),
        None if model.is_admin(user) => {
            return Err(Thrown::api_usage(&format!("No such group: {id}")).into());
        }
        _ => format!("User {user} is not a member of group {id}"),
    };
    Err(Thrown::security(&words).into())
}

fn group_reference(call: &Call<'_>, id: i64) -> Outcome {
    let mut builder = Builder::new(&call.world.model);
    let group = call.world.model.groups.get(&id);
    let object = group.map(|group| builder.group(group)).transpose()?;
    Ok(Answer::with(builder.graph, object))
}

fn security_contexts(call: &Call<'_>) -> Outcome {
    let user = call.user()?;
    let mut builder = Builder::new(&call.world.model);
    let mut contexts = Vec::new();
    for id in call.world.model.groups_of(user) {
        if let Some(group) = call.world.model.groups.get(&id) {
            contexts.push(Value::from(builder.group(group)?));
        }
    }
    Ok(Answer::with(builder.graph, contexts))
}
