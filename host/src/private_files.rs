//! The user's own files: which of them cannot be reached, and files and directories that only the
//! user may see, made so from the first byte.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Whether the error of opening a file means that there is none: it does not exist, or a directory
/// on the way cannot be entered or is none, as below a home directory of another user. A file that
/// is there but may not be read is not absent, and neither is a link that leads nowhere: what such
/// a file says, such as which servers to trust, must not be passed over.
pub fn is_absent(path: &Path, error: &io::Error) -> bool {
    let is_unreachable = |error: &io::Error| {
        matches!(
            error.kind(),
            ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory
        )
    };
    is_unreachable(error) && fs::symlink_metadata(path).is_err_and(|error| is_unreachable(&error))
}

/// Why a path cannot be reached: the directory on the way that cannot be entered or is none, with
/// the reason. `None` if the path can be looked at, or does not exist.
pub fn unreachable(path: &Path) -> Option<String> {
    let error = fs::symlink_metadata(path).err()?;
    if !matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::NotADirectory
    ) {
        return None;
    }
    // The lowest directory that can be looked at is the one that cannot be entered.
    let mut above = path.ancestors().skip(1);
    let directory = above.find(|directory| fs::symlink_metadata(directory).is_ok());
    let directory = directory.unwrap_or(path).display();
    Some(match error.kind() {
        ErrorKind::NotADirectory => format!("{directory} is not a directory"),
        _ => format!("{directory} cannot be entered: {error}"),
    })
}

/// The home directory and its owner, if this is root with the home directory of another user, as
/// after `sudo -E`. What root makes there, that user can no longer use. The plugin `sessions` has the
/// same rule in `home.rs`.
#[cfg(unix)]
pub fn foreign_home() -> Option<(PathBuf, u32)> {
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
pub fn foreign_home() -> Option<(PathBuf, u32)> {
    None
}

/// Refuses to write below the home directory of another user as root.
///
/// # Errors
///
/// `path` is in such a home directory.
pub fn check_home(path: &Path) -> io::Result<()> {
    match foreign_home() {
        Some((home, owner)) if path.starts_with(&home) => Err(io::Error::other(format!(
            "this is root, but {} belongs to another user (uid {owner}), who could not use what \
             root makes there; use sudo -H",
            home.display()
        ))),
        _ => Ok(()),
    }
}

/// Writes a file under a temporary name beside it, private from the first byte, and renames it.
///
/// # Errors
///
/// The directory cannot be made or written.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    make_private(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Makes a directory that only the user may enter, with those above it; one that exists stays as it
/// is. For files that are written there: root is refused in the home directory of another user.
///
/// # Errors
///
/// It cannot be made, or must not be written.
pub fn make_private(directory: &Path) -> io::Result<()> {
    check_home(directory)?;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_through_a_file_is_absent_and_unreachable() {
        let root = tempfile::tempdir().unwrap();
        let (file, link) = (root.path().join("file"), root.path().join("link"));
        fs::write(&file, "").unwrap();
        let error = |path: &Path| fs::read(path).unwrap_err();
        let below = file.join("x/y");
        assert!(is_absent(&below, &error(&below)));
        assert_eq!(
            unreachable(&below).unwrap(),
            format!("{} is not a directory", file.display())
        );
        let missing = root.path().join("no/x");
        assert!(is_absent(&missing, &error(&missing)) && unreachable(&missing).is_none());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("nowhere", &link).unwrap();
            assert!(!is_absent(&link, &error(&link)), "a link is there");
        }
    }
}
