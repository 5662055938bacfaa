//! `omero::cmd`: requests that are submitted and answered later.

use omero_plugin_api::slice::{Graph, Identity, ObjectRef, Proxy, SliceError, Value};

use super::super::dispatch::{Answer, Outcome, Trouble};
use super::super::frame::Status;
use super::super::model::Session;
use super::super::values::Builder;
use super::super::world::Handle;
use super::{Call, done, not_implemented};

const UPDATE_TIMEOUT: &str = "::omero::cmd::UpdateSessionTimeoutRequest";
const CURRENT_SESSIONS: &str = "::omero::cmd::CurrentSessionsRequest";

/// Starts a command and gives a handle; a null one when the server does not know the command.
pub fn submit(call: &mut Call<'_>) -> Outcome {
    let request = call.argument(0)?.clone();
    let class = call.graph.object_of(&request)?.map(|object| object.class());
    let known = class.filter(|class| !call.world.unsupported_commands.contains(*class));
    let response = match (call.world.command_error.clone(), known) {
        (Some(name), Some(class)) => error(class, &name, &[])?,
        (None, Some(class @ UPDATE_TIMEOUT)) => update_timeout(call, class, &request)?,
        (None, Some(CURRENT_SESSIONS)) => current_sessions(call)?,
        _ => return Ok(Answer::of(None::<Proxy>)),
    };
    let failed = response
        .1
        .object_of(&response.0)?
        .is_some_and(|o| o.is_a("::omero::cmd::ERR"));
    let name = format!("IHandle{}", uuid::Uuid::new_v4());
    let handle = Handle {
        session: call.session.to_owned(),
        request: (request, call.graph.clone()),
        response,
        patience: call.world.patience,
        started: call.now,
        failed,
    };
    call.world.handles.insert(name.clone(), handle);
    Ok(Answer::of(
        call.world.proxy(Identity::new(call.session, name)),
    ))
}

/// An operation of a handle.
pub fn invoke(call: &mut Call<'_>, operation: &str) -> Outcome {
    let name = &call.request.identity.name;
    if operation == "close" {
        call.world.handles.remove(name);
        return done();
    }
    let gone = || Trouble::Status(Status::ObjectNotExist(operation.to_owned()));
    let handle = call.world.handles.get_mut(name).ok_or_else(gone)?;
    match operation {
        "getRequest" => Ok(Answer::with(
            handle.request.1.clone(),
            handle.request.0.clone(),
        )),
        "getResponse" if handle.patience > 0 => {
            handle.patience -= 1;
            Ok(Answer::of(None::<ObjectRef>))
        }
        "getResponse" => Ok(Answer::with(
            handle.response.1.clone(),
            handle.response.0.clone(),
        )),
        "getStatus" => Ok(status(handle, call.now)?),
        // What is done can not be cancelled, and these commands are done at once.
        "cancel" => Ok(Answer::of(false)),
        "addCallback" | "removeCallback" => done(),
        _ => not_implemented(operation),
    }
}

/// Numbers of `omero::cmd::State`.
const SUCCESS: i32 = 3;
const FAILURE: i32 = 4;

fn status(handle: &Handle, now: i64) -> Result<Answer, SliceError> {
    let mut graph = Graph::new();
    let object = graph.new_object("::omero::cmd::Status")?;
    let flags = if handle.failed {
        vec![Value::Enum(FAILURE)]
    } else {
        vec![Value::Enum(SUCCESS)]
    };
    graph.set(object, "flags", flags)?;
    graph.set(object, "currentStep", 1)?;
    graph.set(object, "steps", 1)?;
    graph.set(object, "startTime", handle.started)?;
    graph.set(object, "stopTime", now)?;
    Ok(Answer::with(graph, object))
}

type Response = (Value, Graph);

