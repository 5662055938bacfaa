//! File systems from which nothing may be run.

use std::path::{Path, PathBuf};

/// The mount point of a file's file system, if that is mounted with `noexec`.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn mount_point(path: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::{StatVfsMountFlags, statvfs};
    let path = path.canonicalize().ok()?;
    let flags = statvfs(&path).ok()?.f_flag;
    flags.contains(StatVfsMountFlags::NOEXEC).then_some(())?;
    let device = |path: &Path| path.metadata().map(|metadata| metadata.dev()).ok();
    let own = device(&path)?;
    let inside = path
        .ancestors()
        .take_while(|path| device(path) == Some(own));
    inside.last().map(Path::to_owned)
}

/// `None`: only the `statvfs` of Linux tells how a file system is mounted.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn mount_point(_path: &Path) -> Option<PathBuf> {
    None
}
