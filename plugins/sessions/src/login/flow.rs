//! Which session a command gets: the order of OMERO.py, with two changes. Only the server's word
//! removes a stored session, never a failing network; and of several stored sessions that fit, the
//! newest that works is taken instead of trying all of them.

use std::sync::Arc;

use omero_plugin_api::{Context, Error};

use super::{
    Attached, Request, asking, by_key, create, live,
    means::{Means, Refusal},
    report::{Action, report},
    reuse,
};
use crate::{
    settings::{open_options, show_warnings, store, store_error},
    store::{Store, StoredSession},
};

/// Gets a session and reports it.
///
/// # Errors
///
/// The documented failures of `omero login`.
pub fn attach(ctx: &Context, request: Request) -> Result<Arc<Attached>, Error> {
    let store = store(ctx, None)?;
    attach_in(ctx, &store, request)
}

/// As [`attach`], with a store that is open already.
///
/// # Errors
///
/// As [`attach`].
pub fn attach_in(
    ctx: &Context,
    store: &Store,
    mut request: Request,
) -> Result<Arc<Attached>, Error> {
    let options = open_options(ctx, Some(store))?;
    let current = live::current(store);
    let lasts = request.lasts();
    for warning in &current.warnings {
        ctx.info(warning.line())?;
    }
    let means = Means {
        ctx,
        store,
        options,
        current,
    };
    let (action, attached) = get(&means, &mut request)?;
    show_warnings(ctx, store);
    if lasts {
        live::make_current(store, &attached)?;
    }
    let known = live::keep(&attached) && !attached.take_unreported();
    // Each connection is reported once, and by whoever asks for it with `login`.
    if !known || request.login {
        report(ctx, action, &attached)?;
    }
    Ok(attached)
}

/// The stored session of a script, attached for its later commands if it was not yet; nothing is
/// reported. `None` if the server says that it has ended, and then it is no longer stored.
///
/// # Errors
///
/// The server cannot be asked; the store cannot be written.
pub fn attach_early(
    ctx: &Context,
    store: &Store,
    stored: &StoredSession,
) -> Result<Option<Arc<Attached>>, Error> {
    let means = Means {
        ctx,
        store,
        options: open_options(ctx, Some(store))?,
        current: live::current(store),
    };
    match means.attach_stored(stored, false) {
        Ok(attached) => {
            if !live::keep(&attached) {
                attached.attached_early();
            }
            Ok(Some(attached))
        }
        Err(Refusal::Ended) => {
            live::forget_stored(store, stored).map_err(store_error)?;
            Ok(None)
        }
        Err(Refusal::Failed(error)) => Err(error),
    }
}

/// Gets a session for somebody who asked for one with `login`: it is reported in any case, and is
/// that of the commands to come.
///
/// # Errors
///
/// As [`attach`].
pub fn log_in(ctx: &Context, store: &Store, mut request: Request) -> Result<(), Error> {
    request.login = true;
    attach_in(ctx, store, request).map(drop)
}

fn get(means: &Means<'_>, request: &mut Request) -> Result<(Action, Arc<Attached>), Error> {
    request.check_address()?;
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
    let attached = create::create(means, request)?;
    Ok((Action::Created, Arc::new(attached)))
}
