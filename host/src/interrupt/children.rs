//! The children that run in the place of this program, and the signals that belong to them.

use std::{
    io,
    process::{Command, ExitStatus},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use signal_hook::consts::{SIGHUP, SIGTERM};

/// The running children.
#[derive(Default)]
pub struct Children {
    /// Only those that have not been reaped: their ids belong to no other process.
    running: Mutex<Vec<Pid>>,
    /// The signal that asked this process to end while a child was running; 0 for none.
    asked: AtomicI32,
}

impl Children {
    /// Runs a command to its end.
    ///
    /// # Errors
    ///
    /// It cannot be started or waited for.
    pub fn run(&self, mut command: Command) -> io::Result<ExitStatus> {
        // A signal that arrives while the child starts waits for its id.
        let mut running = self.lock();
        let mut child = command.spawn()?;
        let id = Pid::from_child(&child);
        running.push(id);
        drop(running);
        let ended = || {
            waitid(
                WaitId::Pid(id),
                WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
            )
        };
        while matches!(ended(), Err(rustix::io::Errno::INTR)) {}
        let mut running = self.lock();
        running.retain(|other| *other != id);
        child.wait()
    }

    /// Passes a signal on to the running children; `false` if there are none. `from_terminal` says
    /// that the terminal has sent it to them as well.
    pub fn pass_on(&self, signal: i32, from_terminal: bool) -> bool {
        let running = self.lock();
        if running.is_empty() {
            return false;
        }
        if matches!(signal, SIGTERM | SIGHUP) {
            self.asked.store(signal, Ordering::SeqCst);
        }
        if !from_terminal && let Some(signal) = Signal::from_named_raw(signal) {
            for child in running.iter() {
                // One that has changed its user may refuse signals; it gets no others either.
                let _ = kill_process(*child, signal);
            }
        }
        true
    }

    /// The signal that asked this process to end while a child was running.
    pub fn asked_to_end(&self) -> Option<i32> {
        Some(self.asked.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Pid>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
