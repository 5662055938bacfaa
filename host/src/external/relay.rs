//! Passing signals on to the child that runs in our place.
//!
//! The handlers are installed with the first child and stay; without a child they do what would
//! happen without them.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::{
    consts::{SIGHUP, SIGQUIT, SIGTERM},
    iterator::Signals,
    low_level,
};

use crate::streams::Streams;

/// The child's process id; 0 without one. Signals are the process's, so this is too.
static CHILD: AtomicU32 = AtomicU32::new(0);
static INSTALLED: Mutex<bool> = Mutex::new(false);

/// Installs the handlers.
///
/// # Errors
///
/// The operating system refuses the handler or the thread.
pub fn install(streams: &Arc<Streams>) -> io::Result<()> {
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if *installed {
        return Ok(());
    }
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGQUIT])?;
    let streams = Arc::clone(streams);
    let work = move || {
        for signal in signals.forever() {
            pass_on(signal, &streams);
        }
    };
    thread::Builder::new()
        .name("relay".to_owned())
        .spawn(work)?;
    *installed = true;
    Ok(())
}

fn pass_on(signal: i32, streams: &Streams) {
    let child = i32::try_from(CHILD.load(Ordering::SeqCst)).unwrap_or_default();
    // A child that has just ended cannot be told; it needs nothing any more.
    let _ = match (Pid::from_raw(child), signal) {
        (Some(child), SIGTERM) => kill_process(child, Signal::TERM),
        (Some(child), SIGHUP) => kill_process(child, Signal::HUP),
        // Ctrl-\ reaches the child from the terminal.
        (Some(_), _) => Ok(()),
        (None, _) => {
            streams.flush_at_exit();
            let _ = low_level::emulate_default_handler(signal);
            Ok(())
        }
    };
}

/// Passes signals on to this process until the result is dropped.
pub fn to(child: u32) -> PassingOn {
    PassingOn(CHILD.swap(child, Ordering::SeqCst))
}

/// See [`to`].
pub struct PassingOn(u32);

impl Drop for PassingOn {
    fn drop(&mut self) {
        CHILD.store(self.0, Ordering::SeqCst);
    }
}
