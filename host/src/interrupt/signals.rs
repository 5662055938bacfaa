//! The thread that receives the signals.

use std::{
    io::{self, Read, Write},
    os::{fd::BorrowedFd, unix::net::UnixStream},
    sync::Arc,
    thread,
    time::Duration,
};

use omero_plugin_abi::Stream;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
    iterator::{Handle, Signals},
    low_level,
};

use super::{Interrupt, Reaction};
use crate::{error, streams::Streams};

/// How long a hidden prompt may take to end by itself before the terminal is restored for it.
const GRACE: Duration = Duration::from_millis(300);

/// The handler of the process and the pipe that ends visible prompts.
pub struct Installed {
    handle: Handle,
    prompt: UnixStream,
    bell: UnixStream,
}

impl Interrupt {
    /// Begins to listen for Ctrl-C; called before the first plugin runs.
    ///
    /// # Errors
    ///
    /// The operating system refuses the handler, the pipe or the thread.
    pub fn listen(self: &Arc<Self>, streams: &Arc<Streams>) -> io::Result<()> {
        if self.signals.get().is_some() {
            return Ok(());
        }
        let mut signals = Signals::new([SIGINT])?;
        let (prompt, bell) = UnixStream::pair()?;
        prompt.set_nonblocking(true)?;
        let mut thread_bell = bell.try_clone()?;
        let installed = Installed {
            handle: signals.handle(),
            prompt,
            bell,
        };
        if self.signals.set(installed).is_err() {
            return Ok(());
        }
        let (interrupt, streams) = (Arc::clone(self), Arc::clone(streams));
        let work = move || {
            for signal in signals.forever() {
                if signal == SIGINT {
                    interrupt.react(&streams, &mut thread_bell);
                } else {
                    interrupt.restore_terminal();
                    streams.flush_at_exit();
                    let _ = low_level::emulate_default_handler(signal);
                }
            }
        };
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(work)
            .map(|_| ())
    }

    /// Also catches the signals that would end the process with the terminal's echo off.
    pub fn guard_terminal(&self) {
        if let Some(installed) = self.signals.get() {
            for signal in [SIGTERM, SIGHUP, SIGQUIT] {
                // Without the guard the prompt works all the same.
                let _ = installed.handle.add_signal(signal);
            }
        }
    }

    /// What becomes readable when Ctrl-C is pressed at a visible prompt.
    pub fn prompt_bell(&self) -> Option<BorrowedFd<'_>> {
        let installed = self.signals.get()?;
        Some(std::os::fd::AsFd::as_fd(&installed.prompt))
    }

    /// Forgets what rang for an earlier prompt.
    pub(super) fn silence_bell(&self) {
        if let Some(installed) = self.signals.get() {
            let _ = (&installed.prompt).read(&mut [0; 64]);
        }
    }

    fn react(&self, streams: &Streams, bell: &mut UnixStream) {
        match self.strike() {
            Reaction::Nothing | Reaction::Told => {}
            Reaction::EndPrompt => {
                let _ = bell.write_all(b"!");
            }
            Reaction::AwaitHiddenPrompt => self.end_hidden_prompt(streams),
            Reaction::End => end(streams, error::INTERRUPTED),
        }
    }

    /// A hidden prompt reads Ctrl-C as a key and ends. A signal from elsewhere (`kill -INT`) it
    /// does not notice, so the process has to end for it.
    fn end_hidden_prompt(&self, streams: &Streams) {
        let (state, timeout) = self
            .prompt_ended
            .wait_timeout_while(self.lock(), GRACE, |state| state.prompt.is_some())
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(state);
        if timeout.timed_out() {
            self.restore_terminal();
            let _ = streams.write(Stream::ERROR, b"Cancelled\n");
            end(streams, 1);
        }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        let _ = self.bell.shutdown(std::net::Shutdown::Both);
    }
}

/// Ends the process at once: threads of plugins may be anywhere, so no destructor runs.
fn end(streams: &Streams, code: i32) {
    streams.flush_at_exit();
    low_level::exit(code);
}
