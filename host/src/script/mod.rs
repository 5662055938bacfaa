//! Scripts: many commands in one process, over one session.
//!
//! [`lines`] reads them, [`words`] knows what scripts have besides the commands, [`load`] is the
//! command `load`, [`secrets`] keeps passwords out of messages. Commands are run here.

pub mod lines;
pub mod load;
pub mod secrets;
pub mod words;

use std::{
    ffi::OsString,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use omero_plugin_abi::Stream;
use omero_plugin_api::{Error, Kind};

use crate::{
    arguments::Taken,
    error::{self, INTERRUPTED, PANIC},
    exit::{self, Speaker},
    host::Host,
};
use lines::Line;
pub use lines::Source;
use words::Word;

/// A script may load a script, but one that loads itself must end some time.
const DEEPEST: usize = 16;

static DEPTH: AtomicUsize = AtomicUsize::new(0);

/// How the lines of a script are run.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Whether a failing line is passed over.
    pub keep_going: bool,
    /// Whether `quit` ends the script. OMERO.py's `load` passes over it.
    pub quit_ends: bool,
    /// Whether to say where the script stopped.
    pub say_where: bool,
}

/// What becomes of the rest after a line, or after a whole script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is run.
    GoOn,
    /// It is not; this is the code of the whole.
    End(i32),
}

/// Runs commands that stand on the command line behind `-e`, after logging in if login options
/// stand there too.
///
/// # Errors
///
/// The login fails before it begins.
pub fn of_options(host: &Arc<Host>, taken: &Taken) -> Result<i32, Error> {
    if let Next::End(code) = log_in(host, taken)? {
        return Ok(code);
    }
    let rules = Rules {
        keep_going: false,
        quit_ends: true,
        say_where: taken.commands.len() > 1 && !taken.quiet(),
    };
    commands(host, &taken.commands, rules)
}

/// Runs the commands of standard input, as `load` does.
///
/// # Errors
///
/// The login that login options ask for fails before it begins; standard input cannot be read.
pub fn of_input(host: &Arc<Host>, taken: &Taken) -> Result<i32, Error> {
    if let Next::End(code) = log_in(host, taken)? {
        return Ok(code);
    }
    let rules = Rules {
        keep_going: false,
        quit_ends: true,
        say_where: !taken.quiet(),
    };
    Ok(match run(host, &mut Source::input(host), rules)? {
        Next::GoOn => 0,
        Next::End(code) => code,
    })
}

fn commands(host: &Arc<Host>, commands: &[String], rules: Rules) -> Result<i32, Error> {
    for (index, text) in commands.iter().enumerate() {
        let name = format!("-e {}", index + 1);
        if let Next::End(code) = run(host, &mut Source::text(&name, text), rules)? {
            return Ok(code);
        }
    }
    Ok(0)
}

/// Login options before a script log in before its first line: its commands then work on that
/// session.
///
/// # Errors
///
/// There is no session provider, or it cannot be used.
pub fn log_in(host: &Arc<Host>, taken: &Taken) -> Result<Next, Error> {
    if taken.wants_login() {
        let code = host.log_in(taken.clone())?;
        host.between_commands();
        if code != 0 {
            return Ok(Next::End(code));
        }
        if host.interrupt.struck() {
            return Ok(Next::End(INTERRUPTED));
        }
    }
    Ok(Next::GoOn)
}

/// Runs the lines of a script.
///
/// # Errors
///
/// Scripts load each other endlessly; a script cannot be read.
pub fn run(host: &Arc<Host>, source: &mut Source<'_>, rules: Rules) -> Result<Next, Error> {
    let depth = DEPTH.fetch_add(1, Ordering::SeqCst);
    let outcome = if depth < DEEPEST {
        all_lines(host, source, rules)
    } else {
        Err(error::fatal(
            1,
            format!("more than {DEEPEST} scripts load each other"),
        ))
    };
    DEPTH.fetch_sub(1, Ordering::SeqCst);
    outcome
}

