//! Running a child in the place of this program.

use std::{
    path::Path,
    process::{Child, Command, ExitStatus},
    sync::Arc,
};

use omero_plugin_api::Error;

use super::unusable;
use crate::host::Host;

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
    let program = command.get_program().to_owned();
    let failed = |error: std::io::Error| unusable(Path::new(&program), error);
    #[cfg(unix)]
    {
        host.interrupt.listen(&host.streams).map_err(failed)?;
        super::relay::install(&host.streams).map_err(failed)?;
    }
    // As at a prompt, Ctrl-C is not for us.
    host.interrupt.prompt_begins(None);
    let ended = command.spawn().and_then(wait);
    host.interrupt.prompt_ends(false);
    ended.map(code).map_err(failed)
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
