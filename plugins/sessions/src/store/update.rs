//! Changing the store. Whatever concerns more than one file happens under the lock.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Store;
use super::error::{StoreError, Warning};
use super::files::{self, Staged};
use super::names::{Host, SessionKey, User};
use super::pointers;
use super::properties;
use super::session::StoredSession;
use crate::lock::{self, Lock, Outcome};

impl Store {
    /// Stores a session without making it current. A session of the same key is replaced.
    pub fn add(&self, session: &StoredSession) -> Result<(), StoreError> {
        if let Some(child) = &self.child {
            super::child::note(child.root(), &session.key)?;
            child.add(session)?;
        }
        let (path, staged) = self.stage(session)?;
        let _lock = self.lock()?;
        staged
            .commit()
            .map_err(|error| StoreError::session_io("write", &path, error))
    }

    /// Stores a session and makes it current, in one step for whoever takes the lock.
    pub fn add_as_current(&self, session: &StoredSession) -> Result<(), StoreError> {
        if let Some(child) = &self.child {
            super::child::note(child.root(), &session.key)?;
            child.add_as_current(session)?;
        }
        let (path, staged) = self.stage(session)?;
        let StoredSession {
            host, user, key, ..
        } = session;
        let update = pointers::Update::prepare(&self.paths, host, user, key, session.port())?;
        let _lock = self.lock()?;
        staged
            .commit()
            .map_err(|error| StoreError::session_io("write", &path, error))?;
        update.commit(&self.paths)
    }

    /// Makes a session current. `port` is its `omero.port`, else 4064. Whether the session is
    /// stored is not asked: a pointer to a missing file counts as expired.
    pub fn set_current(
        &self,
        host: &Host,
        user: &User,
        key: &SessionKey,
        port: &str,
    ) -> Result<(), StoreError> {
        properties::check_value("omero.port", port)?;
        if let Some(child) = &self.child {
            // OMERO.py in the same child needs the file, too.
            let there = matches!(child.get(host, user, key), Ok(Some(_)));
            if !there && let Some(session) = self.get(host, user, key)? {
                super::child::note(child.root(), key)?;
                child.add(&session)?;
            }
            return child.set_current(host, user, key, port);
        }
        if self.is_current(host, user, key, port) {
            return Ok(()); // most commands find it so, and a read-only store then does no harm
        }
        self.make_dirs(host, user)?;
        let update = pointers::Update::prepare(&self.paths, host, user, key, port)?;
        let _lock = self.lock()?;
        update.commit(&self.paths)
    }

    /// Removes a session's file, then the pointer to it if it is its user's last one. Host, port
    /// and user stay for the next login's prompts. Tells whether there was a file.
    pub fn remove(&self, host: &Host, user: &User, key: &SessionKey) -> Result<bool, StoreError> {
        if let Some(child) = &self.child {
            child.remove(host, user, key)?;
        }
        let _lock = self.lock()?;
        let path = self.paths.session(host, user, key);
        let removed =
            files::remove(&path).map_err(|error| StoreError::session_io("remove", &path, error))?;
        pointers::forget(&self.paths, host, user, key)?;
        Ok(removed)
    }

    /// Removes temporary files that crashed programs left beside these sessions, without the lock:
    /// no running program writes to files that old.
    pub fn remove_leftovers(&self, sessions: &[StoredSession]) {
        let mut dirs = BTreeSet::from([self.paths.root().to_owned()]);
        for StoredSession { host, user, .. } in sessions {
            dirs.insert(self.paths.host(host));
            dirs.insert(self.paths.user(host, user));
        }
        for dir in dirs {
            files::remove_stale(&dir);
        }
    }

    fn stage(&self, session: &StoredSession) -> Result<(PathBuf, Staged), StoreError> {
        let StoredSession {
            host,
            user,
            key,
            properties,
            ..
        } = session;
        let bytes = properties.to_bytes()?;
        self.make_dirs(host, user)?;
        let path = self.paths.session(host, user, key);
        let staged = Staged::write(&path, &bytes)
            .map_err(|error| StoreError::session_io("write", &path, error))?;
        Ok((path, staged))
    }

    fn make_dirs(&self, host: &Host, user: &User) -> Result<(), StoreError> {
        let make = |dir: &Path| files::private_dir(dir);
        make(&self.paths.host(host))?;
        make(&self.paths.user(host, user))
    }

    fn is_current(&self, host: &Host, user: &User, key: &SessionKey, port: &str) -> bool {
        let current = self.current();
        (current.host.as_ref(), current.user.as_ref()) == (Some(host), Some(user))
            && (current.key.as_ref(), &*current.port) == (Some(key), port)
    }

    /// Takes the lock. Where a lock file has to stand in for one, that is said once.
    pub(super) fn lock(&self) -> Result<Lock, StoreError> {
        let path = self.paths.lock();
        match lock::exclusive(&path, self.lock_wait) {
            Ok(Outcome::Held(lock)) => {
                if lock.is_marker() {
                    self.warn_once(Warning::NoLocks(self.paths.root().to_owned()));
                }
                Ok(lock)
            }
            Ok(Outcome::Busy) => Err(StoreError::Locked {
                path: self.paths.root().to_owned(),
                waited: self.lock_wait,
            }),
            Err(error) => Err(StoreError::io("lock", &path, error)),
        }
    }
}
