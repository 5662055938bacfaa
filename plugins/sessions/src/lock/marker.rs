//! The lock of file systems that have none: a file that only one process can create.
//!
//! It holds a token of its holder, who removes it. A holder that was killed leaves it behind, so a
//! process that has seen the same token for [`ABANDONED`] takes the lock over. Time is measured by
//! the waiting process alone: clocks of other machines do not matter. This is weaker than a lock of
//! the system: a holder that was stopped for that long may write at the same time as its successor.
//! Files are still replaced as a whole, so no reader ever sees half of one.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use uuid::Uuid;

/// How long a holder may keep the lock: what is done under it takes milliseconds.
pub const ABANDONED: Duration = Duration::from_secs(8);

/// A lock file of this process; dropping it removes it.
#[derive(Debug)]
pub struct Marker {
    path: PathBuf,
    token: String,
}

impl Marker {
    /// Makes the lock file beside `lock`. `None`: others held the lock until the deadline.
    pub fn take(lock: &Path, deadline: Instant, abandoned: Duration) -> io::Result<Option<Self>> {
        let mut name = lock.as_os_str().to_owned();
        name.push(".held");
        let path = PathBuf::from(name);
        let token = Uuid::new_v4().to_string();
        let mut seen: Option<(Vec<u8>, Instant)> = None;
        loop {
            match create(&path, &token) {
                Ok(()) => return Ok(Some(Self { path, token })),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            match (content(&path)?, &seen) {
                (None, _) => continue,
                (Some(holder), Some((known, since))) if holder == *known => {
                    if since.elapsed() >= abandoned {
                        remove_abandoned(&path, known)?;
                        seen = None;
                        continue;
                    }
                }
                (Some(holder), _) => seen = Some((holder, Instant::now())),
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            thread::sleep(super::LONGEST_PAUSE);
        }
    }
}

impl Drop for Marker {
    fn drop(&mut self) {
        // After a takeover it is the file of another process.
        if let Ok(Some(content)) = content(&self.path)
            && content == self.token.as_bytes()
        {
            // One that stays is taken over.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn create(path: &Path, token: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(token.as_bytes()).inspect_err(|_| {
        // The error that is told is the first one.
        let _ = fs::remove_file(path);
    })
}

/// The token in a lock file; `None` if there is no file.
fn content(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let read = || {
        if !fs::symlink_metadata(path)?.is_file() {
            let text = format!("{} is not a file", path.display());
            return Err(io::Error::other(text));
        }
        let mut bytes = Vec::new();
        fs::File::open(path)?.take(64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes the lock file of `holder`. It is moved aside first: between looking and removing, another
/// process may have taken the lock over, and its file must come back.
fn remove_abandoned(path: &Path, holder: &[u8]) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}", Uuid::new_v4()));
    let aside = PathBuf::from(aside);
    match fs::rename(path, &aside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        moved => moved?,
    }
    if content(&aside)?.as_deref() != Some(holder) {
        // Fails if a third process was quicker; then two write, as after any takeover.
        let _ = fs::hard_link(&aside, path);
    }
    fs::remove_file(&aside)
}
