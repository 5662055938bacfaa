//! Commands that are programs of their own: `omero-foo` is `omero foo`, in any language, and what
//! nothing here provides goes to the `fallback` of the configuration.
//!
//! A program is started as a child and waited for: its exit code, or 128 and the number of the
//! signal that ended it, becomes that of `omero`. It learns from its environment which session a
//! command would use ([`surroundings`]), as far as that is known without connecting.

mod child;
mod fallback;
mod find;
#[cfg(unix)]
mod relay;
mod surroundings;

use std::{ffi::OsString, path::Path, process::Command, sync::Arc};

use omero_plugin_api::Error;

pub use child::run as run_child;
pub use fallback::configured as configured_fallback;
pub use find::{all, find};

use surroundings::Lent;

use crate::{
    arguments::Taken,
    error::{self, UNTRUSTED},
    host::Host,
    split::{self, Top},
    trust,
};

/// Runs the program that provides the command of a whole line; `None` if there is none.
///
/// # Errors
///
/// The program is not trusted or cannot be started; the configuration cannot be used.
pub fn run(
    host: &Arc<Host>,
    name: &str,
    taken: &Taken,
    line: Vec<OsString>,
) -> Result<Option<i32>, Error> {
    if let Some(program) = find(host, name, taken.quiet())? {
        return executable(host, name, &program, taken, line).map(Some);
    }
    match fallback::configured(host, taken.quiet())? {
        Some(program) => fallback::run(host, &program, taken, line).map(Some),
        None => Ok(None),
    }
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
    if key {
        // A credential goes to no file that others may have changed.
        let owners = host.trusted_owners(taken.quiet())?;
        trust::check(program, &owners).map_err(|distrust| find::untrusted(program, &distrust))?;
    }
    let mut command = Command::new(program);
    command.args(after_command(line)?);
    run_with_session(host, command, taken, key)
}

/// Runs a program that works on the session which these login options ask for; `key` says whether it
/// may have the session's key.
///
/// # Errors
///
/// The program cannot be started; its session directory cannot be made.
pub fn run_with_session(
    host: &Arc<Host>,
    mut command: Command,
    taken: &Taken,
    key: bool,
) -> Result<i32, Error> {
    // In a script this attaches to the session, whose group is then known to the variables.
    let lent = Lent::ask(host, taken)?;
    surroundings::set(host, &mut command, taken, key);
    lent.name(&mut command);
    let outcome = run_child(host, command);
    lent.give_back(host, taken.quiet());
    outcome
}

/// What stands after the command, `--path` of the program's own included.
fn after_command(line: Vec<OsString>) -> Result<Vec<OsString>, Error> {
    match split::top(line, Taken::default())? {
        Top::Command { rest, .. } => Ok(rest),
        _ => Ok(Vec::new()),
    }
}

/// A program that cannot be started.
fn unusable(program: &Path, reason: impl std::fmt::Display) -> Error {
    error::fatal(
        UNTRUSTED,
        format!("the program {} cannot be run: {reason}", program.display()),
    )
}
