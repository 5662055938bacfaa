//! Telling the user that a library takes long to load.
//!
//! A plugin that blocks while it is loaded cannot be stopped from here: half of it is there, and
//! only the end of the process takes it away. But the user can be told whose fault it is.

use std::{
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use omero_plugin_abi::Stream;

use crate::{life, streams::Streams};

/// Loading takes a millisecond; from a slow network file system, seconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Does the work of loading a library, and says so if it takes long. `-q` does not hide that: a
/// silence without end would say less.
pub fn watching<T>(streams: &Arc<Streams>, path: &Path, work: impl FnOnce() -> T) -> T {
    watching_for(PATIENCE, streams, path, work)
}

fn watching_for<T>(
    patience: Duration,
    streams: &Arc<Streams>,
    path: &Path,
    work: impl FnOnce() -> T,
) -> T {
    let progress = Arc::new(Progress::default());
    let (watched, streams, path) = (Arc::clone(&progress), Arc::clone(streams), path.to_owned());
    let watch = move || {
        let path = path.display();
        let line =
            format!("omero: warning: the plugin {path} is still loading; Ctrl-C ends omero\n");
        // A thread that begins while the dynamic linker works waits for it, in the C library's
        // register of thread-local destructors. So everything that needs one comes before this.
        // `Streams::write` asks a thread-local variable for the command; this thread works for none.
        let _ = life::check_thread();
        watched.reach(Stage::Watched);
        if !watched.wait_for(Stage::Done, patience) {
            // Nobody can be told that nobody can be told.
            let _ = streams.write(Stream::ERROR, line.as_bytes());
        }
    };
    let thread = thread::Builder::new().name("patience".to_owned());
    // Without the thread loading works all the same.
    if thread.spawn(watch).is_ok() {
        progress.wait_for(Stage::Watched, Duration::MAX);
    }
    let result = work();
    progress.reach(Stage::Done);
    result
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Begun,
    Watched,
    Done,
}

/// How far the two threads are.
#[derive(Default)]
struct Progress {
    stage: Mutex<Stage>,
    reached: Condvar,
}

impl Progress {
    fn reach(&self, stage: Stage) {
        *self.lock() = stage;
        self.reached.notify_all();
    }

    /// Waits until the stage is reached; tells whether it was in time.
    fn wait_for(&self, stage: Stage, patience: Duration) -> bool {
        let (_stage, waited) = self
            .reached
            .wait_timeout_while(self.lock(), patience, |now| *now < stage)
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::tests::Shared;
    use std::io;

    #[test]
    fn only_slow_loading_is_mentioned() {
        let said = Shared::default();
        let streams = Arc::new(Streams::to(Box::new(io::sink()), Box::new(said.clone())));
        let path = Path::new("/p.so");
        let long = Duration::from_secs(3600);
        assert_eq!(watching_for(long, &streams, path, || 7), 7);
        assert!(said.0.lock().unwrap().is_empty());
        watching_for(Duration::ZERO, &streams, path, || {
            while said.0.lock().unwrap().is_empty() {
                thread::yield_now();
            }
        });
        assert_eq!(
            String::from_utf8_lossy(&said.0.lock().unwrap()),
            "omero: warning: the plugin /p.so is still loading; Ctrl-C ends omero\n"
        );
    }
}
