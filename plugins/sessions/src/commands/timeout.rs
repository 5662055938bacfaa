//! `omero sessions timeout`.

use std::time::Duration;

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    services::{
        Sessions,
        command::{self, CommandError},
    },
    style::Style,
    value::render,
};

use super::text;
use crate::login::{Request, attach};

/// The code for a session that cannot be read.
const NO_SESSION: i32 = 557;
/// The code for a value that the server refuses.
const REFUSED: i32 = 558;
/// The code for any other failure.
const FAILED: i32 = 559;
/// How long the server may take, as OMERO.py waits.
const LIMIT: Duration = Duration::from_secs(5);

/// Prints the idle time of a session in seconds, or sets it.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let attached = attach(ctx, Request::from_options(ctx)?)?;
    let own_key = attached.key();
    let key = text(matches, "session").unwrap_or_else(|| own_key.expose());
    let session = attached.client();
    match matches.get_one::<i64>("seconds") {
        None => {
            let found = Sessions::of(&session)?.get(key).map_err(|error| {
                Error::new(NO_SESSION, format!("cannot get session: {key}"))
                    .detail(error.to_string())
            })?;
            #[expect(
                clippy::cast_precision_loss,
                reason = "idle times are far below 2^53 ms"
            )]
            let seconds = found.time_to_idle as f64 / 1000.0;
            let text = format!("{seconds:?}");
            let members = [("seconds", seconds.into())];
            ctx.line(render(Style::of(matches), text, &members))
        }
        Some(seconds) => {
            let milliseconds = seconds.saturating_mul(1000);
            command::update_idle_time(&session, key, milliseconds, LIMIT)
                .map_err(|error| failure(error, key))?;
            if key == own_key.expose() {
                attached.set_time_to_idle(milliseconds);
            }
            Ok(())
        }
    }
}

fn failure(error: CommandError, key: &str) -> Error {
    match error {
        CommandError::Failed { name, .. } if name == "no-session" => {
            Error::new(NO_SESSION, format!("cannot get session: {key}"))
        }
        CommandError::Failed { name, .. } => Error::new(REFUSED, format!("CmdError: {name}")),
        other => {
            Error::new(FAILED, format!("cannot update timeout for {key}")).detail(other.to_string())
        }
    }
}
