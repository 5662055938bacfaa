//! Opening the lock file on Windows.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens the lock file; without `create` only if there is one.
pub fn open_lock(path: &Path, create: bool) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(create)
        .create(create)
        .truncate(false)
        .open(path)
}

/// Windows does not let an open file be replaced under its name.
pub(super) fn same_file(_file: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
}
