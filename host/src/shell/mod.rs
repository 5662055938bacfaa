//! The interactive shell: `omero` alone on a terminal. Its commands run as those of a script do,
//! over one session, but a failing one does not end it.

mod completion;
mod history;

use std::sync::Arc;

use omero_plugin_abi::Stream;
use omero_plugin_api::Error;
use rustyline::{
    Behavior, CompletionType, Config, Editor, error::ReadlineError, history::FileHistory,
};

use crate::{
    arguments::Taken,
    error,
    host::Host,
    script::{self, Next, Outcome},
};
use completion::Completion;
use history::History;

const PROMPT: &str = "omero> ";
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
    let mut lines = lines(host)?;
    let history = History::open(&mut lines, |reason| host.warn(taken.quiet(), reason));
    loop {
        host.streams.flush()?;
        match lines.readline(PROMPT) {
            Ok(line) => {
                history.add(&mut lines, &line);
                match perform(host, &line) {
                    Outcome::Code(_) => {}
                    Outcome::Left | Outcome::Unheard => return Ok(0),
                }
            }
            Err(ReadlineError::Interrupted) => {
                host.streams.write(Stream::OUTPUT, b"Use quit to exit\n")?;
            }
            Err(ReadlineError::Eof) => {
                host.streams.write(Stream::OUTPUT, b"\n")?;
                return Ok(0);
            }
            Err(reason) => return Err(unusable(&reason)),
        }
    }
}

fn perform(host: &Arc<Host>, line: &str) -> Outcome {
    let text = line.trim_start();
    if text.is_empty() || text.starts_with('#') {
        return Outcome::Code(0);
    }
    // The command that Ctrl-C stopped is over; this is another one.
    host.interrupt.rearm();
    let words = shlex::split(text).ok_or_else(|| error::usage("No closing quotation"));
    script::perform(host, words)
}

fn lines(host: &Arc<Host>) -> Result<Lines, Error> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .max_history_size(history::LONGEST)
        .and_then(|config| config.history_ignore_dups(true))
        .map_err(|reason| unusable(&reason))?
        // Where standard output goes elsewhere, people still type on the terminal.
        .behavior(Behavior::PreferTerm)
        .build();
    let mut lines = Editor::with_config(config).map_err(|reason| unusable(&reason))?;
    lines.set_helper(Some(Completion::new(host)));
    Ok(lines)
}

fn unusable(reason: &ReadlineError) -> Error {
    error::fatal(1, format!("the terminal cannot be used: {reason}"))
}
