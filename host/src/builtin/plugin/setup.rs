//! `omero plugin setup`: lets cargo find the API crate of this installation from a project's folder.

use std::path::Path;

use omero_plugin_api::Error;

use super::{Task, api, failed};
use crate::private_files::is_absent;

/// The file of cargo's settings in a project. `.gitignore` of a new project names it, because the
/// path in it is that of one machine.
const FILE: &str = ".cargo/config.toml";
/// How the file begins that this command may replace.
const HEAD: &str = "# Made by `omero plugin setup` for this machine; not to be shared.\n";

/// Writes the settings into the folder of a project.
///
/// # Errors
///
/// The folder is no project, or has settings of its own.
pub fn run(task: &Task) -> Result<i32, Error> {
    let folder = task.path("directory").unwrap_or_default();
    if !folder.join("Cargo.toml").is_file() {
        let reason = "it holds no Cargo.toml, so it is no cargo project";
        return Err(failed("cannot be set up", &folder, &reason));
    }
    let api = api::named(task.path("api-path"))?;
    write(&folder, &api)?;
    task.say(&format!("Made {}", folder.join(FILE).display()))?;
    Ok(0)
}

/// Writes the settings.
///
/// # Errors
///
/// The folder has settings of its own, or cannot be written.
pub fn write(folder: &Path, api: &Path) -> Result<(), Error> {
    let path = folder.join(FILE);
    let line = api::patch(api);
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.starts_with(HEAD) => {
            let hint = format!("add this line to it: {line}");
            let reason = "it has settings of its own";
            return Err(failed("cannot be replaced", &path, &reason).hint(hint));
        }
        Err(e) if !is_absent(&path, &e) => return Err(failed("cannot be read", &path, &e)),
        _ => {}
    }
    let write = || {
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(&path, format!("{HEAD}{line}\n"))
    };
    write().map_err(|e| failed("cannot be written", &path, &e))
}
