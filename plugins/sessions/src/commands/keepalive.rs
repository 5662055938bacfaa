//! `omero sessions keepalive`.

mod beats;
#[cfg(unix)]
mod wait;
#[cfg(not(unix))]
#[path = "keepalive/wait_elsewhere.rs"]
mod wait;

use std::{
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use omero_plugin_api::{Context, Error, clap::ArgMatches};

use super::session_dir;
use crate::{
    login::{Request, attach_in},
    settings,
};
use beats::Beats;
use wait::{End, Wait};

/// How long the end of the command waits for a call under way before it interrupts it again.
const AGAIN: Duration = Duration::from_millis(50);

/// Keeps the current session alive: on a terminal until Enter is pressed, elsewhere until the
/// process is ended.
///
/// # Errors
///
/// Ctrl-C. 523: the session has ended. The codes of failed connections: the server is gone.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let seconds = matches.get_one("frequency").copied().unwrap_or(60);
    let every = Duration::from_secs(seconds);
    let store = settings::store(ctx, session_dir(matches))?;
    let attached = attach_in(ctx, &store, Request::from_options(ctx)?)?;
    ctx.line(format_args!(
        "Running keep alive every {} seconds",
        every.as_secs()
    ))?;
    ctx.flush()?;
    let mut wait = Wait::new(ctx)?;
    let beats = Beats::new(ctx, &store, attached)?;
    let (stop, stopped) = channel::<()>();
    let (result_sender, result) = channel();
    let wake = wait.waker();
    thread::scope(|scope| {
        let (beats, wake) = (&beats, wake);
        let work = move || {
            // The receiver outlives this thread.
            let _ = result_sender.send(beats.run(&stopped, every));
            wake();
        };
        let spawned = thread::Builder::new()
            .name("keepalive".to_owned())
            .spawn_scoped(scope, work);
        spawned.map_err(|error| Error::new(1, format!("cannot start a thread: {error}")))?;
        let end = wait.wait(ctx);
        drop(stop);
        let outcome = loop {
            beats.interrupt();
            match result.recv_timeout(AGAIN) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(outcome) => break outcome,
                Err(RecvTimeoutError::Disconnected) => break Ok(()),
            }
        };
        // Whichever came first has ended the wait.
        match end? {
            End::Woken => outcome,
            End::Enter => Ok(()),
        }
    })
}
