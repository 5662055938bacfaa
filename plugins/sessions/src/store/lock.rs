//! The advisory lock that writers of the store take.
//!
//! It is `std`'s file lock: `flock` on Linux and other Unixes, `LockFileEx` on Windows. It belongs
//! to the open file, not to the process, so threads exclude each other too, and the system drops
//! it when its holder dies, however that happens. Linux turns `flock` on NFS and SMB into a byte
//! range lock at the server, so other machines are excluded as well (flock(2), "NFS details").
//! OMERO.py takes no lock: it must be expected to write at any moment.

use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::files;

/// Between two tries; at first shorter, since most holders need less than a millisecond.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A held lock; dropping it gives it back. The lock file stays: removing it would let two
/// processes lock two files of the same name.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

/// What came of asking for the lock.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is ours.
    Held(Lock),
    /// Somebody kept it all the time.
    Busy,
    /// The file system has no locks.
    Unsupported,
}

/// Takes the lock for writing, and makes its file if needed.
pub(super) fn exclusive(path: &Path, wait: Duration) -> io::Result<Outcome> {
    let deadline = Instant::now() + wait;
    loop {
        let file = files::open_lock(path, true)?;
        let outcome = poll(file, deadline, File::try_lock)?;
        match outcome {
            // Somebody removed the file (with the whole store, perhaps) before it was locked.
            Outcome::Held(lock) if !files::same_file(&lock.file, path)? => {}
            outcome => return Ok(outcome),
        }
    }
}

/// Waits for writers that are at work now, for `wait` at most. Makes nothing on the disk. Whatever
/// comes of it, reading may go on: half-updated pointers are possible anyhow, with OMERO.py about.
pub(super) fn shared(path: &Path, wait: Duration) -> Option<Lock> {
    let file = files::open_lock(path, false).ok()?;
    match poll(file, Instant::now() + wait, File::try_lock_shared) {
        Ok(Outcome::Held(lock)) => Some(lock),
        _ => None,
    }
}

fn poll(
    file: File,
    deadline: Instant,
    attempt: impl Fn(&File) -> Result<(), TryLockError>,
) -> io::Result<Outcome> {
    let mut pause = Duration::from_millis(1);
    loop {
        match attempt(&file) {
            Ok(()) => return Ok(Outcome::Held(Lock { file })),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Ok(Outcome::Busy);
            }
            Err(TryLockError::WouldBlock) => thread::sleep(pause),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) if is_unsupported(&error) => {
                return Ok(Outcome::Unsupported);
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
#[path = "tests/lock.rs"]
mod tests;
