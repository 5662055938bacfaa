//! Whether a plugin's file may be loaded: it runs with the user's sessions in its hands, so only the
//! user, root and the owners that the configuration trusts may be able to replace it. Whoever can
//! write a directory on the way to the file can replace it too, so all of them are checked, as ssh
//! does for its keys.
//!
//! In the installation of the running program, the owner and the group that could replace the
//! program itself are trusted as well: see [`installation`].

pub mod configuration;
#[cfg(unix)]
mod installation;
mod owners;
#[cfg(unix)]
mod walk;

use std::path::{Path, PathBuf};

pub use owners::Owners;

/// Who may write besides the user and trusted owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writers {
    /// The members of the group.
    Group,
    /// Every user.
    All,
    /// Every user, as in a directory such as `/tmp` that is meant for all of them.
    Shared,
}

impl std::fmt::Display for Writers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Group => "the members of its group",
            Self::All | Self::Shared => "every user of this machine",
        })
    }
}

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
        who: Writers,
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
            Self::Owner { .. } => format!(
                "{}; or add the owner to `trusted-owners` in the configuration",
                self.remedy_without_owners()
            ),
            _ => self.remedy_without_owners(),
        }
    }

    /// The command that fixes it where `trusted-owners` does not count: the configuration cannot say
    /// itself whom to trust with it.
    pub fn remedy_without_owners(&self) -> String {
        match self {
            Self::Owner { path, .. } => format!(
                "check what it is, then run: chown {} {}",
                current_user(),
                quoted(path)
            ),
            Self::Writable { path, who } => match who {
                Writers::Group => format!("run: chmod g-w {}", quoted(path)),
                Writers::All => format!("run: chmod o-w {}", quoted(path)),
                Writers::Shared => format!(
                    "move the file out of {}, to a directory that only you can write",
                    quoted(path)
                ),
            },
            Self::Unknown { path, .. } => format!("check the permissions of {}", quoted(path)),
        }
    }
}

/// Checks a file that decides what runs (a plugin, a program, the configuration) and every directory
/// on the way to it, also behind symbolic links.
///
/// # Errors
///
/// The first reason not to use it, from the root directory on.
pub fn check(file: &Path, owners: &Owners) -> Result<(), Distrust> {
    platform::check(file, owners)
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
    use super::{Distrust, Owners, Path, unknown};

    pub fn check(file: &Path, _owners: &Owners) -> Result<(), Distrust> {
        let looked = file.metadata();
        looked.map(|_| ()).map_err(|error| unknown(file, &error))
    }
}

#[cfg(unix)]
mod platform {
    use std::{fs::Metadata, os::unix::fs::MetadataExt};

    use nix::unistd::{Gid, Group, Uid, User};

    use super::{
        Distrust, Owners, Path, Writers,
        installation::Installation,
        unknown,
        walk::{self, Kind},
    };

    const WRITABLE_BY_GROUP: u32 = 0o020;
    const WRITABLE_BY_ALL: u32 = 0o002;
    const STICKY: u32 = 0o1000;

    pub fn check(file: &Path, owners: &Owners) -> Result<(), Distrust> {
        let steps = walk::steps(file).map_err(|(path, error)| unknown(&path, &error))?;
        let installation = Installation::of_this_program();
        for step in &steps {
            // Many plugins are in one directory.
            if step.kind != Kind::File && owners.has_passed(&step.path, step.kind) {
                continue;
            }
            check_one(step, owners, installation)?;
            if step.kind != Kind::File {
                owners.pass(&step.path, step.kind);
            }
        }
        Ok(())
    }

    fn check_one(
        step: &walk::Step,
        owners: &Owners,
        installation: Option<&Installation>,
    ) -> Result<(), Distrust> {
        let user = Uid::effective();
        let installation = installation.filter(|installation| installation.covers(&step.path));
        let entry = Entry::of(&step.metadata, step.kind);
        let trusted = |owner| {
            owner == user.as_raw()
                || owner == 0
                || owners.contains(owner)
                || installation.is_some_and(|installation| installation.owner() == Some(owner))
        };
        let may_write = |group| {
            installation.is_some_and(|installation| installation.group() == Some(group))
                || is_private(group, user, owners)
        };
        judge(&step.path, entry, trusted, may_write)
    }

    /// What the file system says about a file, directory or link.
    #[derive(Clone, Copy)]
    pub struct Entry {
        pub owner: u32,
        pub group: u32,
        pub mode: u32,
        pub kind: Kind,
    }

    impl Entry {
        fn of(metadata: &Metadata, kind: Kind) -> Self {
            Self {
                owner: metadata.uid(),
                group: metadata.gid(),
                mode: metadata.mode(),
                kind,
            }
        }
    }

    pub fn judge(
        path: &Path,
        entry: Entry,
        trusted: impl FnOnce(u32) -> bool,
        may_write: impl FnOnce(u32) -> bool,
    ) -> Result<(), Distrust> {
        if !trusted(entry.owner) {
            return Err(Distrust::Owner {
                path: path.to_owned(),
                owner: entry.owner,
            });
        }
        // In a sticky directory such as /tmp only the owner of an entry can replace it, and the
        // owner is checked next. The mode of a link means nothing.
        let is_safe = match entry.kind {
            Kind::Link => true,
            Kind::Ancestor => entry.mode & STICKY != 0,
            Kind::Directory | Kind::File => false,
        };
        if is_safe {
            return Ok(());
        }
        let is_shared = entry.kind == Kind::Directory && entry.mode & STICKY != 0;
        let who = if entry.mode & WRITABLE_BY_ALL != 0 {
            if is_shared {
                Writers::Shared
            } else {
                Writers::All
            }
        } else if entry.mode & WRITABLE_BY_GROUP != 0 && !may_write(entry.group) {
            Writers::Group
        } else {
            return Ok(());
        };
        Err(Distrust::Writable {
            path: path.to_owned(),
            who,
        })
    }

    /// Whether a group is the private one of this user, of root, or of a trusted owner. Only these
    /// entries are asked for: a directory service may refuse to list all users, or take minutes for
    /// it.
    fn is_private(group: u32, user: Uid, owners: &Owners) -> bool {
        let Ok(Some(group)) = Group::from_gid(Gid::from_raw(group)) else {
            return false;
        };
        let users = [user.as_raw(), 0].into_iter().chain(owners.numbers());
        users.map(Uid::from_raw).any(|user| {
            let user = User::from_uid(user).ok().flatten();
            user.is_some_and(|user| is_private_group(&group.name, &group.mem, &user.name))
        })
    }

    /// A user's private group has the user's name and lists no other member.
    pub fn is_private_group(group: &str, members: &[String], user: &str) -> bool {
        group == user && members.iter().all(|member| member == user)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