fn all_lines(host: &Arc<Host>, source: &mut Source<'_>, rules: Rules) -> Result<Next, Error> {
    loop {
        let line = match source.next() {
            Ok(Some(line)) => line,
            Ok(None) => return Ok(Next::GoOn),
            Err(error) if error.kind() == Kind::Cancelled => return Ok(Next::End(INTERRUPTED)),
            Err(error) => return Err(error),
        };
        if line.is_idle() {
            continue;
        }
        let outcome = perform(host, line.words());
        #[cfg(unix)]
        if let Some(code) = host.interrupt.asked_to_end() {
            return Ok(Next::End(code));
        }
        let next = match outcome {
            Outcome::Exited | Outcome::Unheard => Next::End(0),
            Outcome::Left if rules.quit_ends => Next::End(0),
            // Also after a command that succeeded: a login stores its session to the end, say.
            _ if host.interrupt.struck() => Next::End(INTERRUPTED),
            Outcome::Code(0) | Outcome::Left => continue,
            Outcome::Code(_) if rules.keep_going => {
                ignore(host, &line, rules);
                continue;
            }
            Outcome::Code(code) => {
                stop(host, &line, code, rules);
                Next::End(code)
            }
        };
        return Ok(next);
    }
}

/// How a command line ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With this code.
    Code(i32),
    /// It asked to leave the shell, or a script that is not a file.
    Left,
    /// It asked to leave the shell or any script.
    Exited,
    /// Nobody reads the output any more.
    Unheard,
}

/// Runs one command of a script or of the shell and shows what went wrong.
pub fn perform(host: &Arc<Host>, words: Result<Vec<String>, Error>) -> Outcome {
    host.script_begins();
    // Plugins may have been installed, removed or disabled since the last line, here or elsewhere.
    host.plugins.look_again();
    let run = || match words.and_then(|words| Ok((words::perform(host, &words)?, words))) {
        Ok((Some(Word::Done), _)) => Ok(Outcome::Code(0)),
        Ok((Some(Word::Leave), _)) => Ok(Outcome::Left),
        Ok((Some(Word::Exit), _)) => Ok(Outcome::Exited),
        Ok((None, words)) => {
            let words = words.into_iter().map(OsString::from).collect();
            host.run(words).map(Outcome::Code)
        }
        Err(error) => Err(error.into()),
    };
    let outcome = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(failed)) => failure(host, &failed.speaker, &failed.error),
        Err(_) => Outcome::Code(PANIC),
    };
    // What a command printed is there before the next one begins, and before its sessions are left.
    let flushed = host.streams.flush();
    host.between_commands();
    match flushed {
        Err(error) if outcome == Outcome::Code(0) => failure(host, &Speaker::default(), &error),
        _ => outcome,
    }
}

fn failure(host: &Host, speaker: &Speaker, error: &Error) -> Outcome {
    if error.kind() == Kind::OutputClosed {
        return Outcome::Unheard;
    }
    let struck = host.interrupt.struck();
    Outcome::Code(exit::report(&host.streams, speaker, error, struck))
}

/// Says what OMERO.py says of a line that failed and is passed over.
fn ignore(host: &Host, line: &Line, rules: Rules) {
    if rules.say_where {
        say(host, &format!("omero: note: {} failed", line.place));
    }
    let text = secrets::masked(host, &line.text);
    let text = text.map_or_else(|| line.text.clone(), |masked| masked + "\n");
    say(host, &format!("Ignoring error: {text}"));
}

fn stop(host: &Host, line: &Line, code: i32, rules: Rules) {
    if rules.say_where {
        let status = exit::status(code);
        say(
            host,
            &format!(
                "omero: note: stopped at {}, which ended with exit status {status}",
                line.place
            ),
        );
    }
}

fn say(host: &Host, text: &str) {
    // Nothing is left to report to when standard error itself is gone.
    let _ = host
        .streams
        .write(Stream::ERROR, format!("{text}\n").as_bytes());
}
