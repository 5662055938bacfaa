//! Windows has no modes: a profile's directories are their owner's alone by inherited access lists.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use crate::store::error::{StoreError, Warning};

/// Only writing tells whether that is allowed.
pub(in crate::store) fn writable(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// Opens for reading.
pub(in crate::store) fn open_read(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Makes a file that must not exist yet.
pub(in crate::store) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Makes a directory; one that is there already is left as it is.
pub(in crate::store) fn create_dir(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other,
    }
}

/// Nothing to do without modes.
pub(in crate::store) fn tighten_dir(_path: &Path) {}

/// Makes a directory below the store's.
pub(in crate::store) fn private_dir(path: &Path) -> Result<(), StoreError> {
    create_dir(path).map_err(|error| StoreError::io("make the directory", path, error))
}

/// Checks that the store's directory is one.
pub(in crate::store) fn check_root(path: &Path) -> Result<Option<Warning>, StoreError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(None),
        Ok(_) => Err(StoreError::no_access(
            path,
            &io::ErrorKind::NotADirectory.into(),
        )),
        Err(error) => Err(StoreError::no_access(path, &error)),
    }
}

/// Nothing to do: a child store is removed when its program ends.
pub(in crate::store) fn inherit(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Whether the path is a directory.
pub(in crate::store) fn is_private_dir(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Checks that the path is a directory, and no link to one. False if there is nothing.
pub(in crate::store) fn check_own_dir(path: &Path) -> Result<bool, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(true),
        Ok(_) => Err(StoreError::io(
            "use the directory",
            path,
            io::ErrorKind::NotADirectory.into(),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::io("look at", path, error)),
    }
}

/// Whether the path is a directory.
pub(in crate::store) fn is_safe_base(path: &Path) -> bool {
    path.is_dir()
}
