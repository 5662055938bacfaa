//! `omero plugin enable` and `disable`: a mark in the plugin's record.

use omero_plugin_api::Error;

use super::{Task, info, survey};
use crate::{
    error, provider,
    records::Record,
    resolve::{self, Meaning},
};

/// Keeps a plugin from running, wherever on the search path it is.
pub fn disable(task: &Task) -> Result<i32, Error> {
    let name = task.plugin_name()?;
    if resolve::meaning(name) != Meaning::Plugin {
        return Err(error::usage(format!(
            "`{name}` belongs to omero itself and cannot be disabled"
        )));
    }
    let libraries = survey::libraries(task.host, task.quiet)?;
    if !libraries.iter().any(|library| library.is_called(name)) {
        return Err(info::missing(task, name)?);
    }
    change(task, name, true)?;
    if provider::name(task.host, task.quiet)? == name {
        task.host.warn(
            task.quiet,
            &format!("`{name}` makes the sessions: no command can log in until it is enabled"),
        );
    }
    Ok(0)
}

/// Lets a disabled plugin run again. The plugin itself may be gone.
pub fn enable(task: &Task) -> Result<i32, Error> {
    change(task, task.plugin_name()?, false)?;
    Ok(0)
}

fn change(task: &Task, name: &str, disabled: bool) -> Result<(), Error> {
    let word = if disabled { "disabled" } else { "enabled" };
    let mut record = Record::read(name)?;
    if record.disabled == disabled {
        return task.say(&format!("The plugin {name} was {word} before"));
    }
    record.disabled = disabled;
    record.write(name)?;
    task.say(&format!("The plugin {name} is {word}"))
}
