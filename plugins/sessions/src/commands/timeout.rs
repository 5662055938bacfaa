//! `omero sessions timeout`.

use std::time::Duration;

use omero_plugin_api::{
    Context, Error, Session,
    clap::ArgMatches,
    services::{
        CallError, Sessions,
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

/// Prints the idle time of a session in seconds, or sets it. The server may accept a value and limit
/// it, so the session is read again afterwards.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let attached = attach(ctx, Request::from_options(ctx)?)?;
    let own_key = attached.key();
    let key = text(matches, "session").unwrap_or_else(|| own_key.expose());
    let session = attached.client();
    match matches.get_one::<i64>("seconds") {
        None => {
            let seconds = seconds(idle_time(&session, key)?);
            let text = format!("{seconds:?}");
            let members = [("seconds", seconds.into())];
            ctx.line(render(Style::of(matches), text, &members))
        }
        Some(seconds) => {
            let milliseconds = seconds.saturating_mul(1000);
            command::update_idle_time(&session, key, milliseconds, LIMIT)
                .map_err(|error| failure(error, key))?;
            let held = if key == own_key.expose() {
                attached.session().read_again()?;
                attached.details().time_to_idle
            } else {
                idle_time(&session, key)?
            };
            if held != milliseconds {
                let held = self::seconds(held);
                ctx.warn(format_args!(
                    "the server limits the idle time of the session to {held:?} seconds"
                ));
            }
            Ok(())
        }
    }
}

/// The idle time that the server holds for a session, in milliseconds.
fn idle_time(session: &Session, key: &str) -> Result<i64, Error> {
    let found = Sessions::of(session)?.get(key);
    let open = found.map_err(|error| match is_unknown(&error) {
        true => {
            Error::new(NO_SESSION, format!("cannot get session: {key}")).detail(error.to_string())
        }
        false => error.into(),
    })?;
    Ok(open.time_to_idle)
}

/// Whether the server says that it has no such session, or none that the user may see.
pub(super) fn is_unknown(error: &CallError) -> bool {
    ["SessionException", "SecurityViolation", "ApiUsageException"]
        .iter()
        .any(|name| error.exception(&format!("::omero::{name}")).is_some())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "idle times are far below 2^53 ms"
)]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

fn failure(error: CommandError, key: &str) -> Error {
    match error {
        CommandError::Failed { name, .. } if name == "no-session" => {
            Error::new(NO_SESSION, format!("cannot get session: {key}"))
        }
        CommandError::Failed { name, .. } => Error::new(REFUSED, format!("CmdError: {name}")),
        CommandError::Call(CallError::Session(error)) => error,
        other => {
            Error::new(FAILED, format!("cannot update timeout for {key}")).detail(other.to_string())
        }
    }
}
