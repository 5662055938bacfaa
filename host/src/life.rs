//! How long the context of a command is valid.
//!
//! A plugin may leave a thread behind that still holds the command's context. When the command has
//! ended, the context's calls fail, so that nothing appears in the output of the next command.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use omero_plugin_api::{Error, Kind};

use crate::capture::Capture;

thread_local! {
    /// The command for which this thread runs another one.
    static CURRENT: RefCell<Option<Life>> = const { RefCell::new(None) };
}

/// The time from the start of a command to its end. Clones are about the same command.
#[derive(Debug, Clone)]
pub struct Life(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ended: AtomicBool,
    /// The command that runs this one.
    parent: Option<Life>,
    /// Where the output of this command goes instead of the streams.
    capture: Option<Capture>,
    #[cfg(unix)]
    stop: std::sync::OnceLock<Option<Stop>>,
}

/// A pair of sockets: the second one is shut down when the command ends, which makes the first one
/// readable for good.
#[cfg(unix)]
#[derive(Debug)]
struct Stop {
    bell: std::os::unix::net::UnixStream,
    end: std::os::unix::net::UnixStream,
}

impl Default for Life {
    /// The life of a command that begins now, inside the one that this thread works for.
    fn default() -> Self {
        Self::new(CURRENT.with_borrow(Clone::clone), None)
    }
}

impl Life {
    /// A life that does not end with that of the command that this thread works for.
    pub fn apart() -> Self {
        Self::new(None, captured())
    }

    /// The life of a command that begins now, whose output is captured.
    pub fn captured_by(capture: Capture) -> Self {
        Self::new(CURRENT.with_borrow(Clone::clone), Some(capture))
    }

    fn new(parent: Option<Self>, capture: Option<Capture>) -> Self {
        Self(Arc::new(Inner {
            ended: AtomicBool::new(false),
            parent,
            capture,
            #[cfg(unix)]
            stop: std::sync::OnceLock::new(),
        }))
    }

    /// How many commands run this one, each inside the one before.
    pub fn depth(&self) -> usize {
        self.0
            .parent
            .as_ref()
            .map_or(0, |parent| parent.depth() + 1)
    }

    /// Where the output of this command goes, if it is captured.
    pub fn captured(&self) -> Option<Capture> {
        let own = self.0.capture.clone().filter(Capture::is_open);
        own.or_else(|| self.0.parent.as_ref()?.captured())
    }

    /// Whether this command, or one that runs it, has ended.
    pub fn has_ended(&self) -> bool {
        let parent = || self.0.parent.as_ref().is_some_and(Self::has_ended);
        self.0.ended.load(Ordering::SeqCst) || parent()
    }

    /// Fails when the command has ended.
    ///
    /// # Errors
    ///
    /// The command has ended.
    pub fn check(&self) -> Result<(), Error> {
        if self.has_ended() {
            return Err(Error::of_kind(
                Kind::Ended,
                1,
                "the command that this context belongs to has ended",
            )
            .labelled());
        }
        Ok(())
    }

    /// Ends it. [`crate::streams::Streams::end`] does this, while nothing is being written.
    pub fn end(&self) {
        self.0.ended.store(true, Ordering::SeqCst);
        #[cfg(unix)]
        if let Some(Some(stop)) = self.0.stop.get() {
            // A socket that cannot be shut down was closed by a plugin; then nothing waits on it.
            let _ = stop.end.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Does some work of this command on this thread. Commands that the work runs end with this
    /// command at the latest.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        let _restore = Restore(CURRENT.replace(Some(self.clone())));
        work()
    }

    /// What becomes readable when this command, or one that runs it, ends. Without file descriptors
    /// there is nothing.
    #[cfg(unix)]
    pub fn bells(&self) -> Vec<std::os::fd::BorrowedFd<'_>> {
        let of_parent = self.0.parent.iter().flat_map(Self::bells);
        self.bell().into_iter().chain(of_parent).collect()
    }

    #[cfg(unix)]
    fn bell(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        let pair = || {
            let (bell, end) = std::os::unix::net::UnixStream::pair().ok()?;
            Some(Stop { bell, end })
        };
        let stop = self.0.stop.get_or_init(pair).as_ref()?;
        if self.has_ended() {
            // It ended before there was something to ring.
            self.end();
        }
        Some(std::os::fd::AsFd::as_fd(&stop.bell))
    }
}

/// Fails when the command that this thread works for has ended.
///
/// # Errors
///
/// The command has ended.
pub fn check_thread() -> Result<(), Error> {
    CURRENT.with_borrow(|current| current.as_ref().map_or(Ok(()), Life::check))
}

/// Where the output of the command that this thread works for goes, if it is captured.
pub fn captured() -> Option<Capture> {
    CURRENT.with_borrow(|current| current.as_ref()?.captured())
}

struct Restore(Option<Life>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_end_with_the_one_that_runs_them() {
        let outer = Life::default();
        let (inner, during) = outer.during(|| (Life::default(), check_thread().is_ok()));
        let other = Life::default();
        assert!(during && !inner.has_ended());
        outer.end();
        assert!(outer.has_ended() && inner.has_ended() && !other.has_ended());
        assert_eq!(inner.check().unwrap_err().kind(), Kind::Ended);
        assert!(check_thread().is_ok());
        assert!(outer.during(check_thread).is_err());
    }
}
