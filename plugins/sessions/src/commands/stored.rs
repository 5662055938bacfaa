//! `omero sessions file` and `omero sessions key`: what the store says, without a connection.

use omero_plugin_api::{Context, Error, clap::ArgMatches, style::Style, value::render};

use super::session_dir;
use crate::{
    login::current,
    settings,
    store::{Current, Store, Warning},
};

/// The current session, to be ended or shown.
///
/// # Errors
///
/// There seems to be none only because a pointer to it cannot be read.
pub(super) fn readable(store: &Store) -> Result<Current, Error> {
    let current = current(store);
    if current.key.is_some() {
        return Ok(current);
    }
    // Asked again, because within a script only the first command gets the warnings.
    for warning in store.current().warnings {
        // The port is not part of what names a session.
        if let Warning::Pointer { path, reason } = warning
            && !path.ends_with("._LASTPORT_")
        {
            let text = format!(
                "the current session is unknown: {} cannot be read: {reason}",
                path.display()
            );
            return Err(Error::new(1, text).hint("repair or remove that file, or log in again"));
        }
    }
    Ok(current)
}

/// Prints the path of the current session's file; nothing if there is none.
pub fn file(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let store = settings::store(ctx, session_dir(matches))?;
    let current = readable(&store)?;
    match (&current.host, &current.user, &current.key) {
        (Some(host), Some(user), Some(key)) => {
            let path = store.path_of(host, user, key).display().to_string();
            print(ctx, matches, "file", Some(&path))
        }
        _ => print(ctx, matches, "file", None),
    }
}

/// Prints the key of the current session; nothing if there is none.
pub fn key(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let store = settings::store(ctx, session_dir(matches))?;
    match readable(&store)?.key {
        Some(key) => print(ctx, matches, "key", Some(key.expose())),
        None => print(ctx, matches, "key", None),
    }
}

/// Prints the value; for people nothing at all if there is none.
fn print(
    ctx: &Context,
    matches: &ArgMatches,
    name: &str,
    value: Option<&str>,
) -> Result<(), Error> {
    let style = Style::of(matches);
    if value.is_none() && style != Style::Json {
        return Ok(());
    }
    ctx.line(render(
        style,
        value.unwrap_or_default(),
        &[(name, value.into())],
    ))
}
