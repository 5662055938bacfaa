//! What goes wrong with the store, and what the user should hear about it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::names::NameError;
use super::obstacle::{self, Obstacle};
use super::properties::{InvalidValue, Malformed};

/// What helps whatever is wrong with a directory.
const OWN_DIRECTORY: &str = "name a directory of your own with OMERO_SESSIONDIR";

/// Why the store could not do what was asked. Texts never hold a session key.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The directory cannot be made or entered; the first line is OMERO.py's.
    #[error("Could not access session dir: {}\nomero: reason: {reason}", .path.display())]
    NoAccess {
        /// The directory that the system refused, perhaps a parent of the store.
        path: PathBuf,
        /// What is wrong, with the directory or file at fault.
        reason: String,
        /// How to fix it.
        hint: String,
    },
    /// Someone else could put sessions into the store or take them out.
    #[error("Could not access session dir: {}\nomero: reason: {why}", .path.display())]
    NotPrivate {
        /// The directory.
        path: PathBuf,
        /// Whose it is, or who may write to it.
        why: String,
    },
    /// A directory that only a shell could find.
    #[error(
        "Could not access session dir: {}\nomero: reason: `~` in {name} was not replaced by a shell",
        .path.display()
    )]
    Tilde {
        /// The variable or option.
        name: &'static str,
        /// Its value.
        path: PathBuf,
    },
    /// Root would work in the home directory of another user.
    #[error(
        "Could not access session dir: {}\nomero: reason: this is root, but HOME ({}) belongs to \
         another user (uid {owner}), who could not use what root makes there",
        .path.display(),
        .home.display()
    )]
    ForeignHome {
        /// The store.
        path: PathBuf,
        /// The home directory.
        home: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// No variable says where the home directory is.
    #[error(
        "Could not access session dir: ~/omero/sessions\nomero: reason: the home directory is \
         unknown"
    )]
    NoHome,
    /// Another process kept the lock.
    #[error(
        "the session store {} is locked by another omero process since {} s; try again, or end \
         that process", .path.display(), .waited.as_secs()
    )]
    Locked {
        /// The store.
        path: PathBuf,
        /// How long this process waited.
        waited: Duration,
    },
    /// There is no directory for the private store of a child process.
    #[error("there is no private directory for the session of the programs that a script starts")]
    NoChildStore,
    /// The script that started this process has ended, and its child store was removed.
    #[error(
        "Could not access session dir: {}\nomero: reason: the script that made it has ended",
        .path.display()
    )]
    ChildStoreGone {
        /// The child store.
        path: PathBuf,
    },
    /// A file could not be read, written or removed.
    #[error("cannot {action} {at}: {source}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The path, with any session key shortened.
        at: String,
        /// What the system said.
        source: io::Error,
        /// How to fix it; empty if that is not known.
        hint: String,
    },
    /// The session is stored, but its file makes no sense.
    #[error("the session file {at} is not usable: {reason}")]
    Malformed {
        /// The path, with the session key shortened.
        at: String,
        /// What is wrong with it.
        reason: Malformed,
    },
    /// A value that a session file cannot hold.
    #[error(transparent)]
    Value(#[from] InvalidValue),
    /// A host, user or key that the store cannot hold.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl StoreError {
    /// The process' exit code where this error ends a command: 155 when the directory is of no
    /// use, 1 otherwise.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::NoAccess { .. }
            | Self::NotPrivate { .. }
            | Self::Tilde { .. }
            | Self::ForeignHome { .. }
            | Self::NoHome
            | Self::NoChildStore
            | Self::ChildStoreGone { .. } => 155,
            _ => 1,
        }
    }

    /// How to fix it; empty where the message says all there is to say.
    pub fn hint(&self) -> String {
        match self {
            Self::NoAccess { hint, .. } | Self::Io { hint, .. } => hint.clone(),
            Self::NotPrivate { .. } => OWN_DIRECTORY.to_owned(),
            Self::Tilde { name, path } => format!(
                "write the whole path, for instance /home/you/{}; a directory that is really named \
                 `~` is {name}=./{}",
                path.strip_prefix("~").unwrap_or(path).display(),
                path.display()
            ),
            Self::ForeignHome { .. } => {
                "run it as that user, or with root's own home (sudo -H), or \
                name a directory with OMERO_SESSIONDIR"
                    .to_owned()
            }
            Self::NoChildStore => {
                "set XDG_RUNTIME_DIR or TMPDIR to a directory that others cannot write to"
                    .to_owned()
            }
            Self::ChildStoreGone { .. } => {
                "set OMERO_SESSIONDIR to another directory, or unset it".to_owned()
            }
            Self::NoHome => "set HOME, or name a directory with OMERO_SESSIONDIR".to_owned(),
            _ => String::new(),
        }
    }

    /// The store's directory, or one on the way to it, was refused by the system.
    pub(super) fn no_access(path: &Path, source: &io::Error) -> Self {
        let obstacle = obstacle::find(path, source);
        let remedy = obstacle.as_ref().and_then(Obstacle::remedy);
        Self::NoAccess {
            path: path.to_owned(),
            reason: obstacle.map_or_else(|| source.to_string(), |obstacle| obstacle.to_string()),
            hint: remedy.unwrap_or_else(|| OWN_DIRECTORY.to_owned()),
        }
    }

    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            at: path.display().to_string(),
            hint: obstacle::hint(path, &source),
            source,
        }
    }

    /// As [`StoreError::io`], for a path that ends in a session key.
    pub(super) fn session_io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            at: super::paths::shown_session(path),
            hint: obstacle::hint(path.parent().unwrap_or(path), &source),
            source,
        }
    }
}

/// Something to tell the user that does not stop the command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Warning {
    /// The store's directory could not be made private. OMERO.py prints this text on **stdout**.
    Chmod(PathBuf),
    /// Root works in a store of somebody else.
    OtherOwner {
        /// The store.
        dir: PathBuf,
        /// Whose it is.
        uid: u32,
    },
    /// The file system has no locks.
    NoLocks(PathBuf),
    /// A pointer file that cannot be read, and is treated as missing.
    Pointer {
        /// The pointer file.
        path: PathBuf,
        /// Why it could not be read.
        reason: String,
    },
}

impl Warning {
    /// The whole line. Lines that OMERO.py does not print begin with `omero: `.
    pub fn line(&self) -> String {
        match self {
            Self::Chmod(dir) => format!("WARN: failed to chmod {}", dir.display()),
            Self::OtherOwner { dir, uid } => format!(
                "omero: warning: the session store {} belongs to user {uid}, who can read what \
                 root stores there, but cannot use the files that root makes",
                dir.display()
            ),
            Self::NoLocks(dir) => format!(
                "omero: warning: the file system of {} has no locks; a lock file is used instead, \
                 which is weaker: two logins at the same moment may still mix up which session is \
                 current",
                dir.display()
            ),
            Self::Pointer { path, reason } => {
                format!("omero: warning: {} is ignored: {reason}", path.display())
            }
        }
    }
}
