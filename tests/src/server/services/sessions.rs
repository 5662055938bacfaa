//! `omero::api::ISession`: sessions as rows that can be made, looked at and closed.

use omero_plugin_api::slice::Value;

use super::super::dispatch::{Answer, Outcome, Trouble};
use super::super::model::{LoginError, Session, SudoError};
use super::super::thrown::Thrown;
use super::super::values::Builder;
use super::{Call, not_implemented};

pub fn invoke(call: &mut Call<'_>, operation: &str) -> Outcome {
    match operation {
        "createSession" => create_by_password(call),
        "createUserSession" => create_for_self(call),
        "createSessionWithTimeout" => {
            let time_to_live = call.long(1)?;
            create_for_other(call, time_to_live, None)
        }
        "createSessionWithTimeouts" => {
            let (time_to_live, time_to_idle) = (call.long(1)?, call.long(2)?);
            create_for_other(call, time_to_live, Some(time_to_idle))
        }
        "getSession" => get(call),
        "getReferenceCount" => Ok(Answer::of(visible(call, call.text(0)?)?.references)),
        "closeSession" => close(call),
        "getMyOpenSessions" => mine(call, |_| true),
        "getMyOpenAgentSessions" => {
            let agent = call.text(0)?.to_owned();
            mine(call, |session| {
                session.agent.as_deref() == Some(agent.as_str())
            })
        }
        "getMyOpenClientSessions" => mine(call, |session| {
            session
                .agent
                .as_deref()
                .is_some_and(|name| name != "OMERO.web")
        }),
        _ => not_implemented(operation),
    }
}

/// An open session that the caller may look at: its own user's, or any for an administrator.
fn visible<'a>(call: &'a Call<'_>, uuid: &str) -> Result<&'a Session, Trouble> {
    let user = call.user()?;
    let admin = call.world.model.is_admin(user);
    let found = call.world.model.sessions.get(uuid);
    let found = found.filter(|session| admin || session.owner == user);
    found.ok_or_else(|| Thrown::removed_session(&format!("No session with uuid:{uuid}")).into())
}

fn get(call: &Call<'_>) -> Outcome {
    answer(call, visible(call, call.text(0)?)?)
}

fn answer(call: &Call<'_>, session: &Session) -> Outcome {
    let mut builder = Builder::new(&call.world.model);
    let object = builder.session(session)?;
    Ok(Answer::with(builder.graph, object))
}

fn answer_with_key(call: &Call<'_>, key: &str) -> Outcome {
    match call.world.model.sessions.get(key) {
        Some(session) => answer(call, session),
        None => Err(Thrown::removed_session(&format!("No context for {key}")).into()),
    }
}

fn close(call: &mut Call<'_>) -> Outcome {
    let session = call.graph.object_of(call.argument(0)?)?;
    let uuid = session.map(|session| session.get("_uuid")).transpose()?;
    let uuid = uuid
        .map(|uuid| call.graph.rstring_of(uuid))
        .transpose()?
        .flatten();
    let missing = || Thrown::server("ValidationException", "Session must have a uuid");
    let uuid = uuid.ok_or_else(missing)?.to_owned();
    Ok(Answer::of(call.world.model.close_session(&uuid, call.now)))
}

fn mine(call: &Call<'_>, wanted: impl Fn(&Session) -> bool) -> Outcome {
    let user = call.user()?;
    let own = |session: &&Session| session.owner == user && wanted(session);
    let mut sessions: Vec<_> = call.world.model.sessions.values().filter(own).collect();
    sessions.sort_by_key(|session| std::cmp::Reverse((session.started, session.id)));
    let mut builder = Builder::new(&call.world.model);
    let mut list = Vec::new();
    for session in sessions {
        list.push(Value::from(builder.session(session)?));
    }
    Ok(Answer::with(builder.graph, list))
}

/// Name and group of the principal in the first parameter.
fn principal(call: &Call<'_>) -> Result<(String, String), Trouble> {
    let principal = call.graph.object_of(call.argument(0)?)?;
    let missing = || Thrown::server("ValidationException", "Principal must not be null");
    let principal = principal.ok_or_else(missing)?;
    let text = |member| Ok::<_, Trouble>(principal.get(member)?.as_str()?.to_owned());
    Ok((text("name")?, text("group")?))
}

fn create_by_password(call: &mut Call<'_>) -> Outcome {
    let (name, group) = principal(call)?;
    let credentials = call.text(1)?;
    let model = &call.world.model;
    let refused = |_| Thrown::authentication("Authentication exception.");
    let owner = model.verify(&name, credentials).map_err(refused)?;
    let group = model.group_for(owner, &group).map_err(group_refused)?;
    let violation = |words: String| Thrown::security(&words);
    model.may_work_in(owner, group).map_err(violation)?;
    let key = call
        .world
        .model
        .open_session(owner, group, call.now)
        .uuid
        .clone();
    answer_with_key(call, &key)
}

fn group_refused(error: LoginError) -> Thrown {
    match error {
        LoginError::Denied(reason) => Thrown::authentication(&reason),
        LoginError::Failed(class, words) => failed(class, &words),
    }
}

fn failed(class: &str, words: &str) -> Thrown {
    Thrown::server(class.rsplit('.').next().unwrap_or(class), words)
}

fn create_for_self(call: &mut Call<'_>) -> Outcome {
    let (time_to_live, time_to_idle) = (call.long(0)?, call.long(1)?);
    let (wanted, own) = (call.text(2)?, call.own_session()?);
    let (owner, current) = (own.owner, own.group);
    let group = match wanted {
        "" => current,
        name => call
            .world
            .model
            .group_for(owner, name)
            .map_err(group_refused)?,
    };
    let violation = |words: String| Thrown::security(&words);
    let allowed = call.world.model.may_work_in(owner, group);
    allowed.map_err(violation)?;
    let key = call
        .world
        .model
        .open_session(owner, group, call.now)
        .uuid
        .clone();
    set_times(call, &key, time_to_live, Some(time_to_idle))?;
    answer_with_key(call, &key)
}

fn create_for_other(call: &mut Call<'_>, time_to_live: i64, time_to_idle: Option<i64>) -> Outcome {
    let (name, group) = principal(call)?;
    let (sudoer, now) = (call.user()?, call.now);
    let key = call
        .world
        .model
        .sudo(sudoer, &name, &group, now)
        .map_err(|error| match error {
            SudoError::NoSuchUser(name) => {
                Thrown::removed_session(&format!("Cannot find a user with name {name}"))
            }
            SudoError::NotAllowed(words) => Thrown::security(&words),
            SudoError::Failed(class, words) => failed(class, &words),
        })?;
    set_times(call, &key, time_to_live, time_to_idle)?;
    answer_with_key(call, &key)
}

/// Only administrators get more idle time than the server's maximum.
fn set_times(
    call: &mut Call<'_>,
    key: &str,
    time_to_live: i64,
    time_to_idle: Option<i64>,
) -> Result<(), Trouble> {
    let admin = call.world.model.is_admin(call.user()?);
    let maximum = call.world.model.max_time_to_idle;
    let agent = call.request.context("omero.agent").map(str::to_owned);
    if let Some(session) = call.world.model.sessions.get_mut(key) {
        session.time_to_live = time_to_live.max(0);
        session.agent = agent;
        if let Some(idle) = time_to_idle.filter(|idle| *idle > 0) {
            session.time_to_idle = if admin { idle } else { idle.min(maximum) };
        }
    }
    Ok(())
}
