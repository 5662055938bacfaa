//! The home directory that root was given by another user. The host has the same rule in
//! `private_files.rs`: the two packages share only the API crate, which plugins of others build too.

use std::path::PathBuf;

/// The home directory and its owner, if this is root with the home directory of another user, as
/// after `sudo -E`. What root makes there, that user can no longer use.
#[cfg(unix)]
pub fn foreign() -> Option<(PathBuf, u32)> {
    use std::os::unix::fs::MetadataExt;

    use nix::unistd::{Uid, User};

    if !Uid::effective().is_root() {
        return None;
    }
    let home = dirs::home_dir()?;
    let owner = home.metadata().ok()?.uid();
    // In a container, root's own home may be a volume that belongs to another user.
    let is_own = || {
        let root = User::from_uid(Uid::from_raw(0)).ok().flatten();
        root.is_some_and(|root| root.dir == home)
    };
    (owner != 0 && !is_own()).then_some((home, owner))
}

/// Windows has no such user.
#[cfg(not(unix))]
pub fn foreign() -> Option<(PathBuf, u32)> {
    None
}
