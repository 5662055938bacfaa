//! `omero alias`.

use clap::ArgMatches;
use omero_plugin_abi::Stream;
use omero_plugin_api::{Error, style::Style, table::Table};
use serde_yaml::Value;

use super::config::change;
use crate::{
    configuration::aliases::{KEY, all, definition},
    error::usage,
    host::Host,
    locate,
    resolve::{self, Meaning},
};

/// Runs `omero alias …`.
///
/// # Errors
///
/// A word that cannot be an alias; a configuration that cannot be read or written.
pub fn run(host: &Host, matches: &ArgMatches, quiet: bool) -> Result<i32, Error> {
    match matches.subcommand() {
        Some(("set", matches)) => set(host, matches, quiet),
        Some(("remove", matches)) => remove(host, matches),
        Some((_, matches)) => list(host, Style::of(matches)),
        None => Ok(0),
    }
}

fn set(host: &Host, matches: &ArgMatches, quiet: bool) -> Result<i32, Error> {
    let name = name(matches);
    check_name(name)?;
    let words: Vec<String> = matches
        .get_many("command")
        .unwrap_or_default()
        .cloned()
        .collect();
    let value = match <[String; 1]>::try_from(words) {
        Ok([text]) => Value::String(text),
        Err(words) => Value::Sequence(words.into_iter().map(Value::String).collect()),
    };
    definition(&value)
        .map_err(|reason| usage(format!("the alias `{name}` cannot be set: {reason}")))?;
    let before = all(host.configuration(quiet)?)
        .into_iter()
        .find_map(|(alias, text)| text.ok().filter(|_| alias == name));
    change(host, &[KEY, name], Some(value))?;
    if let Some(before) = before.filter(|_| !quiet) {
        let note = format!("omero: note: `{name}` stood for: {before}\n");
        host.streams.write(Stream::ERROR, note.as_bytes())?;
    }
    Ok(0)
}

/// Refuses names that could never be typed as a command, and those of omero itself.
fn check_name(name: &str) -> Result<(), Error> {
    if !locate::is_command(name) {
        return Err(usage(format!(
            "`{name}` cannot be an alias: it has to begin with a letter, and have only letters, \
             digits, `-` and `_`"
        )));
    }
    match resolve::meaning(name) {
        Meaning::Plugin => Ok(()),
        _ => Err(usage(format!(
            "`{name}` cannot be an alias: it is a command of omero itself"
        ))
        .hint("choose another name")),
    }
}

fn remove(host: &Host, matches: &ArgMatches) -> Result<i32, Error> {
    let name = name(matches);
    match change(host, &[KEY, name], None)? {
        true => Ok(0),
        false => Err(usage(format!("there is no alias `{name}`"))
            .with_code(1)
            .hint("omero alias list shows them")),
    }
}

fn list(host: &Host, style: Style) -> Result<i32, Error> {
    let mut table = Table::new(["Alias", "Command"]);
    for (name, text) in all(host.configuration(false)?) {
        let text = text.unwrap_or_else(|reason| format!("(!) cannot be used: {reason}"));
        table.row([name, text]);
    }
    host.streams
        .write(Stream::OUTPUT, table.render(style).as_bytes())?;
    Ok(0)
}

fn name(matches: &ArgMatches) -> &str {
    matches
        .get_one::<String>("name")
        .map(String::as_str)
        .unwrap_or_default()
}
