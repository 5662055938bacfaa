//! One page that shows a whole run.

use std::{ffi::OsString, sync::Arc};

use omero_plugin_api::Error;

use crate::{dispatch, environment::Environment, error, exit, host::Host, resolve};

/// Runs the command line, the program's name first; returns the exit status of the process.
pub fn run(command_line: Vec<OsString>) -> u8 {
    let host = Arc::new(Host::new(Environment::of_process()));
    let code = match words(command_line) {
        Ok(words) if words == [""] => 0, // OMERO.py's self test
        Ok(words) => {
            host.greet_debug_variable();
            dispatch::run(&host, words).unwrap_or_else(|failed| {
                exit::report(
                    &host.streams,
                    &failed.speaker,
                    &failed.error,
                    host.interrupt.struck(),
                )
            })
        }
        Err(error) => exit::report(&host.streams, &exit::Speaker::default(), &error, false),
    };
    exit::status(host.leave(code))
}

/// The arguments as text, after the words that the program's own name stands for: a link named
/// `omero-sessions-list` is `omero sessions list`.
fn words(command_line: Vec<OsString>) -> Result<Vec<String>, Error> {
    let mut all = command_line.into_iter();
    let mut words = resolve::words_of_program_name(&all.next().unwrap_or_default());
    for word in all {
        words.push(word.into_string().map_err(|word| {
            error::usage(format!("the argument {} is not UTF-8 text", word.display()))
        })?);
    }
    Ok(words)
}
