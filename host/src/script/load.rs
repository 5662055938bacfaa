//! The command `load`: scripts from files and standard input.

use std::{path::PathBuf, sync::Arc};

use clap::ArgMatches;
use omero_plugin_api::Error;

use super::{Next, Rules, Source, commands, lines::read, log_in, run};
use crate::{
    arguments::{Shown, Taken, text},
    error,
    host::Host,
};

/// Runs `omero load …`.
///
/// # Errors
///
/// A script cannot be read; a pattern is wrong; the login that the options before `load` ask for
/// fails before it begins.
pub fn execute(host: &Arc<Host>, matches: &ArgMatches, taken: &Taken) -> Result<i32, Error> {
    let rules = Rules {
        keep_going: matches.get_flag("keep-going"),
        quit_ends: false,
        say_where: !taken.quiet(),
    };
    let named: Vec<&PathBuf> = matches.get_many("file").unwrap_or_default().collect();
    let scripts = if matches.get_flag("glob") {
        expand(&named)?
    } else if named.is_empty() {
        vec![PathBuf::from("-")]
    } else {
        named.into_iter().cloned().collect()
    };
    if let Next::End(code) = log_in(host, taken)? {
        return Ok(code);
    }
    if let Some(texts) = matches.get_many::<String>("execute") {
        let texts: Vec<String> = texts.cloned().collect();
        return commands(host, &texts, rules);
    }
    for script in scripts {
        let next = if script.as_os_str() == "-" {
            run(host, &mut Source::input(host), rules)?
        } else {
            let text = read(&script)?;
            let name = Shown(script.as_os_str()).to_string();
            run(host, &mut Source::text(&name, &text), rules)?
        };
        if let Next::End(code) = next {
            return Ok(code);
        }
    }
    Ok(0)
}

/// All files that the patterns match, in one list sorted as text.
fn expand(patterns: &[&PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for pattern in patterns {
        let pattern = &text(pattern.as_os_str().to_owned())?;
        let found = glob::glob(pattern).map_err(|reason| {
            error::usage(format!(
                "`{pattern}` is no pattern for file names: {reason}"
            ))
        })?;
        for path in found {
            files.push(path.map_err(|reason| {
                error::fatal(1, format!("cannot look for `{pattern}`: {reason}"))
            })?);
        }
    }
    files.sort();
    Ok(files)
}
