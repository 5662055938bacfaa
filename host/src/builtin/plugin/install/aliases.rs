//! The aliases that a plugin proposes: they become the user's only if the user says so.

use omero_plugin_api::{
    Error,
    manifest::{Manifest, ProposedAlias},
};
use serde_yaml::Value;

use crate::{
    builtin::plugin::{Task, survey},
    configuration::aliases,
    external, locate,
    records::Record,
    resolve::{self, Meaning},
};

/// Asks on a terminal, once for all of them, whether to set the aliases; elsewhere says how to.
/// Those that the user was asked about before are not mentioned again.
///
/// # Errors
///
/// Ctrl-C; an alias that cannot be set; the record cannot be written.
pub fn propose(task: &Task, manifest: &Manifest) -> Result<(), Error> {
    let mut record = Record::read(&manifest.name)?;
    let (mut usable, mut lines) = (Vec::new(), Vec::new());
    for alias in &manifest.aliases {
        let (name, command) = (&alias.name, &alias.command);
        if let Some(reason) = unusable(alias) {
            task.note(&format!(
                "the plugin proposes the alias `{name}`, which is not set: {reason}"
            ));
        } else if !record.proposed.contains(name) && !stands(task, alias)? {
            let hides =
                hidden(task, name)?.map_or(String::new(), |what| format!(" (hides {what})"));
            lines.push(format!("`{name}` for `{command}`{hides}"));
            usable.push(alias);
        }
    }
    if usable.is_empty() {
        return Ok(());
    }
    if !task.asks() {
        for (alias, line) in usable.iter().zip(lines) {
            let command = alias.command.replace('\'', "'\\''");
            let how = format!("omero alias set {} '{command}'", alias.name);
            task.note(&format!(
                "the plugin proposes the alias {line}; to have it: {how}"
            ));
        }
        return Ok(());
    }
    let what = match lines.as_slice() {
        [_] => "alias",
        _ => "aliases",
    };
    let question = format!("Set the {what} {}?", lines.join(", "));
    let agreed = task.agrees(&question)?;
    record
        .proposed
        .extend(usable.iter().map(|alias| alias.name.clone()));
    record.write(&manifest.name)?;
    for alias in usable.iter().filter(|_| agreed) {
        run(task, ["alias", "set", &alias.name, &alias.command])?;
    }
    Ok(())
}

/// Removes the aliases of a plugin that still stand for what it proposed.
///
/// # Errors
///
/// The configuration cannot be used or written.
pub fn remove(task: &Task, manifest: &Manifest) -> Result<(), Error> {
    for alias in &manifest.aliases {
        if unusable(alias).is_none() && stands(task, alias)? {
            run(task, ["alias", "remove", &alias.name])?;
            task.say(&format!("Removed the alias {}", alias.name))?;
        }
    }
    Ok(())
}

/// Why an alias cannot be set.
fn unusable(alias: &ProposedAlias) -> Option<String> {
    if alias.command.trim_start().starts_with('!') {
        // A shell command that the user did not write must not be set by one keystroke.
        return Some("it is a shell command".to_owned());
    }
    if resolve::meaning(&alias.name) != Meaning::Plugin {
        return Some("it is a command of omero itself".to_owned());
    }
    if !locate::is_command(&alias.name) {
        return Some("it cannot be the name of a command".to_owned());
    }
    aliases::definition(&Value::String(alias.command.clone())).err()
}

/// Whether the alias is the user's already.
fn stands(task: &Task, alias: &ProposedAlias) -> Result<bool, Error> {
    let configuration = task.host.configuration(task.quiet)?;
    let proposed = aliases::definition(&Value::String(alias.command.clone())).ok();
    // One that is badly written is another one.
    let own = aliases::find(configuration, &alias.name).ok().flatten();
    Ok(own.is_some() && own == proposed)
}

/// What an alias of this name would hide.
fn hidden(task: &Task, name: &str) -> Result<Option<String>, Error> {
    let mut all = aliases::all(task.host.configuration(task.quiet)?).into_iter();
    if let Some((_, own)) = all.find(|(alias, _)| alias == name) {
        let own = own.unwrap_or_else(|reason| format!("(!) {reason}"));
        return Ok(Some(format!("your alias for `{own}`")));
    }
    let libraries = survey::libraries(task.host, task.quiet)?;
    if let Some(library) = libraries.iter().find(|library| library.is_called(name)) {
        return Ok(Some(format!("the plugin {}", library.found.path.display())));
    }
    // What keeps a program from running is no concern here.
    let program = external::find(task.host, name, task.quiet).ok().flatten();
    Ok(program.map(|program| format!("the program {}", program.display())))
}

fn run<const N: usize>(task: &Task, words: [&str; N]) -> Result<(), Error> {
    let ran = task.host.run(words.map(Into::into).into());
    match ran.map_err(|failed| failed.error)? {
        0 => Ok(()),
        code => Err(Error::silent(code)),
    }
}
