//! Running a child in the place of this program.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use omero_plugin_api::Error;

use super::{
    obstacle::{self, Obstacle},
    unusable,
};
use crate::{error, host::Host};

/// Runs a command to its end with the streams of this process; returns its exit code, or 128 and the
/// number of the signal that ended it.
///
/// Ctrl-C, Ctrl-\ and Ctrl-Z reach the child from the terminal, and it decides what they mean. Other
/// requests to end (`SIGTERM`, `SIGHUP`, `SIGQUIT`, `SIGINT` of another process) are passed on.
///
/// # Errors
///
/// The program cannot be started; the output of this process cannot be written.
pub fn run(host: &Arc<Host>, command: Command) -> Result<i32, Error> {
    // What was written before comes before what the child writes.
    host.streams.flush()?;
    host.streams.erase_progress();
    let program = PathBuf::from(command.get_program());
    #[cfg(unix)]
    host.interrupt
        .listen(&host.streams)
        .map_err(|error| error::fatal(1, format!("cannot handle signals: {error}")))?;
    let ended = wait(host, command);
    let ended = ended.map_err(|error| unusable(&program, &obstacle(&program, &error)))?;
    Ok(code(ended))
}

fn obstacle(program: &Path, error: &std::io::Error) -> Obstacle {
    if program.is_absolute() {
        return obstacle::of_start(program, error);
    }
    Obstacle {
        reason: error.to_string(),
        remedy: "look whether it is in a directory of PATH".to_owned(),
    }
}

#[cfg(unix)]
fn wait(host: &Arc<Host>, command: Command) -> std::io::Result<ExitStatus> {
    host.interrupt.run_child(command)
}

#[cfg(not(unix))]
fn wait(host: &Arc<Host>, mut command: Command) -> std::io::Result<ExitStatus> {
    // As at a prompt, Ctrl-C is for the child.
    host.interrupt
        .prompt_begins(&crate::life::Life::default(), None);
    let ended = command.status();
    host.interrupt.prompt_ends(false);
    ended
}

#[cfg(unix)]
fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

#[cfg(not(unix))]
fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(1)
}

/// Waits for a child that runs in the background; kills it after this time and returns `None`.
///
/// # Errors
///
/// It cannot be waited for.
pub fn wait_for(mut child: Child, longest: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < longest {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
