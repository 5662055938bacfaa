//! The three standard streams, of which the host is the only owner.
//!
//! Every plugin library has its own copy of Rust's output buffers, so bytes from several of them
//! would come out of order and the last ones not at all. All output comes through here.

#[cfg(unix)]
use std::os::fd::AsFd;
use std::{
    io::{self, IsTerminal, Write},
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
    time::{Duration, Instant},
};

use omero_plugin_abi::Stream;
use omero_plugin_api::{Error, Kind};

use crate::{
    end::end_process,
    error,
    life::{self, Life},
};

/// How many bytes wait at most before they are handed to the operating system.
const CAPACITY: usize = 32 * 1024;

/// The lowest number of our own for a stream: out of reach of those that count on small numbers.
#[cfg(unix)]
const LOWEST_OWN: i32 = 10;

/// How often a command may write after its reader is gone, and for how long. A command that goes on
/// ignores the errors; other programs are ended by `SIGPIPE` at the first of them.
const MOST_REFUSED: u32 = 1000;
const LONGEST_REFUSED: Duration = Duration::from_secs(5);

/// The exit status of a process that `SIGPIPE` ended: 128 and the number of the signal.
const BROKEN_PIPE: i32 = 128 + 13;

/// The standard streams.
pub struct Streams {
    output: Mutex<Pending>,
    /// Whether each of input, output and error is a terminal; asked once.
    terminals: [bool; 3],
}

struct Pending {
    bytes: Vec<u8>,
    sink: Box<dyn Write + Send>,
    error_sink: Box<dyn Write + Send>,
    /// Whether a progress line stands on the terminal and has to go before other text.
    progress_shown: bool,
    refused: Refused,
}

/// Which of the streams have no reader any more, and how often they were written to since.
#[derive(Default)]
struct Refused {
    output: bool,
    error: bool,
    count: u32,
    since: Option<Instant>,
}

impl Streams {
    /// The streams of this process.
    pub fn of_process() -> Self {
        Self {
            output: Mutex::new(Pending {
                bytes: Vec::new(),
                sink: own(io::stdout()),
                error_sink: own(io::stderr()),
                progress_shown: false,
                refused: Refused::default(),
            }),
            terminals: [
                io::stdin().is_terminal(),
                io::stdout().is_terminal(),
                io::stderr().is_terminal(),
            ],
        }
    }

    /// Streams that lead nowhere, for tests.
    #[cfg(test)]
    pub fn discarding() -> Self {
        Self::to(Box::new(io::sink()), Box::new(io::sink()))
    }

    /// Streams that lead to these sinks, for tests.
    #[cfg(test)]
    pub fn to(sink: Box<dyn Write + Send>, error_sink: Box<dyn Write + Send>) -> Self {
        Self {
            output: Mutex::new(Pending {
                bytes: Vec::new(),
                sink,
                error_sink,
                progress_shown: false,
                refused: Refused::default(),
            }),
            terminals: [false; 3],
        }
    }

    /// Whether the reader of standard output has gone. Only this ends a command quietly.
    pub fn output_closed(&self) -> bool {
        self.lock().refused.output
    }

    /// Whether a stream is a terminal.
    pub fn is_terminal(&self, stream: Stream) -> bool {
        if stream != Stream::INPUT && life::captured().is_some() {
            return false;
        }
        self.leads_to_terminal(stream)
    }

    /// The columns of the terminal that shows a stream; `None` where it is no terminal.
    pub fn width(&self, stream: Stream) -> Option<u16> {
        if !self.is_terminal(stream) {
            return None;
        }
        #[cfg(unix)]
        {
            let size = match stream {
                Stream::INPUT => rustix::termios::tcgetwinsize(io::stdin()),
                Stream::OUTPUT => rustix::termios::tcgetwinsize(io::stdout()),
                _ => rustix::termios::tcgetwinsize(io::stderr()),
            };
            size.ok()
                .map(|size| size.ws_col)
                .filter(|columns| *columns > 0)
        }
        #[cfg(not(unix))]
        None
    }

    fn leads_to_terminal(&self, stream: Stream) -> bool {
        usize::try_from(stream.0)
            .ok()
            .and_then(|i| self.terminals.get(i))
            .copied()
            .unwrap_or(false)
    }

    /// Writes to output (buffered) or error (at once, after what output holds back).
    pub fn write(&self, stream: Stream, bytes: &[u8]) -> Result<(), Error> {
        let pending = self.lock();
        life::check_thread()?;
        if let Some(capture) = life::captured() {
            return capture.write(stream, bytes);
        }
        self.write_locked(pending, stream, bytes)
    }

    /// As [`Streams::write`], for a command.
    ///
    /// # Errors
    ///
    /// The command has ended; as [`Streams::write`].
    pub fn write_for(&self, life: &Life, stream: Stream, bytes: &[u8]) -> Result<(), Error> {
        let pending = self.lock();
        life.check()?;
        if let Some(capture) = life.captured() {
            return capture.write(stream, bytes);
        }
        self.write_locked(pending, stream, bytes)
    }

