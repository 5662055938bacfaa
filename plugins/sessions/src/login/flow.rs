//! Which session a command gets: the order of OMERO.py, with two changes. Only the server's word
//! removes a stored session, never a failing network; and of several stored sessions that fit, the
//! newest that works is taken instead of trying all of them.

use omero_plugin_api::{Context, Error};

use super::{
    Attached, Request, asking, by_key, create,
    means::Means,
    report::{Action, report, report_once},
    reuse,
};
use crate::{
    settings::{open_options, show_warnings, store},
    store::Store,
};

/// Gets a session for a command that needs one, and reports it unless an earlier command of the same
/// script has.
///
/// # Errors
///
/// The documented failures of `omero login`.
pub fn attach(ctx: &Context, request: Request) -> Result<Attached, Error> {
    let (action, attached) = find_or_make(ctx, &store(ctx, None)?, request)?;
    report_once(ctx, action, &attached)?;
    Ok(attached)
}

/// Gets a session and reports it.
///
/// # Errors
///
/// As [`attach`].
pub fn attach_in(ctx: &Context, store: &Store, request: Request) -> Result<Attached, Error> {
    let (action, attached) = find_or_make(ctx, store, request)?;
    report(ctx, action, &attached)?;
    Ok(attached)
}

fn find_or_make(
    ctx: &Context,
    store: &Store,
    mut request: Request,
) -> Result<(Action, Attached), Error> {
    let options = open_options(ctx)?;
    let current = store.current();
    for warning in &current.warnings {
        ctx.info(warning.line())?;
    }
    let means = Means {
        ctx,
        store,
        options,
        current,
    };
    let found = get(&means, &mut request)?;
    show_warnings(ctx, store);
    Ok(found)
}

fn get(means: &Means<'_>, request: &mut Request) -> Result<(Action, Attached), Error> {
    if let Some(key) = request.key.clone() {
        by_key::note_ignored(means, request)?;
        asking::ask_server(means, request)?;
        return Ok((Action::Joined, by_key::join_key(means, request, &key)?));
    }
    if let Some(attached) = reuse::reuse_current(means, request)? {
        return Ok((Action::Using, attached));
    }
    asking::ask_server(means, request)?;
    asking::ask_user(means, request)?;
    if !request.create
        && let Some(attached) = reuse::reconnect(means, request)?
    {
        return Ok((Action::Reconnected, attached));
    }
    Ok((Action::Created, create::create(means, request)?))
}
