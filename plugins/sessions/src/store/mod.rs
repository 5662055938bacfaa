//! The session store: the sessions of this user on disk, shared with OMERO.py.
//!
//! The bytes, names and places are OMERO.py's, so both programs use the same sessions. What
//! differs is how files are written: private from the first byte, whole or not at all, and several
//! of them together under a lock. Nothing here talks to a terminal, a server or the environment.

mod child;
mod encoding;
pub mod error;
mod files;
mod listing;
pub mod location;
pub mod names;
mod obstacle;
mod paths;
pub mod pointers;
pub mod properties;
pub mod session;
mod update;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub use child::{ChildStore, is_gone, own_store, sweep};
pub use error::{StoreError, Warning};
pub use location::{Location, LocationInputs, locate};
pub use names::{Host, NameError, SessionKey, User};
pub use pointers::{Current, DEFAULT_PORT};
pub use properties::Properties;
pub use session::{Entry, StoredSession};

use crate::lock;
use paths::Paths;

/// Other processes hold the lock for a few milliseconds; after this time something is wrong.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// How long a reader waits for a writer, so as not to see host and port of two logins. Reading
/// goes on afterwards in any case.
const READ_WAIT: Duration = Duration::from_millis(100);

/// An open store. Holds no files open and no lock between calls.
#[derive(Debug)]
pub struct Store {
    paths: Paths,
    lock_wait: Duration,
    warnings: Mutex<Warnings>,
    /// The child store whose pointers are used instead of this store's.
    child: Option<Box<Store>>,
}

/// All warnings so far, and how many of them were handed out.
#[derive(Debug, Default)]
struct Warnings {
    all: Vec<Warning>,
    taken: usize,
}

impl Store {
    /// Makes the directory, with its parents, if needed, closes it to others and checks that it
    /// is ours. Warnings wait in [`Store::take_warnings`]. Fails with exit code 155.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        files::create_dirs(dir).map_err(|(at, error)| StoreError::no_access(&at, &error))?;
        let warning = files::check_root(dir)?;
        let warnings = Mutex::new(Warnings {
            all: warning.into_iter().collect(),
            taken: 0,
        });
        Ok(Self {
            warnings,
            ..Self::unchecked(dir)
        })
    }

    /// The store in a directory that is known to be private. Makes and changes nothing.
    fn unchecked(dir: &Path) -> Self {
        Self {
            paths: Paths::new(dir.to_owned()),
            lock_wait: LOCK_WAIT,
            warnings: Mutex::default(),
            child: None,
        }
    }

    /// The store of a child process: the sessions of this store with the pointers of a child store.
    /// What OMERO.py added there is handed over first.
    ///
    /// # Errors
    ///
    /// One of the stores cannot be read, or this one cannot be written.
    pub fn for_child(self, dir: &Path) -> Result<Self, StoreError> {
        child::hand_over(dir, self.root())?;
        let child = Self::open(dir)?;
        Ok(Self {
            child: Some(Box::new(child)),
            ..self
        })
    }

    /// Checks that a session could be stored, before one is made on the server. Fails with exit code
    /// 155.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        let root = self.paths.root();
        files::writable(root).map_err(|error| StoreError::no_access(root, &error))
    }

    /// What the user should hear, each once: empty on the second call.
    pub fn take_warnings(&self) -> Vec<Warning> {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        let new = warnings.all[warnings.taken..].to_vec();
        warnings.taken = warnings.all.len();
        new
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        self.paths.root()
    }

    /// What the pointers say. A writer at work is waited for, shortly; a lock that somebody keeps
    /// is ignored. Makes nothing on the disk.
    pub fn current(&self) -> Current {
        if let Some(child) = &self.child {
            return child.current();
        }
        let _lock = lock::shared(&self.paths.lock(), READ_WAIT);
        pointers::read(&self.paths)
    }

    /// Reads a session; `Ok(None)` if it is not stored.
    pub fn get(
        &self,
        host: &Host,
        user: &User,
        key: &SessionKey,
    ) -> Result<Option<StoredSession>, StoreError> {
        listing::get(&self.paths, host, user, key)
    }

    /// The sessions of a user of a host, newest first, then what is none.
    pub fn sessions_of(&self, host: &Host, user: &User) -> Vec<Entry> {
        listing::of_user(&self.paths, host, user)
    }

    /// The users of a host under whom the key is stored, sorted. The file is not read.
    pub fn find_key(&self, host: &Host, key: &SessionKey) -> Result<Vec<User>, StoreError> {
        listing::find_key(&self.paths, host, key)
    }

    /// All sessions, sorted by host, user and key, with what is none among them.
    pub fn all(&self) -> Result<Vec<Entry>, StoreError> {
        listing::all(&self.paths)
    }

    /// Where a session's file is, or would be. The path holds the key.
    pub fn path_of(&self, host: &Host, user: &User, key: &SessionKey) -> PathBuf {
        self.paths.session(host, user, key)
    }

    fn warn_once(&self, warning: Warning) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if !warnings.all.contains(&warning) {
            warnings.all.push(warning);
        }
    }
}

#[cfg(test)]
mod tests;
