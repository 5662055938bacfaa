//! Running a child in the place of this program.

use std::{
    ffi::OsStr,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use omero_plugin_abi::Stream;
use omero_plugin_api::Error;

use super::{
    obstacle::{self, Obstacle},
    unusable,
};
use crate::{capture::Capture, environment::PASSWORD, error, host::Host, life};

/// Returns a command without the secrets of the environment. Every child of this program is made
/// here; only the fallback, which logs in itself, gets `OMERO_PASSWORD`.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_remove(PASSWORD);
    command
}

/// Returns the command of the fallback, with the whole environment.
pub fn with_password(program: &Path) -> Command {
    Command::new(program)
}

/// Runs a command to its end with the streams of this process; returns its exit code, or 128 and the
/// number of the signal that ended it.
///
/// Ctrl-C, Ctrl-\ and Ctrl-Z reach the child from the terminal, and it decides what they mean. Other
/// requests to end (`SIGTERM`, `SIGHUP`, `SIGQUIT`, `SIGINT` of another process) are passed on.
///
/// # Errors
///
/// The program cannot be started; the output of this process cannot be written.
pub fn run(host: &Arc<Host>, mut command: Command) -> Result<i32, Error> {
    let program = PathBuf::from(command.get_program());
    let readers = match life::captured() {
        Some(capture) => read_output(&mut command, &capture).map_err(|error| {
            error::fatal(1, format!("cannot read the output of a program: {error}"))
        })?,
        None => {
            // What was written before comes before what the child writes.
            host.streams.flush()?;
            host.streams.erase_progress();
            Vec::new()
        }
    };
    #[cfg(unix)]
    host.interrupt
        .listen(&host.streams)
        .map_err(|error| error::fatal(1, format!("cannot handle signals: {error}")))?;
    let ended = wait(host, command);
    let ended = ended.map_err(|error| unusable(&program, &obstacle(&program, &error)))?;
    for reader in readers {
        // A thread that panicked has said so; what it read until then counts.
        let _ = reader.join();
    }
    Ok(code(ended))
}

/// Leads the output of a child to the command that runs this one. The child gets no input.
fn read_output(
    command: &mut Command,
    capture: &Capture,
) -> std::io::Result<Vec<thread::JoinHandle<()>>> {
    let mut readers = Vec::new();
    command.stdin(Stdio::null());
    for stream in [Stream::OUTPUT, Stream::ERROR] {
        let (mut reader, writer) = std::io::pipe()?;
        if stream == Stream::OUTPUT {
            command.stdout(writer);
        } else {
            command.stderr(writer);
        }
        let capture = capture.clone();
        readers.push(thread::spawn(move || {
            let mut chunk = [0; 16 * 1024];
            // The child notices a closed pipe when there is too much of it.
            while let Ok(length @ 1..) = reader.read(&mut chunk)
                && capture.write(stream, &chunk[..length]).is_ok()
            {}
        }));
    }
    Ok(readers)
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
