//! `omero sessions close`.

use omero_plugin_api::{Context, Error, clap::ArgMatches, services::Sessions};

use super::{text, timeout::is_unknown};
use crate::{
    login::{Request, attach, forget},
    store::SessionKey,
};

/// Ends a session on the server by its key. The stored session, if there is one, stays.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let attached = attach(ctx, Request::from_options(ctx)?)?;
    let service = Sessions::of(&attached.client())?;
    let key = text(matches, "session").unwrap_or_default();
    let own = attached.key();
    let found = match service.get(key) {
        _ if key.is_empty() => false,
        Ok(_) => true,
        Err(error) if key != own.expose() && is_unknown(&error) => false,
        Err(error) => return Err(error.into()),
    };
    if !found {
        return ctx.error_line("No session with the given ID found.");
    }
    service.close(key)?;
    if let Ok(key) = SessionKey::parse(key) {
        forget(&key);
    }
    ctx.line(format_args!("Session {key} closed."))
}
