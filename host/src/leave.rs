//! Ending a process whose plugins do not stop.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use omero_plugin_abi::Stream;

use crate::{end::end_process, streams::Streams};

/// How long plugins may take to stop, all together. Stopping takes a millisecond; a server that does
/// not answer any more must not keep a script waiting.
const LONGEST: Duration = Duration::from_secs(5);

/// Watches the end of the process. The watch lasts until the process has ended: destructors of
/// libraries may hang as well.
pub struct Leaving {
    /// What is being waited for.
    at: Arc<Mutex<String>>,
}

impl Leaving {
    /// Ends the process with this status if it has not ended by itself in time.
    pub fn begin(streams: &Arc<Streams>, status: i32) -> Self {
        let at = Arc::<Mutex<String>>::default();
        let (streams, watched) = (Arc::clone(streams), Arc::clone(&at));
        let watch = move || {
            thread::sleep(LONGEST);
            let at = watched.lock().unwrap_or_else(PoisonError::into_inner);
            let seconds = LONGEST.as_secs();
            let line = format!("omero: warning: {at} has not stopped within {seconds} seconds\n");
            // Ignore write errors: a lost warning must not change the exit code.
            let _ = streams.write(Stream::ERROR, line.as_bytes());
            end_process(status);
        };
        // Without the thread a plugin that stops properly stops all the same.
        let _ = thread::Builder::new().name("leave".to_owned()).spawn(watch);
        Self { at }
    }

    /// Says what is stopped next.
    pub fn is_at(&self, what: &str) {
        what.clone_into(&mut self.at.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
