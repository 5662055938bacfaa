//! `omero sessions file` and `omero sessions key`: what the store says, without a connection.

use omero_plugin_api::{Context, Error, clap::ArgMatches};

use super::session_dir;
use crate::{login::current, settings};

/// Prints the path of the current session's file; nothing if there is none.
pub fn file(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let store = settings::store(ctx, session_dir(matches))?;
    let current = current(&store);
    match (&current.host, &current.user, &current.key) {
        (Some(host), Some(user), Some(key)) => ctx.line(store.path_of(host, user, key).display()),
        _ => Ok(()),
    }
}

/// Prints the key of the current session; nothing if there is none.
pub fn key(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let store = settings::store(ctx, session_dir(matches))?;
    match current(&store).key {
        Some(key) => ctx.line(key.expose()),
        None => Ok(()),
    }
}
