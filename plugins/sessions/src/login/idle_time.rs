//! The idle time that was asked for at login.

use std::time::Duration;

use omero_plugin_api::{Context, services::command};

use super::Attached;

/// How long the server may take to change an idle time, as OMERO.py waits.
const IDLE_TIME_LIMIT: Duration = Duration::from_secs(5);

/// Asks for an idle time of so many seconds. A refusal leaves the session as it is.
pub(super) fn apply_idle_time(ctx: &Context, attached: &Attached, seconds: i64) {
    let milliseconds = seconds.saturating_mul(1000);
    if milliseconds == attached.details().time_to_idle {
        return;
    }
    let key = attached.key();
    let outcome = command::update_idle_time(
        &attached.client(),
        key.expose(),
        milliseconds,
        IDLE_TIME_LIMIT,
    );
    match outcome {
        Ok(()) => attached.set_time_to_idle(milliseconds),
        Err(error) => {
            ctx.warn(format_args!(
                "the server keeps its own idle time for the session: {error}"
            ));
        }
    }
}
