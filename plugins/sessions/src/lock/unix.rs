//! Opening the lock file on Unix.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags, fchmod, open};
use rustix::process::geteuid;

const PRIVATE: u32 = 0o600;

/// Opens the lock file, for writing if `create`, else only if there is one. Anything but a plain
/// file is refused without waiting; so is a link, because opening it could make a file elsewhere.
pub fn open_lock(path: &Path, create: bool) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let access = match create {
        true => OFlags::RDWR | OFlags::CREATE,
        false => OFlags::RDONLY,
    };
    let file = File::from(open(path, flags | access, Mode::RUSR | Mode::WUSR)?);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let is_private = metadata.mode() & 0o7777 == PRIVATE;
    if create && !is_private && metadata.uid() == geteuid().as_raw() {
        // Neither an unusual umask nor an older mode may shut its owner out or let others in.
        let _ = fchmod(&file, Mode::RUSR | Mode::WUSR);
    }
    Ok(file)
}

/// Whether the path still leads to the open file.
pub(super) fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    let (open, there) = (file.metadata()?, fs::symlink_metadata(path));
    Ok(there.is_ok_and(|there| (there.dev(), there.ino()) == (open.dev(), open.ino())))
}
