//! Finding sessions. Nothing here writes, but for closing files and directories to others.
//!
//! As in OMERO.py every directory at the first two levels is a host or a user, hidden ones too,
//! every file at the third without a leading dot is a session, and links are followed.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use super::encoding;
use super::error::StoreError;
use super::files::{self, is_missing};
use super::names::{Host, SessionKey, User};
use super::paths::{self, Paths};
use super::properties::{Malformed, Properties};
use super::session::{BadEntry, Entry, StoredSession};

/// Real ones have some 200 bytes.
const LIMIT: u64 = 64 * 1024;

/// Reads one session; `Ok(None)` if it is not stored.
pub(super) fn get(
    paths: &Paths,
    host: &Host,
    user: &User,
    key: &SessionKey,
) -> Result<Option<StoredSession>, StoreError> {
    let path = paths.session(host, user, key);
    match read_session(&path, host, user, key) {
        Ok(None) => Ok(None),
        Ok(Some(session)) => Ok(Some(session)),
        Err(bad) => Err(bad.into()),
    }
}

/// All sessions, by host, user and key, and after each place's sessions what is none.
pub(super) fn all(paths: &Paths) -> Result<Vec<Entry>, StoreError> {
    let root = paths.root();
    let names = subdirectories(root).map_err(|error| StoreError::no_access(root, &error))?;
    let mut found = Vec::new();
    for (name, dir) in names {
        let host = name
            .as_deref()
            .map(encoding::decode)
            .and_then(|host| Host::parse(&host).ok());
        // A directory that OMERO.py would not make for its host cannot be found by that host.
        match host.filter(|host| paths.host(host) == dir) {
            Some(host) => found.extend(of_host(paths, &host)),
            None => found.extend(foreign(&dir, "server's directory")),
        }
    }
    Ok(found)
}

/// The sessions of one user, newest first, then what is none.
pub(super) fn of_user(paths: &Paths, host: &Host, user: &User) -> Vec<Entry> {
    let mut entries = scan_user(paths, host, user);
    entries.sort_by(|one, other| match (one, other) {
        (Ok(one), Ok(other)) => (other.modified, &one.key).cmp(&(one.modified, &other.key)),
        (one, other) => one.is_err().cmp(&other.is_err()),
    });
    entries
}

/// The users of a host that have this session, sorted.
pub(super) fn find_key(
    paths: &Paths,
    host: &Host,
    key: &SessionKey,
) -> Result<Vec<User>, StoreError> {
    let dir = paths.host(host);
    let names = match subdirectories(&dir) {
        Err(error) if is_missing(&error) => Vec::new(),
        Err(error) => return Err(StoreError::io("read", &dir, error)),
        Ok(names) => names,
    };
    let users = names
        .into_iter()
        .filter_map(|(name, _)| User::parse(&name?).ok());
    Ok(users
        .filter(|user| paths.session(host, user, key).is_file())
        .collect())
}

fn of_host(paths: &Paths, host: &Host) -> Vec<Entry> {
    let dir = paths.host(host);
    let names = match subdirectories(&dir) {
        Ok(names) => names,
        Err(error) => return vec![unreadable(dir.display().to_string(), &error)],
    };
    files::tighten_dir(&dir);
    let mut found = Vec::new();
    for (name, dir) in names {
        match name.and_then(|name| User::parse(&name).ok()) {
            Some(user) => found.extend(scan_user(paths, host, &user)),
            None => found.extend(foreign(&dir, "user's directory")),
        }
    }
    found
}

/// The sessions of one user, by key.
fn scan_user(paths: &Paths, host: &Host, user: &User) -> Vec<Entry> {
    let dir = paths.user(host, user);
    let files = match session_files(&dir) {
        Ok(files) => files,
        Err(error) if is_missing(&error) => return Vec::new(),
        Err(error) => return vec![unreadable(dir.display().to_string(), &error)],
    };
    files::tighten_dir(&dir);
    let read = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        match name.and_then(|name| SessionKey::parse(name).ok()) {
            Some(key) => read_session(path, host, user, &key).transpose(),
            None => Some(Err(bad(path, Malformed::ForeignName("name")))),
        }
    };
    files.iter().filter_map(read).collect()
}

fn read_session(
    path: &Path,
    host: &Host,
    user: &User,
    key: &SessionKey,
) -> Result<Option<StoredSession>, BadEntry> {
    let contents = files::read(path, LIMIT)
        .map_err(|error| bad(path, Malformed::Unreadable(error.to_string())))?;
    let Some(contents) = contents else {
        return Ok(None);
    };
    let properties = Properties::parse(&contents.bytes).map_err(|reason| bad(path, reason))?;
    if properties.host.as_deref() != Some(host.as_str()) {
        return Err(bad(path, Malformed::OtherHost));
    }
    let (host, user, key) = (host.clone(), user.clone(), key.clone());
    Ok(Some(StoredSession {
        host,
        user,
        key,
        properties,
        modified: contents.modified,
    }))
}

/// Sessions that lie below a directory whose name no login makes: one report for all of them, and
/// none if there are none, for that is not worth a warning.
fn foreign(dir: &Path, what: &'static str) -> Option<Entry> {
    let depth = if what.starts_with("server") { 2 } else { 1 };
    let entry = BadEntry {
        at: dir.display().to_string(),
        reason: Malformed::ForeignName(what),
    };
    holds_files(dir, depth).then_some(Err(entry))
}

// A directory that no login makes and that cannot be read, such as `lost+found`, counts as empty: no
// session in it could be used.
fn holds_files(dir: &Path, depth: u8) -> bool {
    match depth {
        0 => false,
        1 => session_files(dir).is_ok_and(|files| !files.is_empty()),
        _ => subdirectories(dir)
            .is_ok_and(|dirs| dirs.iter().any(|(_, dir)| holds_files(dir, depth - 1))),
    }
}

/// Directories with their names, sorted; the name is missing where it is not valid UTF-8.
fn subdirectories(dir: &Path) -> io::Result<Vec<(Option<String>, PathBuf)>> {
    let found = children(dir, FileType::is_dir)?;
    let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    Ok(found.into_iter().map(|path| (name(&path), path)).collect())
}

/// Files without a leading dot, sorted.
fn session_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let hidden = |path: &Path| {
        path.file_name()
            .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    let mut found = children(dir, FileType::is_file)?;
    found.retain(|path| !hidden(path));
    Ok(found)
}

/// What a directory holds of this type, sorted. A link has the type of its target; one that cannot
/// be followed has any, so that whoever reads it learns why. Links to nothing are passed over.
fn children(dir: &Path, is_wanted: fn(&FileType) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        let file_type = match entry.file_type() {
            Ok(link) if link.is_symlink() => fs::metadata(&path).map(|target| target.file_type()),
            file_type => file_type,
        };
        match file_type {
            Ok(file_type) if !is_wanted(&file_type) => {}
            Err(error) if is_missing(&error) => {}
            _ => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}

fn bad(path: &Path, reason: Malformed) -> BadEntry {
    BadEntry {
        at: paths::shown_session(path),
        reason,
    }
}

fn unreadable(at: String, error: &io::Error) -> Entry {
    Err(BadEntry {
        at,
        reason: Malformed::Unreadable(error.to_string()),
    })
}
