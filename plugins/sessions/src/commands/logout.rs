//! `omero sessions logout`.

use std::sync::Arc;

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    services::{CallError, Sessions},
};

use super::{
    down::{self, Down},
    session_dir,
    stored::readable,
};
use crate::{
    client::ClientError,
    ice::OpenOptions,
    login::{self, connect_stored, take_up_stored},
    settings,
    store::{Store, StoredSession},
};

/// Ends the current session on the server and forgets it. Host, port and user stay, so that the
/// next login can propose them.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let store = settings::store(ctx, session_dir(matches))?;
    let current = readable(&store)?;
    let (Some(host), Some(user), Some(key)) = (&current.host, &current.user, &current.key) else {
        return Ok(());
    };
    // A file that cannot be read keeps its key: the session is still open on the server.
    let stored = store.get(host, user, key).map_err(|error| {
        Error::new(
            error.exit_code(),
            format!("cannot log out of session {}: {error}", key.short()),
        )
        .hint("repair or remove the file that `omero sessions file` prints")
    })?;
    if let Some(stored) = stored {
        let down = Down::default();
        end(
            ctx,
            &settings::open_options(ctx, Some(&store))?,
            &down,
            &stored,
        );
        if ctx.cancelled() {
            // The session may still be open on the server.
            return Err(Error::cancelled());
        }
    }
    forget(ctx, &store, host, user, key)
}

fn forget(
    ctx: &Context,
    store: &Store,
    host: &crate::store::Host,
    user: &crate::store::User,
    key: &crate::store::SessionKey,
) -> Result<(), Error> {
    login::forget(key);
    store
        .remove(host, user, key)
        .map_err(settings::store_error)?;
    settings::show_warnings(ctx, store);
    Ok(())
}

/// Ends a stored session on the server. That it is over already is fine; that the server could not
/// be told is said, because the session then lives on until it idles out. A server that is in `down`
/// is not tried again.
pub fn end(ctx: &Context, options: &OpenOptions, down: &Down<String>, stored: &StoredSession) {
    let warn = |reason: &str| {
        ctx.warn(format_args!(
            "the session {} of {} on {} could not be ended on the server: {reason}",
            stored.key.short(),
            stored.user.as_str(),
            stored.host.as_str(),
        ));
    };
    if let Some(reason) = down.answer(stored) {
        return warn(&reason);
    }
    let attached = match take_up_stored(ctx, stored, false) {
        Some(attached) => Ok(attached),
        None => connect_stored(ctx, options, stored).map(Arc::new),
    };
    let is_down = down::is_of_server(&attached);
    let outcome = attached.and_then(|attached| {
        let service = Sessions::of(&attached.client())?;
        service
            .close(stored.key.expose())
            .map_err(ClientError::from)
    });
    login::forget(&stored.key);
    match outcome {
        Ok(()) => {}
        // Its objects go with a session that somebody else ends at the same time.
        Err(error) if error.is_session_ended() || is_gone(&error) => {
            ctx.debug(1, format_args!("Exception on logout: {error}"));
        }
        Err(error) => {
            let reason = error.to_string();
            warn(&reason);
            if is_down {
                down.remember(stored, reason);
            }
        }
    }
}

fn is_gone(error: &ClientError) -> bool {
    matches!(error, ClientError::Call(CallError::NotThere { .. }))
}
