//! Waiting for Enter, for a signal, or for another thread.

use std::{
    io::{self, Read, Write},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use omero_plugin_api::{Context, Error, Stream, context::CancelGuard};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::getpgrp,
    termios::tcgetpgrp,
};
use signal_hook::{SigId, consts::SIGTERM, flag, low_level};

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
    /// SIGTERM or SIGINT, without a terminal.
    Signal,
    /// The other thread.
    Woken,
}

/// A wait that is being prepared or is under way.
pub struct Wait {
    terminal: bool,
    /// Becomes readable when there is something to look at.
    bell: UnixStream,
    ringer: Arc<UnixStream>,
    terminated: Option<Terminated>,
    _cancel: CancelGuard,
}

impl Wait {
    /// Listens for signals from now on. Without a terminal, where nobody can press Enter, SIGTERM
    /// ends the wait; on a terminal it ends the process as always.
    ///
    /// # Errors
    ///
    /// The operating system refuses a pair of sockets or the handler.
    pub fn new(ctx: &Context) -> Result<Self, Error> {
        let refused = |error: io::Error| Error::new(1, format!("cannot wait for signals: {error}"));
        let terminal = ctx.is_terminal(Stream::INPUT);
        let (bell, ringer) = UnixStream::pair().map_err(refused)?;
        bell.set_nonblocking(true).map_err(refused)?;
        ringer.set_nonblocking(true).map_err(refused)?;
        let terminated = match terminal {
            true => None,
            false => Some(Terminated::listen(&ringer).map_err(refused)?),
        };
        let ringer = Arc::new(ringer);
        let cancel = ctx.on_cancel(wake(&ringer));
        Ok(Self {
            terminal,
            bell,
            ringer,
            terminated,
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
    /// Ctrl-C on a terminal; the operating system refuses to wait.
    pub fn wait(&mut self, ctx: &Context) -> Result<End, Error> {
        if self.terminal {
            write!(ctx.err(), "{PROMPT}")?;
        }
        let end = self.wait_silently(ctx);
        // The cursor is still behind the prompt.
        if self.terminal && !matches!(end, Ok((_, true))) && ctx.is_terminal(Stream::ERROR) {
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
                    () if ctx.cancelled() || self.is_terminated() => Ok((End::Signal, false)),
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

    fn is_terminated(&self) -> bool {
        self.terminated.as_ref().is_some_and(Terminated::is_set)
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

/// SIGTERM as an event, until this is dropped.
struct Terminated {
    flag: Arc<AtomicBool>,
    actions: Vec<SigId>,
}

impl Terminated {
    fn listen(ringer: &UnixStream) -> io::Result<Self> {
        let mut listening = Self {
            flag: Arc::default(),
            actions: Vec::new(),
        };
        by_default()?.store(false, Ordering::SeqCst);
        let flag = flag::register(SIGTERM, Arc::clone(&listening.flag))?;
        listening.actions.push(flag);
        let bell = low_level::pipe::register(SIGTERM, ringer.try_clone()?)?;
        listening.actions.push(bell);
        Ok(listening)
    }

    fn is_set(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }
}

impl Drop for Terminated {
    fn drop(&mut self) {
        for action in self.actions.drain(..) {
            low_level::unregister(action);
        }
        if let Ok(by_default) = by_default() {
            by_default.store(true, Ordering::SeqCst);
        }
    }
}

/// Whether SIGTERM ends the process, as it does by default. `signal-hook` never gives a signal back
/// to the operating system, so an action of its own has to do that while nobody listens.
fn by_default() -> io::Result<Arc<AtomicBool>> {
    static BY_DEFAULT: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(flag) = BY_DEFAULT.get() {
        return Ok(Arc::clone(flag));
    }
    let flag = Arc::new(AtomicBool::new(false));
    flag::register_conditional_default(SIGTERM, Arc::clone(&flag))?;
    Ok(Arc::clone(BY_DEFAULT.get_or_init(|| flag)))
}
