//! The aliases that a plugin proposes: they become the user's only if the user says so.

use omero_plugin_api::{Error, manifest::Manifest};

use crate::builtin::plugin::Task;

/// Asks on a terminal whether to set each alias; elsewhere says how to.
///
/// # Errors
///
/// Ctrl-C; an alias that cannot be set.
pub fn propose(task: &Task, manifest: &Manifest) -> Result<(), Error> {
    let asks = task.asks();
    for alias in &manifest.aliases {
        let (name, command) = (&alias.name, &alias.command);
        if command.trim_start().starts_with('!') {
            // A shell command of somebody else's must not become the user's by a keystroke.
            task.note(&format!(
                "the plugin proposes the shell alias `{name}`, which is not set"
            ));
            continue;
        }
        let question = format!("Set the alias `{name}` for `{command}`?");
        let how = format!(
            "omero alias set {name} '{}'",
            command.replace('\'', "'\\''")
        );
        if !asks {
            task.note(&format!(
                "the plugin proposes the alias `{name}` for `{command}`; to have it: {how}"
            ));
        } else if task.agrees(&question)? {
            let words = ["alias", "set", name, command].map(Into::into);
            let code = task.host.run(words.into()).map_err(|failed| failed.error)?;
            if code != 0 {
                return Err(Error::silent(code));
            }
        }
    }
    Ok(())
}
