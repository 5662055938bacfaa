//! The advisory lock that writers of the store and of the known servers take.
//!
//! It is `std`'s file lock: `flock` on Linux and other Unixes, `LockFileEx` on Windows. It belongs
//! to the open file, not to the process, so threads exclude each other too, and the system drops
//! it when its holder dies, however that happens. Linux turns `flock` on NFS and SMB into a byte
//! range lock at the server, so other machines are excluded as well (flock(2), "NFS details").
//! OMERO.py takes no lock: it must be expected to write at any moment.
//!
//! Some file systems have no such locks: NFS without a lock daemon (`ENOLCK`), some FUSE mounts
//! (`EINVAL`, `ENOSYS`, `EOPNOTSUPP`). There a second file beside the lock file, made with `O_EXCL`,
//! is the lock: see [`marker`].

mod marker;
#[cfg(unix)]
#[path = "lock/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "lock/windows.rs"]
mod platform;

use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use marker::Marker;
pub use platform::open_lock;
use platform::same_file;

/// Between two tries; at first shorter, since most holders need less than a millisecond.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A held lock; dropping it gives it back. The lock file stays: removing it would let two
/// processes lock two files of the same name.
#[derive(Debug)]
pub enum Lock {
    /// The system's lock on this file.
    File(#[allow(dead_code, reason = "held open until dropped")] File),
    /// A lock file, where the file system has no locks.
    Marker(#[allow(dead_code, reason = "removed when dropped")] Marker),
}

impl Lock {
    /// Whether the file system has no locks, so that a lock file stands in for one.
    pub fn is_marker(&self) -> bool {
        matches!(self, Self::Marker(_))
    }
}

/// What came of asking for the lock.
#[derive(Debug)]
pub enum Outcome {
    /// This process holds it.
    Held(Lock),
    /// Another holder kept it all the time.
    Busy,
}

/// What came of asking the system for a lock.
#[derive(Debug)]
enum Asked {
    Held(File),
    Busy,
    /// The file system has no locks.
    Unsupported,
}

/// Takes the lock for writing, and makes its file if needed.
///
/// # Errors
///
/// The lock file cannot be opened, or is not a plain file.
pub fn exclusive(path: &Path, wait: Duration) -> io::Result<Outcome> {
    let deadline = Instant::now() + wait;
    loop {
        let file = open_lock(path, true)?;
        match poll(file, deadline, File::try_lock)? {
            // The file (with the whole store, perhaps) was removed before it was locked.
            Asked::Held(file) if !same_file(&file, path)? => {}
            Asked::Held(file) => return Ok(Outcome::Held(Lock::File(file))),
            Asked::Busy => return Ok(Outcome::Busy),
            Asked::Unsupported => {
                let marker = Marker::take(path, deadline, marker::ABANDONED)?;
                return Ok(match marker {
                    Some(marker) => Outcome::Held(Lock::Marker(marker)),
                    None => Outcome::Busy,
                });
            }
        }
    }
}

/// Waits for writers that are at work now, for `wait` at most. Makes nothing on the disk. Whatever
/// comes of it, reading may go on: half-updated pointers are possible anyhow, with OMERO.py about.
pub fn shared(path: &Path, wait: Duration) -> Option<Lock> {
    let file = open_lock(path, false).ok()?;
    match poll(file, Instant::now() + wait, File::try_lock_shared) {
        Ok(Asked::Held(file)) => Some(Lock::File(file)),
        _ => None,
    }
}

fn poll(
    file: File,
    deadline: Instant,
    attempt: impl Fn(&File) -> Result<(), TryLockError>,
) -> io::Result<Asked> {
    let mut pause = Duration::from_millis(1);
    loop {
        match attempt(&file) {
            Ok(()) => return Ok(Asked::Held(file)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Ok(Asked::Busy);
            }
            Err(TryLockError::WouldBlock) => thread::sleep(pause),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) if is_unsupported(&error) => {
                return Ok(Asked::Unsupported);
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(unix)]
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    // NOLCK is what NFS without a lock daemon says.
    let unsupported = [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP, Errno::INVAL];
    error.kind() == io::ErrorKind::Unsupported
        || Errno::from_io_error(error).is_some_and(|errno| unsupported.contains(&errno))
}

#[cfg(windows)]
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

#[cfg(test)]
mod tests;
