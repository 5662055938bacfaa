//! `omero sessions login`.

use omero_plugin_api::{Context, Error, clap::ArgMatches};

use super::{session_dir, text};
use crate::{
    login::{Request, log_in},
    settings,
};

/// Logs in, or joins a session, and reports it.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let mut request = Request::from_command(ctx, text(matches, "connection"))?;
    request.timeout = matches.get_one("timeout").copied();
    request.retry = matches.get_one("retry").copied().unwrap_or_default();
    let store = settings::store(ctx, session_dir(matches))?;
    log_in(ctx, &store, request)
}