    /// Ends a command's life: what it writes from now on is refused.
    pub fn end(&self, life: &Life) {
        // With the lock no write of the command is under way.
        let mut pending = self.lock();
        life.end();
        pending.erase_progress();
    }

    fn write_locked(
        &self,
        mut pending: MutexGuard<'_, Pending>,
        stream: Stream,
        bytes: &[u8],
    ) -> Result<(), Error> {
        match stream {
            Stream::OUTPUT if pending.refused.output => {
                pending.refuse();
                Err(closed())
            }
            Stream::ERROR if pending.refused.error => {
                pending.refuse();
                let broken = io::ErrorKind::BrokenPipe.into();
                Err(failure(&broken, "standard error"))
            }
            Stream::OUTPUT => {
                if self.leads_to_terminal(Stream::OUTPUT) {
                    pending.erase_progress();
                }
                pending.bytes.extend_from_slice(bytes);
                // On a terminal people wait for each line; elsewhere whole blocks are cheaper.
                let line_ended = self.leads_to_terminal(Stream::OUTPUT) && bytes.contains(&b'\n');
                if line_ended || pending.bytes.len() >= CAPACITY {
                    pending.flush()?;
                }
                Ok(())
            }
            Stream::ERROR => {
                pending.erase_progress();
                // A closed output is reported to those who write to it, not here.
                let _ = pending.flush();
                let written = pending.error_sink.write_all(bytes);
                written.map_err(|e| {
                    pending.refused.error |= e.kind() == io::ErrorKind::BrokenPipe;
                    failure(&e, "standard error")
                })
            }
            _ => Err(error::not_writable()),
        }
    }

    /// Hands buffered output to the operating system.
    ///
    /// # Errors
    ///
    /// It cannot be written, or the reader of the output is gone.
    pub fn flush(&self) -> Result<(), Error> {
        let mut pending = self.lock();
        life::check_thread()?;
        pending.flush()
    }

    /// As [`Streams::flush`], for a command.
    ///
    /// # Errors
    ///
    /// The command has ended; as [`Streams::flush`].
    pub fn flush_for(&self, life: &Life) -> Result<(), Error> {
        let mut pending = self.lock();
        life.check()?;
        if pending.refused.output {
            pending.refuse();
        }
        pending.flush()
    }

    /// As [`Streams::flush`] where a lock may be held by a thread that will never run again: while
    /// the process ends.
    pub fn flush_at_exit(&self) {
        let mut pending = match self.output.try_lock() {
            Ok(pending) => pending,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        pending.erase_progress();
        let _ = pending.flush();
    }

    /// Draws the progress line of a command on standard error, unless the command has ended.
    pub fn draw_progress(&self, life: &Life, line: &str) {
        let mut pending = self.lock();
        if life.has_ended() {
            return;
        }
        let _ = pending.flush();
        let _ = pending
            .error_sink
            .write_all(format!("\r\x1b[K{line}").as_bytes());
        pending.progress_shown = true;
    }

    /// Takes the progress line from the screen.
    pub fn erase_progress(&self) {
        self.lock().erase_progress();
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream under a number of our own. A plugin that closed standard output would make room for
/// the next file that anybody opens, one of the session store for instance, and what we write
/// would end up there.
#[cfg(unix)]
fn own(stream: impl Write + AsFd + Send + 'static) -> Box<dyn Write + Send> {
    match rustix::io::fcntl_dupfd_cloexec(&stream, LOWEST_OWN) {
        Ok(own) => Box::new(std::fs::File::from(own)),
        // Out of file descriptors: then as everybody does it.
        Err(_) => Box::new(stream),
    }
}

#[cfg(not(unix))]
fn own(stream: impl Write + Send + 'static) -> Box<dyn Write + Send> {
    Box::new(stream)
}

impl Pending {
    fn flush(&mut self) -> Result<(), Error> {
        if self.refused.output {
            return Err(closed());
        }
        if self.bytes.is_empty() {
            return Ok(());
        }
        // What could not be written is dropped: writing it again would fail again.
        let bytes = std::mem::take(&mut self.bytes);
        let written = self.sink.write_all(&bytes).and_then(|()| self.sink.flush());
        written.map_err(|e| match e.kind() {
            io::ErrorKind::BrokenPipe => {
                self.refused.output = true;
                closed()
            }
            _ => failure(&e, "standard output"),
        })
    }

    /// Refuses a write to a stream without a reader. The process ends when a command goes on and
    /// on writing: it ignores the errors, and nothing else would end it.
    fn refuse(&mut self) {
        let since = *self.refused.since.get_or_insert_with(Instant::now);
        self.refused.count += 1;
        if self.refused.count > MOST_REFUSED || since.elapsed() > LONGEST_REFUSED {
            end_process(BROKEN_PIPE);
        }
    }

    fn erase_progress(&mut self) {
        if std::mem::take(&mut self.progress_shown) {
            let _ = self.error_sink.write_all(b"\r\x1b[K");
        }
    }
}

fn closed() -> Error {
    Error::of_kind(Kind::OutputClosed, 0, "")
}

fn failure(error: &io::Error, stream: &str) -> Error {
    Error::new(1, format!("cannot write to {stream}: {error}")).labelled()
}

#[cfg(test)]
pub mod tests;
