//! `omero sessions group`.

use omero_plugin_api::{
    Context, Error, Session,
    clap::ArgMatches,
    services::{Admin, CallError, EventContext, Group, service_factory},
    slice::{Graph, Value},
    style::Style,
    value::render,
};

use super::{session_dir, text};
use crate::{
    login::{Request, attach_in},
    settings,
};

/// The code for a group that does not exist.
const UNKNOWN_GROUP: i32 = 503;
/// The code for a switch that the server refuses.
const REFUSED: i32 = 564;

/// Prints the current group, or switches to another one by id or name.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let store = settings::store(ctx, session_dir(matches))?;
    let attached = attach_in(ctx, &store, Request::from_options(ctx)?)?;
    let context = attached.context()?;
    let Some(target) = text(matches, "target") else {
        let text = format!("ExperimenterGroup:{}", context.group_id);
        return show(ctx, matches, text, context.group_id, &context.group_name);
    };
    let session = attached.client();
    let group = find(&Admin::of(&session)?, target)?;
    if group.id == context.group_id && !ctx.quiet() {
        ctx.error_line(format_args!(
            "Group '{}' (id={}) is already active",
            group.name, group.id
        ))?;
        return match Style::of(matches) {
            Style::Json => show(ctx, matches, String::new(), group.id, &group.name),
            _ => Ok(()),
        };
    }
    switch(&session, &group)?;
    attached.session().ask_context()?;
    let text = switched(&context, &group);
    show(ctx, matches, text, group.id, &group.name)
}

fn show(
    ctx: &Context,
    matches: &ArgMatches,
    plain: String,
    id: i64,
    name: &str,
) -> Result<(), Error> {
    let members = [("id", id.into()), ("name", name.into())];
    ctx.line(render(Style::of(matches), plain, &members))
}

/// The group of an id or, for anything but a number, of a name.
fn find(admin: &Admin, target: &str) -> Result<Group, Error> {
    let found = match target.parse() {
        Ok(id) => admin.group(id),
        Err(_) => admin.group_named(target),
    };
    found.map_err(
        |error| match error.exception("::omero::ApiUsageException") {
            Some(_) => Error::new(UNKNOWN_GROUP, format!("Unknown group: {target}"))
                .hint("omero group list shows all groups"),
            None => error.into(),
        },
    )
}

/// Switches the session's group, for everyone who uses the session.
fn switch(session: &Session, group: &Group) -> Result<(), Error> {
    let mut graph = Graph::new();
    let object = graph.new_object("::omero::model::ExperimenterGroup")?;
    let id = graph.rlong(group.id);
    graph.set(object, "_id", id)?;
    let factory = session.service("")?;
    let operation = &service_factory::SET_SECURITY_CONTEXT;
    session
        .call(&factory, operation, &[Value::Object(Some(object))], &graph)
        .map_err(refused)?;
    Ok(())
}

fn refused(error: CallError) -> Error {
    match error.exception("::omero::SecurityViolation") {
        Some(violation) => Error::new(
            REFUSED,
            format!("SecurityViolation: {}", violation.message()),
        ),
        None => error.into(),
    }
}

fn switched(old: &EventContext, new: &Group) -> String {
    format!(
        "Group '{}' (id={}) switched to '{}' (id={})",
        old.group_name, old.group_id, new.name, new.id
    )
}
