//! Waiting for Enter, for a signal, or for another thread.

use std::{
    io::{self, Read, Write},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::Arc,
};

use omero_plugin_api::{Context, Error, Stream, context::CancelGuard};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::getpgrp,
    termios::tcgetpgrp,
};

const PROMPT: &str = "Press enter to cancel.";

/// How often a process in the background looks whether the terminal has become its own.
const BACKGROUND_CHECK: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// What ended the wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// A line of standard input, or Ctrl-D on a terminal.
    Enter,
    /// The other thread.
    Woken,
}

/// A wait that is being prepared or is under way.
pub struct Wait {
    terminal: bool,
    /// Becomes readable when there is something to look at.
    bell: UnixStream,
    ringer: Arc<UnixStream>,
    _cancel: CancelGuard,
}

impl Wait {
    /// Listens for Ctrl-C from now on. The other signals do what they do by default.
    ///
    /// # Errors
    ///
    /// The operating system refuses a pair of sockets.
    pub fn new(ctx: &Context) -> Result<Self, Error> {
        let refused = |error: io::Error| Error::new(1, format!("cannot wait for signals: {error}"));
        let terminal = ctx.is_terminal(Stream::Input);
        let (bell, ringer) = UnixStream::pair().map_err(refused)?;
        bell.set_nonblocking(true).map_err(refused)?;
        ringer.set_nonblocking(true).map_err(refused)?;
        let ringer = Arc::new(ringer);
        let cancel = ctx.on_cancel(wake(&ringer));
        Ok(Self {
            terminal,
            bell,
            ringer,
            _cancel: cancel,
        })
    }

    /// Ends the wait from another thread.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        wake(&self.ringer)
    }

    /// Waits. On a terminal the user is told that Enter ends it. Elsewhere a line on a pipe ends it,
    /// too, but not the end of the input: jobs and daemons have none.
    ///
    /// # Errors
    ///
    /// Ctrl-C; the operating system refuses to wait.
    pub fn wait(&mut self, ctx: &Context) -> Result<End, Error> {
        if self.terminal {
            write!(ctx.err(), "{PROMPT}")?;
        }
        let end = self.wait_silently(ctx);
        // The cursor is still behind the prompt.
        if self.terminal && !matches!(end, Ok((_, true))) && ctx.is_terminal(Stream::Error) {
            ctx.error_line("")?;
        }
        end.map(|(end, _)| end)
    }

    /// What ended the wait, and whether the terminal began a new line for it.
    fn wait_silently(&mut self, ctx: &Context) -> Result<(End, bool), Error> {
        let stdin = io::stdin();
        let mut has_input = true;
        loop {
            let mut waiting = vec![PollFd::new(&self.bell, PollFlags::IN)];
            // Reading the terminal in the background would stop the process.
            let foreground = !self.terminal || is_foreground();
            if has_input && foreground {
                waiting.push(PollFd::new(&stdin, PollFlags::IN));
            }
            let limit = (has_input && !foreground).then_some(&BACKGROUND_CHECK);
            match poll(&mut waiting, limit) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(Error::new(1, format!("cannot wait: {error}"))),
            }
            let rung = waiting.first().is_some_and(|fd| !fd.revents().is_empty());
            let input = waiting.get(1).is_some_and(|fd| !fd.revents().is_empty());
            drop(waiting);
            if rung {
                // Nothing more than its being readable counts.
                let _ = self.bell.read(&mut [0; 64]);
                return match () {
                    // 1, not 130: to the user this is a prompt, and OMERO.py's code is 1, too.
                    () if ctx.cancelled() && self.terminal => Err(Error::new(1, "Cancelled")),
                    () if ctx.cancelled() => Err(Error::cancelled()),
                    () => Ok((End::Woken, false)),
                };
            }
            if !input {
                continue;
            }
            let mut byte = [0];
            match rustix::io::read(stdin.as_fd(), &mut byte) {
                Ok(0) if self.terminal => return Ok((End::Enter, false)),
                Ok(1..) if byte == *b"\n" => return Ok((End::Enter, true)),
                Ok(1..) | Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                // The end of a pipe, a terminal that has gone, or an input that `nohup` has made
                // unreadable.
                Ok(_) | Err(_) => has_input = false,
            }
        }
    }
}

/// Makes the bell readable.
fn wake(ringer: &Arc<UnixStream>) -> impl Fn() + Send + Sync + use<> {
    let ringer = Arc::clone(ringer);
    move || {
        // If there is no room the bell is readable already.
        let _ = (&*ringer).write(b"!");
    }
}

/// Whether this process may read its terminal without being stopped.
fn is_foreground() -> bool {
    // An error means that the terminal is not the one that controls the process.
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}
