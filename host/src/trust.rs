//! Whether a plugin's file may be loaded: it runs with the user's sessions in its hands, so nobody
//! but the user, root and the owners that the configuration trusts may be able to replace it.

mod owners;

use std::path::{Path, PathBuf};

pub use owners::Owners;

/// Why a file is not trusted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Somebody else owns it.
    #[error("{} belongs to another user (uid {owner})", path.display())]
    Owner {
        /// The file or directory.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
    },
    /// Others may write to it.
    #[error("{} can be changed by {who}", path.display())]
    Writable {
        /// The file or directory.
        path: PathBuf,
        /// Who may write.
        who: &'static str,
        /// The permission to take away, as `chmod` names it.
        mode: &'static str,
    },
    /// Its owner and mode cannot be read.
    #[error("{} cannot be examined: {reason}", path.display())]
    Unknown {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
}

impl Distrust {
    /// The file or directory that is not trusted.
    pub fn path(&self) -> &Path {
        match self {
            Self::Owner { path, .. } | Self::Writable { path, .. } | Self::Unknown { path, .. } => {
                path
            }
        }
    }

    /// The command that mends it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Owner { path, .. } => {
                format!(
                    "check what it is, then run: chown {} {}; or add the owner to `trusted-owners` in the configuration",
                    current_user(),
                    quoted(path)
                )
            }
            Self::Writable { path, mode, .. } => format!("run: chmod {mode} {}", quoted(path)),
            Self::Unknown { path, .. } => format!("check the permissions of {}", quoted(path)),
        }
    }
}

/// Checks a plugin's file and directory, and both again behind symbolic links.
///
/// # Errors
///
/// The first reason not to load it.
pub fn check(file: &Path, owners: &Owners) -> Result<(), Distrust> {
    let target = file.canonicalize().map_err(|error| unknown(file, &error))?;
    let directory_of = |path: &Path| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut paths = vec![directory_of(file), directory_of(&target), target];
    paths.dedup();
    paths
        .iter()
        .try_for_each(|path| platform::check_one(path, owners))
}

fn unknown(path: &Path, error: &std::io::Error) -> Distrust {
    Distrust::Unknown {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// A path as a shell word.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@".contains(c);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(unix)]
fn current_user() -> String {
    rustix::process::geteuid().as_raw().to_string()
}

#[cfg(not(unix))]
fn current_user() -> String {
    String::new()
}

#[cfg(not(unix))]
mod platform {
    //! Elsewhere the directories' access lists protect the user's files.
    use super::{Distrust, Owners, Path};

    pub fn check_one(_path: &Path, _owners: &Owners) -> Result<(), Distrust> {
        Ok(())
    }
}

#[cfg(unix)]
mod platform {
    use std::os::unix::fs::MetadataExt;

    use super::{Distrust, Owners, Path, unknown};

    const WRITABLE_BY_GROUP: u32 = 0o020;
    const WRITABLE_BY_ALL: u32 = 0o002;

    pub fn check_one(path: &Path, owners: &Owners) -> Result<(), Distrust> {
        let metadata = path.metadata().map_err(|error| unknown(path, &error))?;
        let user = rustix::process::geteuid().as_raw();
        let entry = Entry {
            owner: metadata.uid(),
            group: metadata.gid(),
            mode: metadata.mode(),
        };
        let trusted = |owner| owner == user || owner == 0 || owners.contains(owner);
        judge(path, entry, trusted, |group| is_private(group, user))
    }

    /// What the file system says about a file or directory.
    #[derive(Clone, Copy)]
    pub struct Entry {
        pub owner: u32,
        pub group: u32,
        pub mode: u32,
    }

    pub fn judge(
        path: &Path,
        entry: Entry,
        trusted: impl FnOnce(u32) -> bool,
        private: impl FnOnce(u32) -> bool,
    ) -> Result<(), Distrust> {
        if !trusted(entry.owner) {
            return Err(Distrust::Owner {
                path: path.to_owned(),
                owner: entry.owner,
            });
        }
        let writable = |who, mode| Distrust::Writable {
            path: path.to_owned(),
            who,
            mode,
        };
        if entry.mode & WRITABLE_BY_ALL != 0 {
            return Err(writable("every user of this machine", "o-w"));
        }
        if entry.mode & WRITABLE_BY_GROUP != 0 && !private(entry.group) {
            return Err(writable("the members of its group", "g-w"));
        }
        Ok(())
    }

    /// Whether a group has no member but this user or root. Groups that are not in the local files
    /// count as shared: better a question too many.
    fn is_private(group: u32, user: u32) -> bool {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let (users, groups) = (read("/etc/passwd"), read("/etc/group"));
        [user, 0]
            .iter()
            .any(|user| is_private_in(&users, &groups, group, *user))
    }

    /// A user's private group has the user's name, is the primary group of nobody else, and lists
    /// nobody else.
    pub fn is_private_in(users: &str, groups: &str, group: u32, user: u32) -> bool {
        let group = group.to_string();
        let user = user.to_string();
        let field = |line: &'_ str, n: usize| line.split(':').nth(n).unwrap_or("").to_owned();
        let Some(name) = users
            .lines()
            .find(|l| field(l, 2) == user)
            .map(|l| field(l, 0))
        else {
            return false;
        };
        let Some(entry) = groups.lines().find(|l| field(l, 2) == group) else {
            return false;
        };
        let nobody_else = users
            .lines()
            .all(|l| field(l, 3) != group || field(l, 2) == user);
        let members = field(entry, 3);
        let listed = members.split(',').filter(|m| !m.is_empty());
        field(entry, 0) == name && nobody_else && listed.into_iter().all(|m| m == name)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
