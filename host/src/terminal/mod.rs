//! Asking the user: lines and secrets.

#[cfg(unix)]
mod lines;
#[cfg(not(unix))]
#[path = "lines_elsewhere.rs"]
mod lines;

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use omero_plugin_abi::{Secret, Stream};
use omero_plugin_api::Error;

pub use lines::restorer;

use crate::{interrupt::Interrupt, life::Life, streams::Streams};

/// A terminal that something else reads, line by line, for commands: the shell. It has what was typed
/// ahead, so questions have to be asked through it.
pub trait Console: Send {
    /// Shows a prompt and reads a line; `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// Ctrl-C; the terminal cannot be read.
    fn line(&mut self, prompt: &str) -> Result<Option<String>, Error>;

    /// Shows a prompt and reads a line without showing it; `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// Ctrl-C; the terminal cannot be read.
    fn secret(&mut self, prompt: &str) -> Result<Option<String>, Error>;
}

type Shared = Arc<Mutex<dyn Console>>;

/// Where answers come from: standard input and the terminal, or the shell while it runs a command.
#[derive(Default)]
pub struct Input {
    lines: lines::Input,
    console: Mutex<Option<Shared>>,
    /// The rest of a line that the console read for [`read`].
    rest: Mutex<VecDeque<u8>>,
}

impl Input {
    /// Asks through this console until the result is dropped.
    pub fn attach(&self, console: Shared) -> Attached<'_> {
        *self.console() = Some(console);
        Attached(self)
    }

    fn console(&self) -> MutexGuard<'_, Option<Shared>> {
        self.console.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks through the attached console, if there is one.
    fn ask<T>(&self, question: impl FnOnce(&mut dyn Console) -> T) -> Option<T> {
        let console = self.console().clone()?;
        let mut console = console.lock().unwrap_or_else(PoisonError::into_inner);
        Some(question(&mut *console))
    }
}

/// See [`Input::attach`].
pub struct Attached<'a>(&'a Input);

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        *self.0.console() = None;
    }
}

/// Shows a prompt on standard error and reads one line of standard input, without its end; `None`
/// at the end of the input. While the shell runs a command both are its terminal.
///
/// # Errors
///
/// Ctrl-C; the command has ended; input that is no text, or cannot be read.
pub fn read_line(
    input: &Input,
    streams: &Streams,
    interrupt: &Interrupt,
    life: &Life,
    prompt: &str,
) -> Result<Option<String>, Error> {
    life.check()?;
    if let Some(line) = ask_console(input, streams, interrupt, life, |c| c.line(prompt)) {
        return line;
    }
    let mut turn = input.lines.turn();
    interrupt.prompt_begins(life, None);
    let shown = streams.write_for(life, Stream::ERROR, prompt.as_bytes());
    let line = shown.and_then(|()| turn.line(interrupt, life));
    interrupt.prompt_ends(false);
    drop(turn);
    // The cursor still stands behind the prompt.
    let open = !matches!(line, Ok(Some(_))) && !prompt.is_empty();
    if open && streams.is_terminal(Stream::INPUT) && streams.is_terminal(Stream::ERROR) {
        streams.write_for(life, Stream::ERROR, b"\n")?;
    }
    line
}

/// Reads up to this many bytes of standard input; none at the end. While the shell runs a command
/// they are lines of its terminal.
///
/// # Errors
///
/// Ctrl-C; the command has ended; input that cannot be read.
pub fn read(
    input: &Input,
    streams: &Streams,
    interrupt: &Interrupt,
    life: &Life,
    longest: usize,
) -> Result<Vec<u8>, Error> {
    life.check()?;
    let mut rest = input.rest.lock().unwrap_or_else(PoisonError::into_inner);
    if rest.is_empty()
        && let Some(line) = ask_console(input, streams, interrupt, life, |c| c.line(""))
    {
        match line? {
            Some(line) => rest.extend(line.bytes().chain([b'\n'])),
            None => return Ok(Vec::new()),
        }
    }
    if !rest.is_empty() {
        let length = longest.min(rest.len());
        return Ok(rest.drain(..length).collect());
    }
    drop(rest);
    let mut turn = input.lines.turn();
    interrupt.prompt_begins(life, None);
    let bytes = turn.bytes(interrupt, life, longest);
    interrupt.prompt_ends(false);
    bytes
}

/// Asks through the shell's console, if it runs a command. Ctrl-C is a key there, not a signal.
fn ask_console<T>(
    input: &Input,
    streams: &Streams,
    interrupt: &Interrupt,
    life: &Life,
    question: impl FnOnce(&mut dyn Console) -> Result<T, Error>,
) -> Option<Result<T, Error>> {
    input.ask(|console| {
        streams.flush()?;
        streams.erase_progress();
        #[cfg(unix)]
        interrupt.catch_end();
        interrupt.prompt_begins(life, Some(lines::restorer()));
        let answer = question(console);
        interrupt.prompt_ends(false);
        life.check()?;
        answer
    })
}

/// Shows a prompt on the controlling terminal and reads one line without echo; `None` at the end of
/// the input.
///
/// # Errors
///
/// Ctrl-C; the command has ended; no terminal.
pub fn read_secret(
    input: &Input,
    streams: &Streams,
    interrupt: &Interrupt,
    life: &Life,
    prompt: &str,
) -> Result<Option<Secret>, Error> {
    life.check()?;
    if interrupt.struck() {
        return Err(Error::cancelled());
    }
    if let Some(secret) = ask_console(input, streams, interrupt, life, |c| c.secret(prompt)) {
        return Ok(secret?.map(Secret::new));
    }
    streams.flush()?;
    streams.erase_progress();
    #[cfg(unix)]
    interrupt.catch_end();
    interrupt.prompt_begins(life, Some(lines::restorer()));
    let read = rpassword::prompt_password(prompt);
    let raised = matches!(&read, Err(e) if e.kind() == io::ErrorKind::Interrupted);
    interrupt.prompt_ends(raised);
    life.check()?;
    match read {
        Ok(text) => Ok(Some(Secret::new(text))),
        Err(error) => match error.kind() {
            io::ErrorKind::Interrupted => Err(Error::cancelled()),
            io::ErrorKind::UnexpectedEof => {
                lines::end_prompt();
                Ok(None)
            }
            _ => Err(Error::new(1, format!("no terminal to ask on: {error}")).labelled()),
        },
    }
}
