//! One writer at a time, across programs.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long another program may write.
const PATIENCE: Duration = Duration::from_secs(5);

/// Held until dropped, and given up by the system if its holder is killed.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a directory; the error is a reason for people.
    pub(super) fn take(directory: &Path) -> Result<Self, String> {
        let path = directory.join(".known_servers.lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| error.to_string())?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(format!("another program holds {}", path.display()));
                }
                // Some file systems have no locks; replacing the file as a whole still holds.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(Self { _file: file });
                }
                Err(TryLockError::Error(error)) => return Err(error.to_string()),
            }
        }
    }
}
