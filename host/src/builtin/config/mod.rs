//! `omero config`: showing and changing the user's configuration.

mod editor;
mod file;
mod text;

use std::{ffi::OsString, sync::Arc};

use clap::ArgMatches;
use omero_plugin_abi::Stream;
use omero_plugin_api::Error;
use serde_yaml::Value;

use crate::{
    commands,
    configuration::{
        Configuration,
        keys::{self, Key},
    },
    error::{self, UNUSABLE, usage},
    external,
    host::Host,
    missing::nearest,
    resolve::Builtin,
};

/// Runs `omero config …`.
///
/// # Errors
///
/// An unknown key, a value of the wrong type; a file that cannot be read or written.
pub fn run(host: &Arc<Host>, matches: &ArgMatches, quiet: bool) -> Result<i32, Error> {
    match matches.subcommand() {
        Some(("path", _)) => print(host, &file::path(host)?.display().to_string()),
        Some(("list", _)) => list(host, quiet),
        Some(("get", matches)) => get(host, one(matches, "key"), quiet),
        Some(("set", matches)) => set(host, one(matches, "key"), one(matches, "value")),
        Some(("unset", matches)) => unset(host, one(matches, "key")),
        Some((_, _)) => editor::edit(host),
        None => Ok(0),
    }
}

/// What the keys of OMERO.server begin with.
const OF_SERVER: &str = "omero.";

/// Whether the words after `config` are about the settings of a server, which OMERO.py's `config`
/// keeps: a key of a server stands where a key of this program could, or the subcommand is not one of
/// this program nor nearly one.
pub fn is_server_setting(words: &[OsString]) -> bool {
    let mut words = words.iter().filter_map(|word| word.to_str());
    let Some(sub) = words.next().filter(|sub| !sub.starts_with('-')) else {
        return false;
    };
    let command = commands::of(Builtin::Config);
    let mut own = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned());
    if nearest(sub, own.by_ref()).is_none() {
        return true;
    }
    let is_server = |word: &&str| word.starts_with(OF_SERVER);
    words
        .find(|word| is_server(word) || keys::find(top(word)).is_some())
        .is_some_and(|word| is_server(&word))
}

fn top(key: &str) -> &str {
    key.split('.').next().unwrap_or_default()
}

fn one<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    matches
        .get_one::<String>(name)
        .map(String::as_str)
        .unwrap_or_default()
}

fn print(host: &Host, text: &str) -> Result<i32, Error> {
    host.streams
        .write(Stream::OUTPUT, format!("{text}\n").as_bytes())?;
    Ok(0)
}

fn list(host: &Host, quiet: bool) -> Result<i32, Error> {
    let configuration = host.configuration(quiet)?;
    for mistake in configuration.mistakes() {
        host.warn(quiet, &mistake);
    }
    let mut lines = Vec::new();
    if let Some(root) = configuration.root().as_mapping() {
        for (name, value) in root {
            flatten(&shown(name)?, value, &mut lines)?;
        }
    }
    for line in lines {
        print(host, &line)?;
    }
    Ok(0)
}

fn flatten(name: &str, value: &Value, lines: &mut Vec<String>) -> Result<(), Error> {
    match value {
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                flatten(&format!("{name}.{}", shown(key)?), value, lines)?;
            }
        }
        _ => lines.push(format!("{name}={}", shown(value)?)),
    }
    Ok(())
}

/// A text as it is, anything else as JSON, which stays on one line.
fn shown(value: &Value) -> Result<String, Error> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        other => serde_json::to_string(other).map_err(|reason| {
            error::fatal(
                UNUSABLE,
                format!("a value of the configuration cannot be shown: {reason}"),
            )
            .hint("use texts and numbers as keys of mappings: omero config edit")
        }),
    }
}

fn get(host: &Host, name: &str, quiet: bool) -> Result<i32, Error> {
    known(host, name)?;
    match host.configuration(quiet)?.value(name) {
        Some(value) => print(host, &shown(value)?),
        None => Ok(1),
    }
}

fn set(host: &Host, name: &str, text: &str) -> Result<i32, Error> {
    let key = known(host, name)?;
    let path: Vec<&str> = name.split('.').collect();
    if name == "fallback" {
        external::check_fallback(text)?;
    }
    let value = key.kind.value_of(&path, text);
    change(host, &path, Some(value))?;
    Ok(0)
}

fn unset(host: &Host, name: &str) -> Result<i32, Error> {
    // A key that is unknown may stand in the file; this is how to get rid of it.
    let path: Vec<&str> = name.split('.').collect();
    Ok(if change(host, &path, None)? { 0 } else { 1 })
}

fn known(host: &Host, name: &str) -> Result<&'static Key, Error> {
    let top = top(name);
    keys::find(top).ok_or_else(|| {
        let error = usage(format!("there is no configuration key `{name}`"));
        match top {
            "omero" => {
                let setting = "settings of OMERO.server are kept by its own omero";
                match external::advice(host, &format!("config get {name}")) {
                    Some(advice) => error.hint(format!("{setting}; {advice}")),
                    None => error.hint(setting),
                }
            }
            _ => error.hint("omero config --help lists the keys"),
        }
    })
}

/// Sets or removes a value in the file; returns whether there was something to do.
///
/// # Errors
///
/// The file cannot be read, understood or written; the value is of the wrong type.
pub fn change(host: &Host, path: &[&str], value: Option<Value>) -> Result<bool, Error> {
    let held = file::hold(host)?;
    let configuration = Configuration::parse(held.path(), &held.text)?;
    let root = configuration.root();
    let wanted = text::with(root, path, value.as_ref()).ok_or_else(|| {
        let key = path.join(".");
        error::fatal(UNUSABLE, format!("`{key}` is no place for a value"))
            .hint(format!("look at the file: {}", held.path().display()))
    })?;
    if wanted == *root || (root.is_null() && value.is_none()) {
        return Ok(value.is_some());
    }
    if value.is_some() {
        check(path, &wanted)?;
    }
    let unwritable = |e| error::fatal(UNUSABLE, format!("the value cannot be written: {e}"));
    let changed = text::change(&held.text, path, value.as_ref(), &wanted).map_err(unwritable)?;
    held.write(&changed.text)?;
    host.configuration_changed();
    if changed.lost_comments {
        let path = held.path().display();
        host.warn(
            false,
            &format!("{path} was written anew, without its comments"),
        );
    }
    Ok(true)
}

fn check(path: &[&str], wanted: &Value) -> Result<(), Error> {
    let (Some(name), key) = (path.first(), path.join(".")) else {
        return Ok(());
    };
    let (Some(known), Some(value)) = (keys::find(name), wanted.get(*name)) else {
        return Ok(());
    };
    known.kind.check(value).map_err(|reason| {
        let subject = if path.len() == 1 { &key } else { *name };
        usage(format!("the configuration key `{subject}` {reason}"))
    })
}
