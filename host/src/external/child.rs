//! Running a child in the place of this program.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    sync::Arc,
};

use omero_plugin_api::Error;

use super::{
    obstacle::{self, Obstacle},
    unusable,
};
use crate::{error, host::Host};

/// Runs a command to its end with our streams; returns its exit code, or 128 and the number of the
/// signal that ended it.
///
/// Ctrl-C and Ctrl-\ reach the child from the terminal, and it decides what they mean; a request to
/// end (`SIGTERM`, `SIGHUP`) is passed on.
///
/// # Errors
///
/// The program cannot be started; our own output cannot be written.
pub fn run(host: &Arc<Host>, mut command: Command) -> Result<i32, Error> {
    // What we have written comes before what the child writes.
    host.streams.flush()?;
    host.streams.erase_progress();
    let program = PathBuf::from(command.get_program());
    let failed = |error: std::io::Error| error::fatal(1, format!("cannot handle signals: {error}"));
    #[cfg(unix)]
    {
        host.interrupt.listen(&host.streams).map_err(failed)?;
        super::relay::install(&host.streams).map_err(failed)?;
    }
    // As at a prompt, Ctrl-C is not for us.
    host.interrupt.prompt_begins(None);
    let ended = command.spawn().and_then(wait);
    host.interrupt.prompt_ends(false);
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
fn wait(mut child: Child) -> std::io::Result<ExitStatus> {
    let _passing_on = super::relay::to(child.id());
    child.wait()
}

#[cfg(not(unix))]
fn wait(mut child: Child) -> std::io::Result<ExitStatus> {
    child.wait()
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