/// An `ERR` of a command class.
fn error(class: &str, name: &str, parameters: &[(&str, String)]) -> Result<Response, SliceError> {
    let mut graph = Graph::new();
    let object = graph.new_object("::omero::cmd::ERR")?;
    graph.set(object, "category", class)?;
    graph.set(object, "name", name)?;
    let entry = |(key, value): &(&str, String)| (Value::from(*key), Value::from(value.as_str()));
    graph.set(
        object,
        "parameters",
        parameters.iter().map(entry).collect::<Vec<_>>(),
    )?;
    Ok((object.into(), graph))
}

/// Changes idle or life time; only administrators may switch a limit off or exceed the maximum.
fn update_timeout(call: &mut Call<'_>, class: &str, request: &Value) -> Result<Response, Trouble> {
    let object = call.graph.object_of(request)?;
    let Some(object) = object else {
        return Ok(error(class, "no-session", &[])?);
    };
    let uuid = object.get("session")?.as_str()?.to_owned();
    let live = call.graph.rlong_of(object.get("timeToLive")?)?;
    let idle = call.graph.rlong_of(object.get("timeToIdle")?)?;
    let user = call.user()?;
    let admin = call.world.model.is_admin(user);
    let maximum = call.world.model.max_time_to_idle;
    let session = call.world.model.sessions.get_mut(&uuid);
    let Some(session) = session.filter(|session| admin || session.owner == user) else {
        return Ok(error(class, "no-session", &[])?);
    };
    if live.is_none() && idle.is_none() {
        return Ok(error(class, "no-update-performed", &[("session", uuid)])?);
    }
    let wanted = [
        ("timeToLive", live, &mut session.time_to_live, i64::MAX),
        ("timeToIdle", idle, &mut session.time_to_idle, maximum),
    ];
    for (field, target, current, maximum) in wanted {
        let Some(target) = target else { continue };
        if !admin && target <= 0 {
            let parameters = [
                ("field", field.to_owned()),
                ("target", target.to_string()),
                ("current", current.to_string()),
            ];
            return Ok(error(class, "non-admin-disabling", &parameters)?);
        }
        *current = if admin { target } else { target.min(maximum) };
    }
    let mut graph = Graph::new();
    let object = graph.new_object("::omero::cmd::OK")?;
    Ok((object.into(), graph))
}

/// Everybody's sessions, with details of those that the caller may see.
fn current_sessions(call: &Call<'_>) -> Result<Response, Trouble> {
    let user = call.user()?;
    let model = &call.world.model;
    let admin = model.is_admin(user);
    let mut sessions: Vec<&Session> = model.sessions.values().collect();
    sessions.sort_by_key(|session| session.id);
    let mut builder = Builder::new(model);
    let (mut rows, mut contexts, mut data) = (Vec::new(), Vec::new(), Vec::new());
    for session in sessions {
        let visible = session.owner == user || (admin && !session.hidden);
        if visible {
            rows.push(Value::from(builder.session(session)?));
            contexts.push(Value::from(builder.event_context(session, session.group)?));
        } else {
            rows.push(Value::Object(None));
            contexts.push(Value::from(builder.veiled_context(session)?));
        }
        let activity = call.world.report_activity && visible;
        data.push(columns(&mut builder, session, activity, visible));
    }
    let mut graph = builder.graph;
    let object = graph.new_object("::omero::cmd::CurrentSessionsResponse")?;
    graph.set(object, "sessions", rows)?;
    graph.set(object, "contexts", contexts)?;
    graph.set(object, "data", data)?;
    Ok((object.into(), graph))
}

fn columns(builder: &mut Builder<'_>, session: &Session, activity: bool, visible: bool) -> Value {
    let mut columns: Vec<(Value, Value)> = Vec::new();
    if activity {
        columns.push(("hitCount".into(), builder.graph.rlong(session.hits)));
        columns.push((
            "lastAccessTime".into(),
            builder.graph.rtime(session.last_access),
        ));
    }
    for (key, value) in session.data.iter().filter(|_| visible) {
        columns.push((key.as_str().into(), builder.graph.rstring(value.as_str())));
    }
    columns.into()
}
