//! The thread that receives the signals.

use std::{
    io::{self, Read, Write},
    os::{
        fd::BorrowedFd,
        unix::{net::UnixStream, process::ExitStatusExt},
    },
    process::{Command, ExitStatus},
    sync::Arc,
    thread,
    time::Duration,
};

use omero_plugin_abi::Stream;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
    iterator::{Handle, SignalsInfo, exfiltrator::WithOrigin},
    low_level::{
        self,
        siginfo::{Cause, Origin},
    },
};

use super::{Interrupt, Reaction};
use crate::{end::end_process, error, streams::Streams};

/// How long a hidden prompt may take to end by itself before the terminal is restored for it.
const GRACE: Duration = Duration::from_millis(300);

/// The handler of the process and the pipe that ends visible prompts.
pub struct Installed {
    handle: Handle,
    /// The signals that this process was started to ignore, as `nohup` does.
    ignored: u64,
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
        let ignored = ignored();
        let first = [SIGINT]
            .into_iter()
            .filter(|signal| !is_in(ignored, *signal));
        let mut signals = SignalsInfo::<WithOrigin>::new(first)?;
        let (prompt, bell) = UnixStream::pair()?;
        prompt.set_nonblocking(true)?;
        let mut thread_bell = bell.try_clone()?;
        let installed = Installed {
            handle: signals.handle(),
            ignored,
            prompt,
            bell,
        };
        if self.signals.set(installed).is_err() {
            return Ok(());
        }
        let (interrupt, streams) = (Arc::clone(self), Arc::clone(streams));
        let work = move || {
            for origin in signals.forever() {
                let signal = origin.signal;
                let passed_on = interrupt
                    .children
                    .pass_on(signal, is_from_terminal(&origin));
                if passed_on {
                    continue;
                }
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

    /// Also catches the signals that ask the process to end: at a hidden prompt the terminal has to
    /// be restored first, and a child has to end as well. Without either they do what they would do
    /// without a handler.
    pub fn catch_end(&self) {
        if let Some(installed) = self.signals.get() {
            for signal in [SIGTERM, SIGHUP, SIGQUIT] {
                // A child inherits what is ignored, but not what is handled.
                if !is_in(installed.ignored, signal) {
                    // Prompts and children work without it all the same.
                    let _ = installed.handle.add_signal(signal);
                }
            }
        }
    }

    /// Runs a child to its end. Signals that ask this process to end are passed on to it meanwhile;
    /// what the terminal sends reaches it directly.
    ///
    /// # Errors
    ///
    /// It cannot be started or waited for.
    pub fn run_child(self: &Arc<Self>, command: Command) -> io::Result<ExitStatus> {
        self.catch_end();
        let status = self.children.run(command)?;
        if status.signal() == Some(SIGINT) || self.asked_to_end().is_some() {
            // That is meant for the rest of a script or plugin, too. The process ends by itself.
            let _ = self.tell(self.lock());
        }
        Ok(status)
    }

    /// The exit code for a process that was asked to end while a child was running, when the child
    /// has ended: 128 and the number of the signal.
    pub fn asked_to_end(&self) -> Option<i32> {
        self.children.asked_to_end().map(|signal| 128 + signal)
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

fn end(streams: &Streams, code: i32) {
    streams.flush_at_exit();
    end_process(code);
}

/// Whether the terminal sent the signal: to this process and to its children alike. Some systems
/// do not say who sent a signal; people press the keys for these two.
fn is_from_terminal(origin: &Origin) -> bool {
    match origin.cause {
        Cause::Kernel => true,
        Cause::Sent(_) => false,
        _ => matches!(origin.signal, SIGINT | SIGQUIT),
    }
}

/// The signals that are ignored, a bit for each; none where the system does not say.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}

fn is_in(mask: u64, signal: i32) -> bool {
    mask >> (signal - 1) & 1 == 1
}
