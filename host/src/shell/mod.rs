//! The interactive shell: `omero` alone on a terminal. Its commands run as those of a script do,
//! over one session, but a failing one does not end it.

mod completion;
mod console;
mod history;
mod keys;

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use omero_plugin_abi::Stream;
use omero_plugin_api::Error;
use rustyline::{Editor, error::ReadlineError, history::FileHistory};

use crate::{
    arguments::Taken,
    error,
    host::Host,
    script::{
        self, Next, Outcome,
        lines::{goes_on, is_idle, join},
    },
    terminal,
};
use completion::Completion;
use console::Console;
use history::History;

const PROMPT: &str = "omero> ";
/// For the next line of a command that ended in a backslash.
const PROMPT_OF_MORE: &str = "> ";
const GREETING: &str = concat!(
    "omero shell. Version ",
    env!("CARGO_PKG_VERSION"),
    "\nType \"help\" for more information, \"quit\" or Ctrl-D to exit\n"
);

type Lines = Editor<Completion, FileHistory>;

/// Runs the shell until the user leaves it, after logging in if login options were given.
///
/// # Errors
///
/// The terminal cannot be used; the login fails before it begins.
pub fn run(host: &Arc<Host>, taken: &Taken) -> Result<i32, Error> {
    #[cfg(unix)]
    host.interrupt
        .listen(&host.streams)
        .map_err(|e| error::fatal(1, format!("the handler of Ctrl-C cannot be installed: {e}")))?;
    if let Next::End(code) = script::log_in(host, taken)? {
        return Ok(code);
    }
    if !taken.quiet() {
        host.streams.write(Stream::OUTPUT, GREETING.as_bytes())?;
    }
    #[cfg(unix)]
    {
        // A signal that ends the process at the prompt must not leave the terminal without echo.
        host.interrupt.restore_with(terminal::restorer());
        host.interrupt.catch_end();
    }
    let mut console = Console::open(host)?;
    let history = History::open(console.editor(), |reason| host.warn(taken.quiet(), reason));
    let shared = console.answers_questions();
    let console = Arc::new(Mutex::new(console));
    loop {
        host.streams.flush()?;
        let read = command(&mut lock(&console));
        match read {
            Ok(text) => {
                text.lines()
                    .for_each(|line| history.add(host, lock(&console).editor(), line));
                let attached = shared.then(|| host.input.attach(console.clone()));
                let outcome = perform(host, &text);
                drop(attached);
                #[cfg(unix)]
                if let Some(code) = host.interrupt.asked_to_end() {
                    return Ok(code);
                }
                match outcome {
                    Outcome::Code(_) => {}
                    Outcome::Left | Outcome::Exited | Outcome::Unheard => return Ok(0),
                }
                if host.interrupt.struck() {
                    lock(&console).forget_typed_ahead()?;
                }
            }
            Err(ReadlineError::Interrupted) => {
                lock(&console).forget_typed_ahead()?;
                host.streams.write(Stream::OUTPUT, b"Use quit to exit\n")?;
            }
            Err(ReadlineError::Eof) => {
                host.streams.write(Stream::OUTPUT, b"\n")?;
                return Ok(0);
            }
            // A key of a terminal that is set to Latin-1, say.
            Err(ReadlineError::Io(reason)) if reason.kind() == ErrorKind::InvalidData => {
                lock(&console).forget_typed_ahead()?;
                let text = b"omero: error: the line is not UTF-8 text\n";
                host.streams.write(Stream::ERROR, text)?;
            }
            Err(reason) => return Err(unusable(&reason)),
        }
    }
}

/// Reads one command. As in a script, a line that ends in a backslash goes on in the next one.
fn command(console: &mut Console) -> Result<String, ReadlineError> {
    let mut text = console.line(PROMPT)? + "\n";
    while !is_idle(&text) && goes_on(&text) {
        let more = console
            .line(PROMPT_OF_MORE)
            .map_err(|reason| match reason {
                ReadlineError::Eof => ReadlineError::Interrupted,
                other => other,
            })?;
        join(&mut text, &(more + "\n"));
    }
    Ok(text)
}

fn perform(host: &Arc<Host>, text: &str) -> Outcome {
    if is_idle(text) {
        return Outcome::Code(0);
    }
    // The command that Ctrl-C stopped is over; this is another one.
    host.interrupt.rearm();
    let words = shlex::split(text).ok_or_else(|| error::usage("No closing quotation"));
    script::perform(host, words)
}

fn lock(console: &Mutex<Console>) -> MutexGuard<'_, Console> {
    console.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unusable(reason: &ReadlineError) -> Error {
    error::fatal(1, format!("the terminal cannot be used: {reason}"))
}
