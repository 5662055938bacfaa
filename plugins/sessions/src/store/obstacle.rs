//! Which directory on a path keeps this process out, and who owns it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What stands in the way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Obstacle {
    path: PathBuf,
    problem: Problem,
    /// What the system said.
    error: String,
    /// The owner and the mode, where there are such.
    owner: Option<(u32, u32)>,
    /// Whether this user owns the directory that it is in, and so may have it back.
    in_own_directory: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    NotADirectory,
    DeadLink,
    Enter,
    Write,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.problem {
            Problem::NotADirectory => return write!(f, "{path} is not a directory"),
            Problem::DeadLink => {
                return write!(f, "{path} is a link to something that does not exist");
            }
            Problem::Enter => write!(f, "{path} cannot be entered: {}", self.error)?,
            Problem::Write => write!(f, "{path} cannot be written: {}", self.error)?,
        }
        match self.owner {
            Some((0, mode)) => write!(f, "; it belongs to root (mode {mode:04o})"),
            Some((owner, mode)) => write!(f, "; it belongs to uid {owner} (mode {mode:04o})"),
            None => Ok(()),
        }
    }
}

#[cfg(unix)]
mod unix {
    use super::{Obstacle, Path, PathBuf, Problem, io};

    use std::fs::{Metadata, metadata, symlink_metadata};
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::{Access, access};
    use rustix::process::{getegid, geteuid};

    impl Obstacle {
        /// The command that fixes it: opens a directory to its own owner, or gives back to the user
        /// what root made in a directory of theirs.
        pub fn remedy(&self) -> Option<String> {
            let (owner, mode) = self.owner?;
            let (user, path) = (geteuid(), quoted(&self.path));
            if owner == user.as_raw() && mode & 0o700 != 0o700 {
                return Some(format!("run: chmod u+rwx {path}"));
            }
            (owner == 0 && !user.is_root() && self.in_own_directory).then(|| {
                format!(
                    "a command that ran as root made it; take it back: sudo chown -R {}:{} {path}",
                    user.as_raw(),
                    getegid().as_raw(),
                )
            })
        }
    }

    /// The first directory on the way to `path`, itself included, that keeps this process from using
    /// it.
    pub fn find(path: &Path, source: &io::Error) -> Option<Obstacle> {
        let path = std::path::absolute(path).ok()?;
        let mut ancestors: Vec<&Path> = path.ancestors().collect();
        ancestors.reverse();
        let mut last: Option<(&Path, Metadata)> = None;
        for directory in ancestors {
            let metadata = match metadata(directory) {
                Ok(metadata) => metadata,
                Err(_) if symlink_metadata(directory).is_ok() => {
                    return Some(obstacle(directory, Problem::DeadLink, source, None));
                }
                Err(_) => break,
            };
            if !metadata.is_dir() {
                return Some(obstacle(directory, Problem::NotADirectory, source, None));
            }
            if let Err(error) = access(directory, Access::EXEC_OK) {
                return Some(obstacle(
                    directory,
                    Problem::Enter,
                    &error.into(),
                    Some(&metadata),
                ));
            }
            last = Some((directory, metadata));
        }
        let (directory, metadata) = last?;
        let error = access(directory, Access::WRITE_OK | Access::READ_OK).err()?;
        Some(obstacle(
            directory,
            Problem::Write,
            &error.into(),
            Some(&metadata),
        ))
    }

    fn obstacle(
        path: &Path,
        problem: Problem,
        error: &io::Error,
        metadata: Option<&Metadata>,
    ) -> Obstacle {
        let own = |path: &Path| {
            path.metadata()
                .is_ok_and(|metadata| metadata.uid() == geteuid().as_raw())
        };
        Obstacle {
            path: PathBuf::from(path),
            problem,
            error: error.to_string(),
            owner: metadata.map(|metadata| (metadata.uid(), metadata.mode() & 0o7777)),
            in_own_directory: path.parent().is_some_and(own),
        }
    }

    /// What helps when the system refuses a file of the store; empty if that is not known.
    pub fn hint(path: &Path, source: &io::Error) -> String {
        if source.kind() != io::ErrorKind::PermissionDenied {
            return String::new();
        }
        let own_file = || {
            // The file itself, in a directory that is not in the way.
            let metadata = symlink_metadata(path).ok()?;
            obstacle(path, Problem::Write, source, Some(&metadata)).remedy()
        };
        find(path, source)
            .and_then(|obstacle| obstacle.remedy())
            .or_else(own_file)
            .unwrap_or_default()
    }

    fn quoted(path: &Path) -> String {
        let text = path.display().to_string();
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
        match text.chars().all(plain) {
            true => text,
            false => format!("'{}'", text.replace('\'', "'\\''")),
        }
    }
}

#[cfg(unix)]
pub(super) use unix::{find, hint};

#[cfg(not(unix))]
mod elsewhere {
    use super::{Obstacle, Path, Problem, io};

    impl Obstacle {
        pub fn remedy(&self) -> Option<String> {
            None
        }
    }

    pub fn find(path: &Path, source: &io::Error) -> Option<Obstacle> {
        let file = path.ancestors().find(|path| path.is_file())?;
        Some(Obstacle {
            path: file.to_owned(),
            problem: Problem::NotADirectory,
            error: source.to_string(),
            owner: None,
            in_own_directory: false,
        })
    }

    pub fn hint(_path: &Path, _source: &io::Error) -> String {
        String::new()
    }
}

#[cfg(not(unix))]
pub(super) use elsewhere::{find, hint};
