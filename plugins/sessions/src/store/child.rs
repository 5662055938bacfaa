//! Child stores: the session directory of the programs that a script starts.
//!
//! ```text
//! <base>/omero-session-<uuid>/     a store of its own, for one child and its descendants
//!     ._STORE_                     the path of the user's store
//!     ._GIVEN_                     keys that the user's store knows or has known, one a line
//!     ._USED_                      held as long as a process that inherited it runs
//! ```
//!
//! Beside these it holds what OMERO.py expects: the script's session and the pointers to it. OMERO.py
//! works in it as in any other store, and what it adds is handed over to the user's store. This
//! program recognizes the directory: its sessions are those of the user's store, and only the
//! pointers are the child's.
//!
//! The lock on `._USED_` belongs to the open file that children inherit, so it ends with the last of
//! them, however that ends. A directory whose lock is free is swept by a later script.

use std::{
    ffi::OsString,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use crate::lock;

use super::{
    Current, SessionKey, Store, StoreError, StoredSession,
    files::{self, Staged},
    pointers,
};

/// How the directories' names begin.
const PREFIX: &str = "omero-session-";
/// How they begin until everything is in them.
const UNFINISHED: &str = ".omero-session-";
const OWN_STORE: &str = "._STORE_";
const GIVEN: &str = "._GIVEN_";
const USED: &str = "._USED_";
/// Longer than any path, and room for some thousand keys.
const LIMIT: u64 = 256 * 1024;

/// A child store and the process's hold on it.
#[derive(Debug)]
pub struct ChildStore {
    dir: PathBuf,
    own: PathBuf,
    used: File,
}

impl ChildStore {
    /// Makes a child store in the first usable directory of `bases`, with `given` as its current
    /// session. Without one, the pointers still name server and user.
    ///
    /// # Errors
    ///
    /// No base is usable; the files cannot be written.
    pub fn create(
        bases: &[PathBuf],
        own: &Path,
        current: &Current,
        given: Option<&StoredSession>,
    ) -> Result<Self, StoreError> {
        let own = std::path::absolute(own).map_err(|e| StoreError::io("look at", own, e))?;
        let mut failed = None;
        for base in bases.iter().filter(|base| usable(base, &own)) {
            match Self::create_in(base, &own, current, given) {
                Ok(made) => return Ok(made),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or(StoreError::NoChildStore))
    }

    fn create_in(
        base: &Path,
        own: &Path,
        current: &Current,
        given: Option<&StoredSession>,
    ) -> Result<Self, StoreError> {
        let id = Uuid::new_v4();
        let (unfinished, dir) = (
            base.join(format!("{UNFINISHED}{id}")),
            base.join(format!("{PREFIX}{id}")),
        );
        let fill = || {
            let failed = |error| StoreError::io("make the directory", &dir, error);
            files::private_dir(&unfinished)?;
            let used = lock::open_lock(&unfinished.join(USED), true).map_err(failed)?;
            match used.try_lock_shared() {
                Err(TryLockError::Error(error)) if !lock::is_unsupported(&error) => {
                    return Err(failed(error));
                }
                _ => files::inherit(&used).map_err(failed)?,
            }
            write(
                &unfinished.join(OWN_STORE),
                own.as_os_str().as_encoded_bytes(),
            )?;
            let store = Store::open(&unfinished)?;
            if let Some(session) = given {
                note(&unfinished, &session.key)?;
                store.add(session)?;
            }
            pointers::write(&store.paths, current, given)?;
            // From here on sweepers see it, and the lock.
            fs::rename(&unfinished, &dir).map_err(failed)?;
            Ok(used)
        };
        match fill() {
            Ok(used) => Ok(Self {
                dir,
                own: own.to_owned(),
                used,
            }),
            Err(error) => {
                // The error is the one to report; a sweep removes what remains.
                let _ = fs::remove_dir_all(&unfinished);
                Err(error)
            }
        }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether the session is still in it: OMERO.py removes what it ended or cannot join.
    pub fn has(&self, session: &StoredSession) -> bool {
        let store = super::paths::Paths::new(self.dir.clone());
        store
            .session(&session.host, &session.user, &session.key)
            .is_file()
    }

    /// Hands over what the child added, as [`hand_over`], and removes the directory unless a
    /// background process still uses it; then a later sweep does both. Returns what was current in
    /// the child store.
    ///
    /// # Errors
    ///
    /// The user's store cannot be written, or the directory is no longer one that this user alone
    /// can change; what is there stays, as it is.
    pub fn close(self) -> Result<Current, StoreError> {
        let Self { dir, own, used } = self;
        let is_there = files::check_own_dir(&dir)?;
        let current = Store::unchecked(&dir).current();
        if !is_there {
            // The program removed it, with all that it added.
            return Ok(current);
        }
        hand_over(&dir, &own)?;
        drop(used);
        if let Some(lock) = unused(&dir) {
            remove(&dir, lock);
        }
        Ok(current)
    }
}

/// The user's store, if the directory is a child store of this user.
pub fn own_store(dir: &Path) -> Option<PathBuf> {
    let name = dir.file_name()?.to_str()?;
    if !name.starts_with(PREFIX) || !files::is_private_dir(dir) {
        return None;
    }
    let bytes = files::read(&dir.join(OWN_STORE), LIMIT).ok()??.bytes;
    let text = os_string(bytes)?;
    Some(PathBuf::from(text)).filter(|path| path.is_absolute())
}

/// Whether the directory was a child store and is gone: its script has ended.
pub fn is_gone(dir: &Path) -> bool {
    let name = dir.file_name().and_then(|name| name.to_str());
    name.and_then(|name| name.strip_prefix(PREFIX))
        .is_some_and(|id| Uuid::try_parse(id).is_ok())
        && !dir.exists()
}

/// Notes that the user's store knows this session: it is not handed over.
pub(super) fn note(dir: &Path, key: &SessionKey) -> Result<(), StoreError> {
    let path = dir.join(GIVEN);
    let mut text = given(dir);
    if text.iter().any(|known| known == key.expose()) {
        return Ok(());
    }
    text.push(key.expose().to_owned());
    write(&path, (text.join("\n") + "\n").as_bytes())
}

/// Adds to the user's store what was added to the child store, and makes it current there if it is
/// current here.
///
/// # Errors
///
/// One of the stores cannot be read, or the user's is missing or cannot be written.
pub(super) fn hand_over(dir: &Path, own: &Path) -> Result<(), StoreError> {
    let known = given(dir);
    let child = Store::unchecked(dir);
    let new: Vec<StoredSession> = child
        .all()?
        .into_iter()
        .flatten()
        .filter(|session| !known.iter().any(|key| key == session.key.expose()))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    if !own.is_dir() {
        // It may be on a disk that is absent for a moment: making it anew would hide that.
        let error = io::ErrorKind::NotFound.into();
        return Err(StoreError::no_access(own, &error));
    }
    let own = Store::open(own)?;
    let current = child.current();
    for session in new {
        match own.get(&session.host, &session.user, &session.key)? {
            Some(_) => {}
            None if current.is(&session) => own.add_as_current(&session)?,
            None => own.add(&session)?,
        }
        note(dir, &session.key)?;
    }
    Ok(())
}

/// Removes child stores whose processes have all ended, after handing over what they added. What is
/// not this user's or still in use stays, and so does what cannot be handed over.
pub fn sweep(bases: &[PathBuf]) {
    for base in bases {
        let entries = fs::read_dir(base).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let dir = entry.path();
            if name.starts_with(PREFIX) {
                sweep_one(&dir);
            } else if name.starts_with(UNFINISHED) && files::is_private_dir(&dir) {
                files::remove_stale_dir(&dir);
            }
        }
    }
}

fn sweep_one(dir: &Path) {
    let Some(own) = own_store(dir) else { return };
    if let Some(lock) = unused(dir)
        && hand_over(dir, &own).is_ok()
    {
        remove(dir, lock);
    }
}

fn remove(dir: &Path, lock: File) {
    if cfg!(windows) {
        // An open file cannot be removed there.
        drop(lock);
    }
    // What cannot be removed now is tried by the next sweep.
    let _ = fs::remove_dir_all(dir);
}

/// The lock that shows that no process uses the directory.
fn unused(dir: &Path) -> Option<File> {
    let file = lock::open_lock(&dir.join(USED), false).ok()?;
    file.try_lock().ok()?;
    Some(file)
}

fn usable(base: &Path, own: &Path) -> bool {
    let inside = |base: &PathBuf| base.starts_with(own.canonicalize().unwrap_or(own.to_owned()));
    files::is_safe_base(base) && base.canonicalize().is_ok_and(|base| !inside(&base))
}

fn given(dir: &Path) -> Vec<String> {
    let contents = files::read(&dir.join(GIVEN), LIMIT).ok().flatten();
    let text = contents.and_then(|contents| String::from_utf8(contents.bytes).ok());
    let text = text.unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::io("write", path, error);
    let staged = Staged::write(path, bytes).map_err(failed)?;
    staged.commit().map_err(failed)
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt;
    Some(OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}
