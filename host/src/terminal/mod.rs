//! Asking the user: lines and secrets.

#[cfg(unix)]
mod lines;
#[cfg(not(unix))]
#[path = "lines_elsewhere.rs"]
mod lines;

use std::io;

use omero_plugin_abi::{Secret, Stream};
use omero_plugin_api::Error;

pub use lines::Input;

use crate::{interrupt::Interrupt, streams::Streams};

/// Shows a prompt on standard error and reads one line of standard input, without its end; `None`
/// at the end of the input.
///
/// # Errors
///
/// Ctrl-C; input that is no text, or cannot be read.
pub fn read_line(
    input: &Input,
    streams: &Streams,
    interrupt: &Interrupt,
    prompt: &str,
) -> Result<Option<String>, Error> {
    interrupt.prompt_begins(None);
    let shown = streams.write(Stream::ERROR, prompt.as_bytes());
    let line = shown.and_then(|()| input.line(interrupt));
    interrupt.prompt_ends(false);
    // The cursor still stands behind the prompt.
    let open = !matches!(line, Ok(Some(_))) && !prompt.is_empty();
    if open && streams.is_terminal(Stream::INPUT) && streams.is_terminal(Stream::ERROR) {
        streams.write(Stream::ERROR, b"\n")?;
    }
    line
}

/// Shows a prompt on the controlling terminal and reads one line without echo; `None` at the end of
/// the input.
///
/// # Errors
///
/// Ctrl-C; no terminal.
pub fn read_secret(
    streams: &Streams,
    interrupt: &Interrupt,
    prompt: &str,
) -> Result<Option<Secret>, Error> {
    if interrupt.struck() {
        return Err(Error::cancelled());
    }
    streams.flush()?;
    streams.erase_progress();
    #[cfg(unix)]
    interrupt.guard_terminal();
    interrupt.prompt_begins(Some(lines::restorer()));
    let read = rpassword::prompt_password(prompt);
    let raised = matches!(&read, Err(e) if e.kind() == io::ErrorKind::Interrupted);
    interrupt.prompt_ends(raised);
    match read {
        Ok(text) => Ok(Some(Secret::new(text))),
        Err(error) => match error.kind() {
            io::ErrorKind::Interrupted => Err(Error::cancelled()),
            io::ErrorKind::UnexpectedEof => {
                lines::end_prompt();
                Ok(None)
            }
            _ => Err(Error::new(
                1,
                format!("omero: error: no terminal to ask on: {error}"),
            )),
        },
    }
}
