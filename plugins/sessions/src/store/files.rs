//! Reading, replacing and removing the store's files so that nobody else can read them and nobody
//! at all ever sees half of one.
//!
//! A file is written under a temporary name beside its target, flushed to the disk, and renamed.
//! After a crash there is the old content or the new one. The directory itself is not flushed: all
//! that a power cut can undo is the last login.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::paths;

#[cfg(unix)]
#[path = "files/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "files/windows.rs"]
mod platform;

pub(super) use platform::{
    check_own_dir, check_root, create_dir, inherit, is_private_dir, is_safe_base, private_dir,
    tighten_dir, writable,
};

/// How old a temporary file must be before it is surely left over from a process that was killed.
const STALE: Duration = Duration::from_secs(3600);

/// A file's bytes and the time of its last change.
pub(super) struct Contents {
    pub bytes: Vec<u8>,
    pub modified: SystemTime,
}

/// Reads a file of at most `limit` bytes; `None` if there is none. Anything but a plain file (or a
/// link to one) is an error and is not waited for. A file that others could read is made private.
pub(super) fn read(path: &Path, limit: u64) -> io::Result<Option<Contents>> {
    let file = match platform::open_read(path) {
        Ok(file) => file,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    (&file).take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is larger than {limit} bytes")));
    }
    let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Ok(Some(Contents { bytes, modified }))
}

/// A finished file that waits under its temporary name. Dropped uncommitted, it disappears.
pub(super) struct Staged {
    temporary: PathBuf,
    target: PathBuf,
    committed: bool,
}

impl Staged {
    /// Writes `bytes` beside `target` and flushes them to the disk.
    pub(super) fn write(target: &Path, bytes: &[u8]) -> io::Result<Self> {
        let temporary = paths::temporary(target);
        let mut file = platform::create_new(&temporary)?;
        let staged = Self {
            temporary,
            target: target.to_owned(),
            committed: false,
        };
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(staged)
    }

    /// Puts the file in the place of the old one, in one step.
    pub(super) fn commit(mut self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.target)?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing more can be done about it here; `remove_stale` tries again one day.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Removes a file, or a link but not what it points to. Tells whether there was one.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if is_missing(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes what killed processes left half-written in a directory. Failures do not matter.
pub(super) fn remove_stale(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let age = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .ok();
        let old = age
            .and_then(|time| time.elapsed().ok())
            .is_some_and(|age| age > STALE);
        if old && paths::is_temporary(&entry.file_name().to_string_lossy()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Removes a directory that was not changed for so long that no process can still be filling it.
/// Failures do not matter.
pub(super) fn remove_stale_dir(dir: &Path) {
    let modified = fs::symlink_metadata(dir).and_then(|metadata| metadata.modified());
    let age = modified.ok().and_then(|time| time.elapsed().ok());
    if age.is_some_and(|age| age > STALE) {
        let _ = fs::remove_dir_all(dir);
    }
}

/// Makes the directory and the parents that are missing, private ones. On failure tells which
/// directory the system refused.
pub(super) fn create_dirs(dir: &Path) -> Result<(), (PathBuf, io::Error)> {
    let missing: Vec<&Path> = dir
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
        .collect();
    for dir in missing.into_iter().rev() {
        create_dir(dir).map_err(|error| (dir.to_owned(), error))?;
    }
    Ok(())
}

/// Whether the error says that there is no such file; a file in the place of a parent directory
/// counts, because then there is none either.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
#[path = "tests/files.rs"]
mod tests;
