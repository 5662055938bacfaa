//! `omero sessions keepalive`.

use std::{
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use omero_plugin_api::{Context, Error, Session, clap::ArgMatches};

use super::session_dir;
use crate::{
    login::{Request, attach_in},
    settings,
};

/// Keeps the current session alive until Enter is pressed.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let store = settings::store(ctx, session_dir(matches))?;
    let attached = attach_in(ctx, &store, Request::from_options(ctx)?)?;
    let seconds = matches.get_one("frequency").copied().unwrap_or(60);
    ctx.line(format_args!("Running keep alive every {seconds} seconds"))?;
    ctx.flush()?;
    let session = attached.client();
    let (stop, stopped) = channel::<()>();
    thread::scope(|scope| {
        let beat = move || {
            while stopped.recv_timeout(Duration::from_secs(seconds))
                == Err(RecvTimeoutError::Timeout)
                && beat_once(ctx, &session)
            {}
        };
        scope.spawn(beat);
        let answer = ctx.read_line("Press enter to cancel.");
        drop(stop);
        answer.map(drop)
    })
}

/// Calls the server once; `false` if that is pointless from now on.
fn beat_once(ctx: &Context, session: &Session) -> bool {
    match session.keep_alive() {
        Ok(()) => true,
        Err(error) => {
            // If the line cannot be shown either, there is nobody to tell.
            let _ = ctx.error_line(format_args!("Keep alive failed: {error}"));
            false
        }
    }
}
