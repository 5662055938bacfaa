//! The user's own words for command lines: the configuration key `aliases`.
//!
//! ```yaml
//! aliases:
//!   imgs: hql "select i from Image i where i.name = '$1'"
//!   prod: -s prod.example.org login
//!   keys: '!omero sessions list --style csv | cut -d, -f4'
//! ```
//!
//! An alias is text that becomes words as in a shell, or a list of words. Arguments take the places
//! `$1` to `$9` and `$@`, or follow at the end. Text after `!` is run by the shell, with the
//! arguments as its positional parameters: they are never part of the shell's text.
//!
//! An alias may stand for another one, but not for itself. It cannot take the name of a command of
//! this program; it comes before a plugin of its name.

pub mod command;
mod expand;
mod shell;

use std::sync::Arc;

use omero_plugin_api::Error;
use serde_yaml::Value;

use crate::{
    arguments::Taken,
    configuration::Configuration,
    error::{self, UNUSABLE, usage},
    host::Host,
    resolve::{self, Meaning},
    split::{self, Top},
};

/// The configuration key.
pub const KEY: &str = "aliases";

/// What an alias stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// A command line of this program.
    Words(Vec<String>),
    /// A command line of the shell.
    Shell(String),
}

/// A command line in which no alias is left.
#[derive(Debug)]
pub enum Resolved {
    /// Run it.
    Line(Vec<String>),
    /// The shell has run it; its exit code.
    Ran(i32),
}

/// Replaces the alias in the place of the command, and what it stands for in turn.
///
/// # Errors
///
/// An alias that leads back to itself, gets too few arguments or is badly written; the
/// configuration cannot be used.
pub fn resolve(host: &Arc<Host>, mut line: Vec<String>) -> Result<Resolved, Error> {
    let mut chain: Vec<String> = Vec::new();
    loop {
        // Whatever is wrong with the line is told when it is run.
        let Ok(Top::Command { name, taken, rest }) = split::top(line.clone(), Taken::default())
        else {
            return Ok(Resolved::Line(line));
        };
        if matches!(resolve::meaning(&name), Meaning::Builtin(_)) {
            return Ok(Resolved::Line(line));
        }
        let quiet = taken.quiet();
        let Some(definition) = find(host.configuration(quiet)?, &name)? else {
            return Ok(Resolved::Line(line));
        };
        if resolve::meaning(&name) != Meaning::Plugin {
            host.warn(
                quiet,
                &format!("the alias `{name}` of the configuration is ignored: it is a command of omero itself"),
            );
            return Ok(Resolved::Line(line));
        }
        if chain.contains(&name) {
            chain.push(name);
            return Err(endless(&chain));
        }
        match definition {
            Definition::Shell(text) => {
                host.add_paths(&taken.paths, quiet);
                return shell::run(host, &name, &text, rest, &taken).map(Resolved::Ran);
            }
            Definition::Words(words) => {
                let before = line.len() - rest.len() - 1;
                line.truncate(before);
                line.extend(expand::place(&name, words, rest)?);
                chain.push(name);
            }
        }
    }
}

fn endless(chain: &[String]) -> Error {
    let name = chain.last().map(String::as_str).unwrap_or_default();
    usage(format!(
        "the alias `{name}` leads back to itself: {}",
        chain.join(" -> ")
    ))
    .hint(format!("omero alias set {name} '…' replaces it"))
}

/// What a word stands for, if it is an alias.
///
/// # Errors
///
/// The alias is badly written.
pub fn find(configuration: &Configuration, name: &str) -> Result<Option<Definition>, Error> {
    let Some(value) = configuration.value(KEY).and_then(|all| all.get(name)) else {
        return Ok(None);
    };
    definition(value)
        .map(Some)
        .map_err(|reason| broken(name, &reason))
}

/// All aliases by name, each with its text, or with what is wrong with it.
pub fn all(configuration: &Configuration) -> Vec<(String, Result<String, String>)> {
    let mapping = configuration.value(KEY).and_then(Value::as_mapping);
    let mut found: Vec<_> = mapping
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            let text = definition(value).map(|definition| match definition {
                Definition::Shell(text) => format!("!{text}"),
                Definition::Words(words) => joined(&words),
            });
            Some((name.as_str()?.to_owned(), text))
        })
        .collect();
    found.sort();
    found
}

/// Understands the value of an alias; the error is half a sentence.
///
/// # Errors
///
/// It is neither text nor a list of texts, has an open quote, or is empty.
pub fn definition(value: &Value) -> Result<Definition, String> {
    let words = match value {
        Value::String(text) => match text.trim_start().strip_prefix('!') {
            Some(shell) if !shell.trim().is_empty() => {
                return Ok(Definition::Shell(shell.trim().to_owned()));
            }
            Some(_) => Vec::new(),
            None => shlex::split(text).ok_or("a quote in it is not closed")?,
        },
        Value::Sequence(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or("its words have to be texts")?,
        // YAML takes an unquoted `!` for a type.
        Value::Tagged(_) => return Err("quote text that begins with `!`".to_owned()),
        _ => return Err("it has to be a text or a list of texts".to_owned()),
    };
    if words.is_empty() {
        return Err("it stands for nothing".to_owned());
    }
    Ok(Definition::Words(words))
}

/// Words as a shell would read them back.
fn joined(words: &[String]) -> String {
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

fn broken(name: &str, reason: &str) -> Error {
    error::fatal(
        UNUSABLE,
        format!("the alias `{name}` of the configuration cannot be used: {reason}"),
    )
    .hint(format!("omero alias set {name} '…' replaces it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_aliases() {
        let read = |yaml: &str| definition(&serde_yaml::from_str(yaml).unwrap());
        let words = |words: &[&str]| {
            Ok(Definition::Words(
                words.iter().map(|w| (*w).to_owned()).collect(),
            ))
        };
        assert_eq!(
            read("hql \"select i\" -q"),
            words(&["hql", "select i", "-q"])
        );
        assert_eq!(read("[hql, 'a b']"), words(&["hql", "a b"]));
        assert_eq!(read("'!ls $1'"), Ok(Definition::Shell("ls $1".to_owned())));
        for (yaml, reason) in [
            ("\"hql 'open\"", "not closed"),
            ("''", "nothing"),
            ("'!'", "nothing"),
            ("[]", "nothing"),
            ("[1]", "texts"),
            ("5", "a text"),
            ("{a: b}", "a text"),
            ("!ls x", "quote"),
        ] {
            let error = read(yaml).unwrap_err();
            assert!(error.contains(reason), "{yaml}: {error}");
        }
    }
}
