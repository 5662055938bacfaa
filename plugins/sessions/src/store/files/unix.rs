//! Modes and owners.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Access, Mode, OFlags, access, open};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::process::geteuid;

use crate::store::error::{StoreError, Warning};

const FILE: u32 = 0o600;
const DIR: u32 = 0o700;
const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Whether the user may make files in the directory.
pub(in crate::store) fn writable(dir: &Path) -> io::Result<()> {
    Ok(access(dir, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Opens for reading, without waiting for the other end of a pipe.
pub(in crate::store) fn open_read(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match open(path, flags | OFlags::NOFOLLOW, Mode::empty()) {
        Ok(file) => {
            let file = File::from(file);
            tighten_file(&file);
            Ok(file)
        }
        // A link is followed, as OMERO.py does, but the mode of what it leads to is not ours.
        Err(Errno::LOOP) => Ok(open(path, flags, Mode::empty())?.into()),
        Err(error) => Err(error.into()),
    }
}

/// Makes a file that must not exist yet, for its owner alone from the first moment.
pub(in crate::store) fn create_new(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE)
        .open(path)?;
    loosen(&file, FILE)?;
    Ok(file)
}

/// Makes a directory for its owner alone; one that is there already is left as it is.
pub(in crate::store) fn create_dir(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(DIR).create(path) {
        Ok(()) => loosen(&File::open(path).or_else(|_| reopen(path))?, DIR),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Opens a new directory that a strange umask has closed to its own maker.
fn reopen(path: &Path) -> io::Result<File> {
    fs::set_permissions(path, Permissions::from_mode(DIR))?;
    File::open(path)
}

/// Gives back to the owner what an unusual umask took away.
fn loosen(file: &File, mode: u32) -> io::Result<()> {
    match file.metadata()?.mode() & mode == mode {
        true => Ok(()),
        false => file.set_permissions(Permissions::from_mode(mode)),
    }
}

/// Takes away what others may do with a file of ours. Failing is no reason to stop: the store's
/// own directory keeps others out already.
fn tighten_file(file: &File) {
    let Ok(metadata) = file.metadata() else {
        return;
    };
    if metadata.is_file() && is_ours(&metadata) && metadata.mode() & OTHERS != 0 {
        let _ = file.set_permissions(without_others(&metadata));
    }
}

/// As [`tighten_file`], for a directory. Links are left alone.
pub(in crate::store) fn tighten_dir(path: &Path) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(dir) = open(path, flags, Mode::empty()).map(File::from) else {
        return;
    };
    let Ok(metadata) = dir.metadata() else { return };
    if is_ours(&metadata) && metadata.mode() & OTHERS != 0 {
        let _ = dir.set_permissions(without_others(&metadata));
    }
}

/// Makes a directory below the store's, or checks that the one there is not somebody's trap.
pub(in crate::store) fn private_dir(path: &Path) -> Result<(), StoreError> {
    create_dir(path).map_err(|error| StoreError::io("make the directory", path, error))?;
    let metadata = fs::metadata(path).map_err(|error| StoreError::io("look at", path, error))?;
    refuse_foreign(path, &metadata)?;
    tighten_dir(path);
    Ok(())
}

/// Checks the store's directory and makes it private. Returns what the user should hear.
pub(in crate::store) fn check_root(path: &Path) -> Result<Option<Warning>, StoreError> {
    let metadata = fs::metadata(path).map_err(|error| StoreError::no_access(path, &error))?;
    if !metadata.is_dir() {
        return Err(StoreError::no_access(
            path,
            &io::ErrorKind::NotADirectory.into(),
        ));
    }
    refuse_foreign(path, &metadata)?;
    access(path, Access::READ_OK | Access::EXEC_OK)
        .map_err(|error| StoreError::no_access(path, &error.into()))?;
    if metadata.mode() & STICKY != 0 && metadata.mode() & OTHERS_WRITE != 0 {
        // /tmp and the like: closing it to others would break the machine.
        return Err(not_private(path, "it is shared by all users".to_owned()));
    }
    let mut warning = None;
    if metadata.mode() & OTHERS != 0 {
        warning = close_root(path, &metadata)?;
    }
    if metadata.uid() != geteuid().as_raw() && geteuid().is_root() {
        warning = warning.or_else(|| {
            Some(Warning::OtherOwner {
                dir: path.to_owned(),
                uid: metadata.uid(),
            })
        });
    }
    Ok(warning)
}

/// Closes the store's directory to others. Some file systems have no modes: there it is enough to
/// say so if the directory is ours.
fn close_root(path: &Path, before: &Metadata) -> Result<Option<Warning>, StoreError> {
    let _ = fs::set_permissions(path, without_others(before));
    let after = fs::metadata(path).map_err(|error| StoreError::no_access(path, &error))?;
    if after.mode() & OTHERS == 0 {
        return Ok(None);
    }
    if after.mode() & OTHERS_WRITE != 0 && !is_ours(&after) {
        return Err(not_private(path, "others may write to it".to_owned()));
    }
    Ok(Some(Warning::Chmod(path.to_owned())))
}

/// Refuses what belongs to somebody else. Root's things are accepted, since root can read all of
/// ours anyhow, and root itself may work in anybody's store.
fn refuse_foreign(path: &Path, metadata: &Metadata) -> Result<(), StoreError> {
    let (owner, we) = (metadata.uid(), geteuid());
    match owner == we.as_raw() || owner == 0 || we.is_root() {
        true => Ok(()),
        false => Err(not_private(
            path,
            format!("it belongs to another user (uid {owner})"),
        )),
    }
}

fn not_private(path: &Path, why: String) -> StoreError {
    StoreError::NotPrivate {
        path: path.to_owned(),
        why,
    }
}

fn is_ours(metadata: &Metadata) -> bool {
    metadata.uid() == geteuid().as_raw()
}

fn without_others(metadata: &Metadata) -> Permissions {
    Permissions::from_mode(metadata.mode() & 0o7777 & !OTHERS)
}

/// Lets children inherit the open file.
pub(in crate::store) fn inherit(file: &File) -> io::Result<()> {
    Ok(fcntl_setfd(file, FdFlags::empty())?)
}

/// Whether the path is a directory, and no link to one, that this user alone can enter.
pub(in crate::store) fn is_private_dir(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| {
        metadata.is_dir() && is_ours(&metadata) && metadata.mode() & OTHERS == 0
    })
}

/// Checks that the path is still a directory, and no link to one, that this user alone can change.
/// False if there is nothing. Changes nothing.
pub(in crate::store) fn check_own_dir(path: &Path) -> Result<bool, StoreError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(StoreError::io("look at", path, error)),
    };
    let why = if metadata.is_symlink() {
        "it was replaced by a symbolic link"
    } else if !metadata.is_dir() {
        "it is not a directory"
    } else if !is_ours(&metadata) {
        "it belongs to another user"
    } else if metadata.mode() & OTHERS_WRITE != 0 {
        "others may write to it"
    } else {
        return Ok(true);
    };
    Err(not_private(path, why.to_owned()))
}

/// Whether other users cannot replace what this user makes in the directory.
pub(in crate::store) fn is_safe_base(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| {
        let trusted = is_ours(&metadata) || metadata.uid() == 0;
        let closed = metadata.mode() & OTHERS_WRITE == 0 || metadata.mode() & STICKY != 0;
        metadata.is_dir() && trusted && closed
    })
}
