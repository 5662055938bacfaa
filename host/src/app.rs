//! One page that shows a whole run.

use std::{
    ffi::OsString,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use omero_plugin_abi::Stream;
use omero_plugin_api::Error;

use crate::{
    complete, dispatch,
    environment::Environment,
    error,
    exit::{self, Speaker},
    host::{EntryPoints, Host},
    lend, resolve,
};

/// What commands may ask of the whole house.
const ENTRY_POINTS: EntryPoints = EntryPoints {
    run: dispatch::run,
    log_in: dispatch::log_in,
    lend: lend::session,
};

/// Runs the command line, the program's name first; returns the exit status of the process.
pub fn run(command_line: Vec<OsString>) -> u8 {
    let host = Arc::new(Host::new(Environment::of_process(), ENTRY_POINTS));
    let code = catch_unwind(AssertUnwindSafe(|| command(&host, command_line)));
    // A panic has said where it happened; it must not look like a failure of the command.
    exit::status(host.leave(code.unwrap_or(error::PANIC)))
}

/// Runs the command and shows what kept it from running.
fn command(host: &Arc<Host>, command_line: Vec<OsString>) -> i32 {
    let report = |speaker: &Speaker, error: &Error| {
        exit::report(&host.streams, speaker, error, host.interrupt.struck())
    };
    match words(command_line) {
        Ok(words) if words == [""] => 0, // OMERO.py's self test
        Ok(words) if words == ["EOF"] => newline(host),
        Ok(words) => {
            // What a shell asks while the user types is answered with nothing but the answer.
            if words.first().is_none_or(|word| word != complete::COMMAND) {
                host.greet_debug_variable();
            }
            dispatch::start(host, words)
                .unwrap_or_else(|failed| report(&failed.speaker, &failed.error))
        }
        Err(error) => report(&Speaker::default(), &error),
    }
}

/// What OMERO.py answers to the word that ends its loop.
fn newline(host: &Host) -> i32 {
    // A closed output is noticed in the end.
    let _ = host.streams.write(Stream::OUTPUT, b"\n");
    0
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

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &[&str]) -> Vec<String> {
        words(line.iter().map(OsString::from).collect()).unwrap()
    }

    #[test]
    fn the_program_name_comes_first() {
        assert_eq!(
            split(&["/usr/bin/omero-sessions", "list", "-q"]),
            ["sessions", "list", "-q"]
        );
        assert_eq!(split(&["omero", ""]), [""]);
        assert!(split(&[]).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn arguments_are_text() {
        use std::os::unix::ffi::OsStringExt;
        let line = vec!["omero".into(), OsString::from_vec(vec![b'x', 0xff])];
        assert_eq!(words(line).unwrap_err().code(), 2);
    }
}
