//! Commands that are programs of their own: `omero-foo` is `omero foo`, in any language, and what
//! nothing here provides goes to the `fallback` of the configuration.
//!
//! A program is started as a child and waited for: its exit code, or 128 and the number of the
//! signal that ended it, becomes that of `omero`. It learns from its environment which session a
//! command would use ([`surroundings`]), as far as that is known without connecting.

mod child;
mod fallback;
mod find;
mod obstacle;
mod offers;
mod simple;
mod surroundings;

use std::{ffi::OsString, path::Path, process::Command, sync::Arc};

use omero_plugin_api::Error;

pub use child::{command, run as run_child, wait_for};
pub use fallback::{check_value as check_fallback, configured as configured_fallback};
pub use find::{all, closed_directories, find, survey};
pub use obstacle::Obstacle;
pub use offers::{offers, offers_beside};
pub use simple::without_shell;

use find::Found;
use surroundings::ChildDirectory;

use crate::{
    arguments::Taken,
    error::{self, UNTRUSTED},
    host::Host,
    split::{self, Top},
};

/// The exit code of `env` and of shells for a program that they cannot find.
const NOT_FOUND: i32 = 127;

/// Runs the program that provides the command of a whole line; `None` if there is none.
///
/// # Errors
///
/// The program is not trusted or cannot be started; the configuration cannot be used.
pub fn run_program(
    host: &Arc<Host>,
    name: &str,
    taken: &Taken,
    line: Vec<OsString>,
) -> Result<Option<i32>, Error> {
    match find::search(host, name, taken.quiet())? {
        Found::Program(program) => executable(host, name, &program, taken, line).map(Some),
        Found::Nothing => Ok(None),
        // What cannot be run hides nothing.
        Found::Unusable(error) if has_fallback(host, taken.quiet())? => {
            host.warn(taken.quiet(), &error.to_string());
            Ok(None)
        }
        Found::Unusable(error) => Err(error),
    }
}

/// Whether a fallback is configured.
///
/// # Errors
///
/// The configuration cannot be used, or names something that cannot be run.
pub fn has_fallback(host: &Host, quiet: bool) -> Result<bool, Error> {
    Ok(fallback::configured(host, quiet)?.is_some())
}

/// Runs a whole line in the fallback; `None` if there is none.
///
/// # Errors
///
/// The program cannot be started; the configuration cannot be used.
pub fn run_fallback(
    host: &Arc<Host>,
    taken: &Taken,
    line: Vec<OsString>,
) -> Result<Option<i32>, Error> {
    match fallback::configured(host, taken.quiet())? {
        Some(program) => fallback::run(host, &program, taken, line).map(Some),
        None => Ok(None),
    }
}

/// How to get at what nothing here provides, where no fallback is configured: another `omero` on the
/// `PATH`, or the command is one of OMERO.py.
pub fn advice(host: &Host, command: &str) -> Option<String> {
    fallback::advice(find::other_omero(host).as_deref(), command)
}

fn executable(
    host: &Arc<Host>,
    name: &str,
    program: &Path,
    taken: &Taken,
    line: Vec<OsString>,
) -> Result<i32, Error> {
    let key = host
        .configuration(taken.quiet())?
        .json(&format!("executables.{name}.session-key"))?;
    let key = key.as_deref() == Some("true");
    let mut command = command(program);
    command.args(after_command(line)?);
    let code = run_with_session(host, command, taken, key)?;
    if code == NOT_FOUND
        && let Some(obstacle) = obstacle::of_line_end(program)
    {
        // What the first line leads to has said what it could not find.
        host.warn(taken.quiet(), &unusable(program, &obstacle).to_string());
        host.warn(taken.quiet(), &obstacle.remedy);
    }
    Ok(code)
}

/// Runs a program that works on the session which these login options ask for; `key` says whether it
/// may have the session's key.
///
/// # Errors
///
/// The program cannot be started; its session directory cannot be made; login options ask for a session
/// that cannot be had.
pub fn run_with_session(
    host: &Arc<Host>,
    mut command: Command,
    taken: &Taken,
    key: bool,
) -> Result<i32, Error> {
    // In a script this attaches to the session, whose group is then known to the variables.
    let lent = ChildDirectory::ask(host, taken, true)?;
    surroundings::set(host, &mut command, taken, key);
    lent.run(host, command, taken.quiet())
}

/// What stands after the command, `--path` of the program's own included.
fn after_command(line: Vec<OsString>) -> Result<Vec<OsString>, Error> {
    match split::top(line, Taken::default())? {
        Top::Command { rest, .. } => Ok(rest),
        _ => Ok(Vec::new()),
    }
}

/// A program that cannot be started.
fn unusable(program: &Path, obstacle: &Obstacle) -> Error {
    let program = program.display();
    let reason = &obstacle.reason;
    let error = error::fatal(
        UNTRUSTED,
        format!("the program {program} cannot be run: {reason}"),
    );
    match obstacle.remedy.as_str() {
        "" => error,
        remedy => error.hint(remedy),
    }
}
