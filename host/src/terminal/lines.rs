//! Lines of standard input, read so that Ctrl-C can end the wait.

use std::{
    io,
    os::fd::AsFd,
    sync::{Mutex, MutexGuard, PoisonError},
};

use omero_plugin_api::Error;
use rustix::{
    event::{PollFd, PollFlags, poll},
    termios::{OptionalActions, tcgetattr, tcsetattr},
};

use crate::{
    interrupt::{Interrupt, Restore},
    life::Life,
    text_file,
};

/// No line of input is longer; a pipe without line ends must not fill the memory.
const LONGEST: usize = 1 << 20;

/// Standard input and what was read ahead of it.
#[derive(Debug, Default)]
pub struct Input {
    ahead: Mutex<Vec<u8>>,
}

/// The right to read standard input; other readers wait until it is dropped.
pub struct Turn<'a>(MutexGuard<'a, Vec<u8>>);

impl Input {
    /// Waits until no other thread reads.
    pub fn turn(&self) -> Turn<'_> {
        Turn(self.ahead.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Turn<'_> {
    /// The next line without its end.
    ///
    /// # Errors
    ///
    /// Ctrl-C; the command has ended; what comes is no text, or cannot be read.
    pub fn line(&mut self, interrupt: &Interrupt, life: &Life) -> Result<Option<String>, Error> {
        let ahead = &mut *self.0;
        loop {
            if let Some(end) = ahead.iter().position(|byte| *byte == b'\n') {
                let rest = ahead.split_off(end + 1);
                let line = std::mem::replace(ahead, rest);
                return text(&line[..end]).map(Some);
            }
            if ahead.len() > LONGEST {
                return Err(unusable("a line is too long"));
            }
            match more(ahead, interrupt, life)? {
                0 if ahead.is_empty() => return Ok(None),
                0 => return text(&std::mem::take(ahead)).map(Some),
                _ => {}
            }
        }
    }

    /// Up to this many bytes, waiting until there is one; none at the end of the input.
    ///
    /// # Errors
    ///
    /// Ctrl-C; the command has ended; the input cannot be read.
    pub fn bytes(
        &mut self,
        interrupt: &Interrupt,
        life: &Life,
        longest: usize,
    ) -> Result<Vec<u8>, Error> {
        let ahead = &mut *self.0;
        if ahead.is_empty() {
            more(ahead, interrupt, life)?;
        }
        let rest = ahead.split_off(longest.min(ahead.len()));
        Ok(std::mem::replace(ahead, rest))
    }
}

/// Waits for more input and appends it; returns its length, 0 at the end of the input.
fn more(ahead: &mut Vec<u8>, interrupt: &Interrupt, life: &Life) -> Result<usize, Error> {
    loop {
        if interrupt.struck() || !wait_for_input(interrupt, life)? {
            life.check()?;
            return Err(Error::cancelled());
        }
        let mut chunk = [0; 16 * 1024];
        match rustix::io::read(io::stdin().as_fd(), &mut chunk) {
            Ok(length) => {
                ahead.extend_from_slice(&chunk[..length]);
                return Ok(length);
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => return Err(unusable(&error.to_string())),
        }
    }
}

/// Waits until there is input; `false` after Ctrl-C and at the end of the command.
fn wait_for_input(interrupt: &Interrupt, life: &Life) -> Result<bool, Error> {
    let stdin = io::stdin();
    let Some(bell) = interrupt.prompt_bell() else {
        return Ok(true); // nobody handles signals: reading is interrupted by their default
    };
    let mut readable = vec![stdin.as_fd(), bell];
    readable.extend(life.bells());
    loop {
        let mut waiting: Vec<PollFd<'_>> = readable
            .iter()
            .map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN))
            .collect();
        match poll(&mut waiting, None) {
            Ok(_) if waiting[1..].iter().any(|fd| !fd.revents().is_empty()) => return Ok(false),
            Ok(_) if !waiting[0].revents().is_empty() => return Ok(true),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(unusable(&error.to_string())),
        }
    }
}

fn text(line: &[u8]) -> Result<String, Error> {
    if text_file::is_utf_16(line) {
        return Err(unusable("it is UTF-16 text, not UTF-8"));
    }
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8(line.to_vec()).map_err(|_| unusable("it is not UTF-8 text"))
}

fn unusable(reason: &str) -> Error {
    Error::new(1, format!("cannot read standard input: {reason}")).labelled()
}

/// Moves the cursor away from a hidden prompt that got no answer.
pub fn end_prompt() {
    if let Ok(mut terminal) = std::fs::OpenOptions::new().write(true).open("/dev/tty") {
        // The prompt is over either way.
        let _ = io::Write::write_all(&mut terminal, b"\n");
    }
}

/// Remembers the state of the controlling terminal; the function puts it back.
pub fn restorer() -> Restore {
    let terminal = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .ok();
    let saved = terminal.and_then(|tty| tcgetattr(&tty).ok().map(|state| (tty, state)));
    Box::new(move || {
        if let Some((tty, state)) = &saved {
            let _ = tcsetattr(tty, OptionalActions::Now, state);
        }
    })
}
