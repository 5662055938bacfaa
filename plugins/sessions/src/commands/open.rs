//! `omero sessions open`.

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    services::{Admin, CallError, Sessions},
    style::Style,
    value::render,
};

use super::text;
use crate::login::{Request, attach};

/// The code for those who are no administrators, or lack the privilege.
const NOT_ALLOWED: i32 = 111;
/// The code for a user who does not exist.
const NO_USER: i32 = 156;
/// The code for a group that does not exist.
const UNKNOWN_GROUP: i32 = 503;
/// The privilege that opening sessions for others takes.
const PRIVILEGE: &str = "Sudo";

/// Opens a session for another user and prints its key.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let attached = attach(ctx, Request::from_options(ctx)?)?;
    let context = attached.session().context();
    if !context.admin {
        return Err(Error::new(NOT_ALLOWED, "SecurityViolation: Admins only!"));
    }
    if !context
        .privileges
        .iter()
        .any(|privilege| privilege == PRIVILEGE)
    {
        let text = format!("SecurityViolation: Admin restrictions: {PRIVILEGE}");
        return Err(Error::new(NOT_ALLOWED, text));
    }
    let session = attached.client();
    let admin = Admin::of(&session)?;
    let user = user(ctx, matches, &admin)?;
    let group = group(matches, &admin)?;
    let seconds = matches
        .get_one::<i64>("timeout")
        .copied()
        .unwrap_or_default();
    let live = seconds.saturating_mul(1000);
    let opened = Sessions::of(&session)?.create_for(
        &user,
        group.as_deref().unwrap_or_default(),
        live,
        None,
    )?;
    let in_group = group
        .map(|group| format!(" in group {group}"))
        .unwrap_or_default();
    ctx.error_line(format_args!(
        "Session created for user {user}{in_group} (timeToIdle: {} sec, timeToLive: {} sec)",
        opened.time_to_idle / 1000,
        opened.time_to_live / 1000
    ))?;
    let members = [("key", opened.uuid.as_str().into())];
    ctx.line(render(Style::of(matches), &opened.uuid, &members))
}

fn user(ctx: &Context, matches: &ArgMatches, admin: &Admin) -> Result<String, Error> {
    let (found, complaint) = match (text(matches, "user-name"), text(matches, "user-id")) {
        (Some(name), _) => (
            admin.experimenter_named(name),
            format!("Unknown user: {name}"),
        ),
        (None, id) => {
            let id = id.unwrap_or_default();
            match id.parse() {
                Ok(number) => (admin.experimenter(number), format!("Unknown user: {id}")),
                Err(_) => {
                    ctx.error_line(format_args!("Not a valid user ID: {id}"))?;
                    return Err(Error::new(NO_USER, "No user found"));
                }
            }
        }
    };
    match found {
        Ok(user) => Ok(user.login),
        Err(error) if error.exception("::omero::ApiUsageException").is_some() => {
            ctx.error_line(complaint)?;
            Err(Error::new(NO_USER, "No user found"))
        }
        Err(error) => Err(error.into()),
    }
}

fn group(matches: &ArgMatches, admin: &Admin) -> Result<Option<String>, Error> {
    let unknown = |what: &str| {
        Error::new(UNKNOWN_GROUP, format!("Unknown group: {what}"))
            .hint("omero group list shows all groups")
    };
    let (found, what) = match (text(matches, "group-name"), text(matches, "group-id")) {
        (None, None) => return Ok(None),
        (Some(name), _) => (admin.group_named(name), name),
        (None, Some(id)) => {
            let number = id
                .parse()
                .map_err(|_| Error::new(UNKNOWN_GROUP, format!("Not a valid group ID: {id}")))?;
            (admin.group(number), id)
        }
    };
    found
        .map(|group| Some(group.name))
        .map_err(
            |error: CallError| match error.exception("::omero::ApiUsageException") {
                Some(_) => unknown(what),
                None => error.into(),
            },
        )
}
