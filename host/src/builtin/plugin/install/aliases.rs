//! The aliases that a plugin proposes: they become the user's only if the user says so.

use omero_plugin_abi::Stream;
use omero_plugin_api::{Error, manifest::Manifest, table::visible};

use crate::{builtin::plugin::Task, life::Life, terminal};

/// Asks on a terminal whether to set each alias; elsewhere says how to.
///
/// # Errors
///
/// Ctrl-C; an alias that cannot be set.
pub fn propose(task: &Task, manifest: &Manifest) -> Result<(), Error> {
    let asks = task.host.streams.is_terminal(Stream::INPUT)
        && task.host.streams.is_terminal(Stream::ERROR)
        && !task.quiet;
    for alias in &manifest.aliases {
        let (name, command) = (&alias.name, &alias.command);
        if command.trim_start().starts_with('!') {
            // A shell command of somebody else's must not become the user's by a keystroke.
            task.note(&format!(
                "the plugin proposes the shell alias `{name}`, which is not set"
            ));
            continue;
        }
        let question = format!("Set the alias `{name}` for `{command}`? [y/N] ");
        let how = format!(
            "omero alias set {name} '{}'",
            command.replace('\'', "'\\''")
        );
        if !asks {
            task.note(&format!(
                "the plugin proposes the alias `{name}` for `{command}`; to have it: {how}"
            ));
        } else if agrees(task, &visible(&question))? {
            let words = ["alias", "set", name, command].map(Into::into);
            let code = task.host.run(words.into()).map_err(|failed| failed.error)?;
            if code != 0 {
                return Err(Error::silent(code));
            }
        }
    }
    Ok(())
}

fn agrees(task: &Task, question: &str) -> Result<bool, Error> {
    let host = task.host;
    let answer = terminal::read_line(
        &host.input,
        &host.streams,
        &host.interrupt,
        &Life::default(),
        question,
    )?;
    let answer = answer.unwrap_or_default().trim().to_lowercase();
    Ok(["y", "yes"].contains(&answer.as_str()))
}
