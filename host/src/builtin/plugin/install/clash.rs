//! What a new plugin would hide.

use omero_plugin_api::{Error, manifest::Manifest};

use crate::{
    builtin::plugin::{Task, plugin_directory, survey},
    error, external, locate, provider,
    records::Record,
};

/// Refuses a plugin that would run in the place of another plugin or of a program, unless the user
/// insists with `--force`. A newer version of what is installed hides nothing.
///
/// # Errors
///
/// It would hide something; the configuration cannot be used.
pub fn check(task: &Task, manifest: &Manifest) -> Result<(), Error> {
    let name = &manifest.name;
    let path = plugin_directory()?.join(locate::file_name(name).unwrap_or_default());
    // A record that cannot be read is replaced, and that of no plugin proves nothing.
    let record = Record::read(name).unwrap_or_default();
    let installed = record
        .installed
        .is_some_and(|installed| installed.is_at(&path));
    // `upgrade` and `rollback` have no such option.
    if installed || task.flag("force") {
        return Ok(());
    }
    let libraries = survey::libraries(task.host, task.quiet)?;
    let other = libraries
        .iter()
        .find(|library| library.is_called(name) && library.found.path != path);
    let hidden = match other {
        Some(other) => {
            let other = other.found.path.display();
            match provider::name(task.host, task.quiet)? == *name {
                true => format!("the session provider {other}"),
                false => format!("the plugin {other}"),
            }
        }
        None => match external::find(task.host, name, task.quiet) {
            Ok(Some(program)) => format!("the program {}", program.display()),
            _ => return Ok(()),
        },
    };
    let sentence = format!("`{name}` would hide {hidden}");
    Err(error::fatal(1, sentence).hint("--force installs it all the same"))
}
