//! `omero plugin remove NAME`: takes away what the user installed.

use std::{fs, io::ErrorKind, path::Path};

use omero_plugin_api::Error;

use super::{
    Task, failed, info,
    install::aliases,
    plugin_directory,
    survey::{self, Library},
};
use crate::{
    context, error, locate, manifest,
    records::{self, Record},
    trust::quoted,
};

/// Removes the library from the user's plugin directory, and its record.
pub fn run(task: &Task) -> Result<i32, Error> {
    let name = task.plugin_name()?;
    let file_name = locate::file_name(name).unwrap_or_default();
    let path = plugin_directory()?.join(&file_name);
    // Without a description nothing is known of its aliases.
    let manifest = manifest::read(&path).ok();
    match fs::remove_file(&path) {
        Ok(()) => task.say(&format!("Removed {}", path.display()))?,
        Err(e) if e.kind() == ErrorKind::NotFound => not_here(task, name)?,
        Err(e) => return Err(failed("cannot be removed", &path, &e)),
    }
    Record::default().write(name)?;
    forget_previous(&file_name)?;
    if let Some(manifest) = manifest {
        aliases::remove(task, &manifest)?;
    }
    if task.matches.get_flag("purge") {
        purge(task, name)?;
    }
    let others = survey::libraries(task.host, task.quiet)?;
    if let Some(other) = others.iter().find(|other| other.is_called(name)) {
        let path = other.found.path.display();
        task.note(&format!("the command `{name}` is now that of {path}"));
    }
    Ok(0)
}

/// Nothing to remove where plugins are installed. A record without its library may still go.
fn not_here(task: &Task, name: &str) -> Result<(), Error> {
    // A record that cannot be read goes as well.
    let recorded = Record::read(name).map_or(true, |record| record.installed.is_some());
    let libraries = survey::libraries(task.host, task.quiet)?;
    let found = libraries.into_iter().find(|l| l.is_called(name));
    match found {
        None if recorded => task.say(&format!("Removed the record of {name}")),
        None => Err(info::missing(task, name)?),
        Some(Library { found, .. }) => Err(elsewhere(name, &found.path)),
    }
}

/// Removes the library that was kept for `omero plugin rollback`.
fn forget_previous(file_name: &str) -> Result<(), Error> {
    let Some(directory) = records::previous_directory() else {
        return Ok(());
    };
    let kept = directory.join(file_name);
    match fs::remove_file(&kept) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(failed("cannot be removed", &kept, &e)),
        _ => Ok(()),
    }
}

fn elsewhere(name: &str, path: &Path) -> Error {
    let sentence = format!(
        "the plugin {} was not installed by `omero plugin install`",
        path.display()
    );
    error::fatal(1, sentence).hint(format!(
        "to keep it from running: omero plugin disable {name}; to delete it: rm {}",
        quoted(path)
    ))
}

fn purge(task: &Task, name: &str) -> Result<(), Error> {
    let Some(path) = context::data_directory_of(name) else {
        return Ok(());
    };
    match fs::remove_dir_all(&path) {
        Ok(()) => task.say(&format!("Removed {}", path.display())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(failed("cannot be removed", &path, &e)),
    }
}
