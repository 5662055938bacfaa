//! What goes wrong with the store, and what the user should hear about it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::names::NameError;
use super::properties::{InvalidValue, Malformed};

/// Why the store could not do what was asked. Texts never hold a session key.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The directory cannot be made or entered; the text is OMERO.py's.
    #[error("Could not access session dir: {}", .path.display())]
    NoAccess {
        /// The directory that the system refused, perhaps a parent of the store.
        path: PathBuf,
        /// What the system said; none when the path is empty or not a directory.
        source: Option<io::Error>,
    },
    /// Someone else could put sessions into the store or take them out.
    #[error(
        "Could not access session dir: {}: {why}; name a directory of your own with \
         OMERO_SESSIONDIR", .path.display()
    )]
    NotPrivate {
        /// The directory.
        path: PathBuf,
        /// Whose it is, or who may write to it.
        why: String,
    },
    /// Nothing says where the home directory is.
    #[error(
        "Could not access session dir: the home directory is unknown; set HOME, or name the \
         directory with OMERO_SESSIONDIR"
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
    #[error(
        "there is no private directory for the session of the programs that a script starts; set \
         XDG_RUNTIME_DIR or TMPDIR to a directory that others cannot write to"
    )]
    NoChildStore,
    /// The script that started this process has ended, and its child store was removed.
    #[error(
        "Could not access session dir: {}: the script that made it has ended; set \
         OMERO_SESSIONDIR to another directory, or unset it", .path.display()
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
            | Self::NoHome
            | Self::NoChildStore
            | Self::ChildStoreGone { .. } => 155,
            _ => 1,
        }
    }

    pub(super) fn no_access(path: &Path, source: Option<io::Error>) -> Self {
        Self::NoAccess {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            at: path.display().to_string(),
            source,
        }
    }

    /// As [`StoreError::io`], for a path that ends in a session key.
    pub(super) fn session_io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            at: super::paths::shown_session(path),
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
                 root stores there",
                dir.display()
            ),
            Self::NoLocks(dir) => format!(
                "omero: warning: the file system of {} has no locks; two logins at the same \
                 moment may mix up which session is current",
                dir.display()
            ),
            Self::Pointer { path, reason } => {
                format!("omero: warning: {} is ignored: {reason}", path.display())
            }
        }
    }
}
