//! The user's own words for command lines, which [`crate::configuration::aliases`] reads.
//!
//! An alias is text that becomes words as in a shell, or a list of words. Arguments take the places
//! `$1` to `$9` and `$@`, or follow at the end. Text after `!` is run by the shell, with the
//! arguments as its positional parameters: they are never part of the shell's text.
//!
//! An alias may stand for another one, but not for itself. It cannot take the name of a command of
//! this program; it comes before a plugin of its name.

mod expand;
mod shell;

use std::{ffi::OsString, sync::Arc};

use omero_plugin_api::Error;

use crate::{
    arguments::Taken,
    configuration::aliases::{self, Definition},
    error::usage,
    host::Host,
    resolve::{self, Meaning},
    split::{self, Top},
};

/// A command line in which no alias is left.
#[derive(Debug)]
pub enum Resolved {
    /// Run it: the line, and the same taken apart.
    Line(Vec<OsString>, Top),
    /// The shell has run it; its exit code.
    Ran(i32),
}

/// Replaces the alias in the place of the command, and what it stands for in turn.
///
/// # Errors
///
/// An alias that leads back to itself, gets too few arguments or is badly written; a wrong option
/// before the command; the configuration cannot be used.
pub fn resolve(host: &Arc<Host>, mut line: Vec<OsString>) -> Result<Resolved, Error> {
    let mut chain: Vec<String> = Vec::new();
    loop {
        let top = split::top(line.clone(), Taken::default())?;
        let Top::Command { name, taken, .. } = &top else {
            return Ok(Resolved::Line(line, top));
        };
        if matches!(resolve::meaning(name), Meaning::Builtin(_)) {
            return Ok(Resolved::Line(line, top));
        }
        let quiet = taken.quiet();
        let Some(definition) = aliases::find(host.configuration(quiet)?, name)? else {
            return Ok(Resolved::Line(line, top));
        };
        if resolve::meaning(name) != Meaning::Plugin {
            host.warn(
                quiet,
                &format!("the alias `{name}` of the configuration is ignored: it is a command of omero itself"),
            );
            return Ok(Resolved::Line(line, top));
        }
        let Top::Command { name, taken, rest } = top else {
            return Ok(Resolved::Line(line, top));
        };
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
