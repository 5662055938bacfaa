//! Tests of the store as a whole. Those that need a process of their own (another umask, another
//! user, a violent death) run this test binary again; see `children`.

mod bad_stores;
mod basics;
#[cfg(unix)]
mod children;
mod concurrency;

use std::path::Path;

use super::*;

impl Store {
    fn dir(&self) -> &Path {
        self.paths.root()
    }

    fn count(&self) -> Result<usize, StoreError> {
        Ok(self.all()?.iter().flatten().count())
    }
}

/// A store in a new directory, which disappears with the first value.
fn new_store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("s"));
    (dir, store)
}

/// The sessions that can be read.
fn usable(store: &Store) -> Vec<StoredSession> {
    store.all().unwrap().into_iter().flatten().collect()
}

/// Removes the sessions that can be read, and tells of each whether there was a file.
fn remove_usable(store: &Store) -> Vec<bool> {
    let remove = |s: StoredSession| store.remove(&s.host, &s.user, &s.key).unwrap();
    usable(store).into_iter().map(remove).collect()
}

fn open(dir: &Path) -> Store {
    Store::open(dir).unwrap()
}

fn host(text: &str) -> Host {
    Host::parse(text).unwrap()
}

fn user(text: &str) -> User {
    User::parse(text).unwrap()
}

fn key(text: &str) -> SessionKey {
    SessionKey::parse(text).unwrap()
}

fn session(host: &str, user: &str, key: &str) -> StoredSession {
    StoredSession::new(Properties::new(host, user, key)).unwrap()
}

/// Every file below a directory with its content, by its path in it.
fn tree(dir: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(dir, &mut |path| {
        if path.is_file() {
            let name = path
                .strip_prefix(dir)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            found.push((name, std::fs::read_to_string(path).unwrap()));
        }
    });
    found.sort();
    found
}

/// Visits a directory and all below it. What disappears meanwhile is passed over.
fn walk(path: &Path, visit: &mut dyn FnMut(&Path)) {
    visit(path);
    let Ok(entries) = std::fs::read_dir(path) else {
        return;
    };
    for entry in entries.flatten() {
        walk(&entry.path(), visit);
    }
}

/// Asserts that all below a directory, and itself, is for its owner alone.
#[cfg(unix)]
fn assert_private(dir: &Path) {
    use std::os::unix::fs::MetadataExt;
    walk(dir, &mut |path| {
        let Ok(metadata) = std::fs::symlink_metadata(path) else {
            return;
        };
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(metadata.mode() & 0o7777, expected, "{}", path.display());
    });
}
