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
    lend, login_target, resolve,
};

/// What commands may ask of the whole house.
const ENTRY_POINTS: EntryPoints = EntryPoints {
    run: dispatch::run,
    invoke: dispatch::invoke,
    log_in: dispatch::log_in,
    lend: lend::session,
    login_target: login_target::find,
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
    let words = words(command_line);
    if words == [""] {
        return 0; // OMERO.py's self test
    }
    if words == ["EOF"] {
        return newline(host);
    }
    // What a shell asks while the user types is answered with nothing but the answer.
    if words.first().is_none_or(|word| word != complete::COMMAND) {
        host.greet_debug_variable();
    }
    dispatch::start(host, words).unwrap_or_else(|failed| report(&failed.speaker, &failed.error))
}

/// What OMERO.py answers to the word that ends its loop.
fn newline(host: &Host) -> i32 {
    // A closed output is noticed in the end.
    let _ = host.streams.write(Stream::OUTPUT, b"\n");
    0
}

/// The arguments after the words that the program's own name stands for: a link named
/// `omero-sessions-list` is `omero sessions list`.
fn words(command_line: Vec<OsString>) -> Vec<OsString> {
    let mut all = command_line.into_iter();
    let mut words = resolve::words_of_program_name(&all.next().unwrap_or_default());
    words.extend(all);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &[&str]) -> Vec<OsString> {
        words(line.iter().map(OsString::from).collect())
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
}
