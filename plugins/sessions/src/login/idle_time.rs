//! The idle time that was asked for at login.

use std::time::Duration;

use omero_plugin_api::{
    Context,
    services::command::{self, CommandError},
};

use super::Attached;
use crate::client::ClientError;

/// How long the server may take to change an idle time, as OMERO.py waits.
const IDLE_TIME_LIMIT: Duration = Duration::from_secs(5);

/// Asks for an idle time of so many seconds. A refusal leaves the session as it is. The server may
/// also accept the value and limit it, so the session is read again in any case.
///
/// # Errors
///
/// The session has ended, or the connection is lost.
pub(super) fn apply_idle_time(
    ctx: &Context,
    attached: &Attached,
    seconds: i64,
) -> Result<(), ClientError> {
    let milliseconds = seconds.saturating_mul(1000);
    if milliseconds == attached.details().time_to_idle {
        return Ok(());
    }
    let key = attached.key();
    let outcome = command::update_idle_time(
        &attached.client(),
        key.expose(),
        milliseconds,
        IDLE_TIME_LIMIT,
    );
    let refused = match outcome {
        Ok(()) => None,
        Err(CommandError::Call(error)) => match ClientError::from(error) {
            refused @ (ClientError::Refused(_) | ClientError::Security(_)) => {
                Some(refused.to_string())
            }
            error => return Err(error),
        },
        Err(refused) => Some(refused.to_string()),
    };
    if let Some(refused) = refused {
        ctx.warn(format_args!(
            "the server keeps its own idle time for the session: {refused}"
        ));
    }
    attached.session().read_again()
}
