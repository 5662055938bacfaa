//! `omero plugin pin` and `rollback`: which version stays, and the one before.

use omero_plugin_api::Error;

use crate::{
    builtin::plugin::{
        Task,
        install::{self, source::Found},
    },
    error::{self, UNTRUSTED},
    records::{Installed, Record, digest},
};

/// Keeps `upgrade` from replacing a plugin, or takes that back.
///
/// # Errors
///
/// The plugin was not installed here.
pub fn pin(task: &Task) -> Result<i32, Error> {
    let name = task.plugin_name()?;
    let mut record = Record::read(name)?;
    let Some(installed) = &record.installed else {
        return Err(not_installed(name));
    };
    let version = installed.version.clone();
    record.pinned = !task.matches.get_flag("off");
    record.write(name)?;
    task.say(&match record.pinned {
        true => format!("{name} stays at {version}"),
        false => format!("{name} can be upgraded again"),
    })?;
    Ok(0)
}

/// Installs the version again that was there before. The present one becomes the one before.
///
/// # Errors
///
/// There is none, its file was changed, or it no longer loads.
pub fn rollback(task: &Task) -> Result<i32, Error> {
    let name = task.plugin_name()?;
    let record = Record::read(name)?;
    let Some(installed) = record.installed else {
        return Err(not_installed(name));
    };
    let Some(previous) = record.previous else {
        return Err(error::fatal(
            1,
            format!("no version of {name} before {} is kept", installed.version),
        )
        .hint(format!("install one: omero plugin install {name}@VERSION")));
    };
    let path = &previous.path;
    let unchanged = digest(path).map_err(|e| {
        let path = path.display();
        error::fatal(1, format!("{path} cannot be read: {e}"))
    })? == previous.sha256;
    if !unchanged {
        let sentence = format!("{} was changed since it was kept", path.display());
        return Err(error::fatal(UNTRUSTED, sentence).hint(format!(
            "install a version: omero plugin install {name}@VERSION"
        )));
    }
    install::install(task, &found(previous))?;
    task.note(&format!("to stay at this version: omero plugin pin {name}"));
    Ok(0)
}

/// The kept version as something to install. Its key was checked when it was installed first.
fn found(previous: Installed) -> Found {
    Found {
        library: previous.path,
        source: previous.source,
        index: previous.index,
        key: previous.key,
        expected: Some((previous.name, previous.version)),
        is_trusted: true,
        keep: Vec::new(),
    }
}

/// The error for a plugin that has no record of an installation.
pub fn not_installed(name: &str) -> Error {
    error::fatal(
        1,
        format!("no plugin `{name}` was installed by `omero plugin install`"),
    )
    .hint("what is installed: omero plugin list")
}
