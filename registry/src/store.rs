//! The indexes on this machine, below `indexes` in omero's data directory:
//!
//! | path | holds |
//! |---|---|
//! | `NAME/source.json` | where the index is, its key, and the highest serial that was seen |
//! | `NAME/state/` | a copy of the index as it was fetched last |
//! | `NAME/checkout/` | the working copy of an index in a git repository |
//!
//! The copy is checked like the original each time it is read: signature, expiry and hashes.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use omero_registry_protocol::{Failure, Task};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    failure::{Hint, failed, untrusted, with_file},
    format::{self, Entry, ROOT, Root, SIGNATURE},
    keys::Key,
};

/// The copy of an index, in its directory.
pub const STATE: &str = "state";

/// `source.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Source {
    /// Where the index is.
    pub url: String,
    /// The key that signs it.
    pub key: String,
    /// The highest serial that was seen; nothing older is accepted.
    pub serial: u64,
}

/// The directory of the indexes, locked against other processes.
pub struct Store {
    directory: PathBuf,
    _lock: Option<File>,
}

/// An index whose copy is checked.
pub struct Index {
    /// The user's name for it.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// Its `index.json`.
    pub root: Root,
    /// The directory that holds its copy.
    pub directory: PathBuf,
}

impl Store {
    /// Opens the store, to change it or to read it.
    ///
    /// # Errors
    ///
    /// The directory cannot be made or locked.
    pub fn open(task: &Task, change: bool) -> Result<Self, Failure> {
        let directory = task.data.join("indexes");
        let lock = || -> io::Result<Option<File>> {
            let path = directory.join(".lock");
            let (file, locked);
            if change {
                fs::create_dir_all(&directory)?;
                file = File::options().create(true).append(true).open(path)?;
                locked = file.lock();
            } else {
                // Reading writes nothing: the home may be read-only.
                file = match File::open(path) {
                    Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
                    other => other?,
                };
                locked = file.lock_shared();
            }
            match locked {
                // Some network file systems have no locks.
                Err(e) if e.kind() == ErrorKind::Unsupported => Ok(None),
                Err(e) => Err(e),
                Ok(()) => Ok(Some(file)),
            }
        };
        let lock = lock().map_err(|e| with_file("cannot be used", &directory, e))?;
        Ok(Self {
            directory,
            _lock: lock,
        })
    }

    /// The names of all indexes, sorted.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn names(&self) -> Result<Vec<String>, Failure> {
        let entries = match fs::read_dir(&self.directory) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(|e| with_file("cannot be read", &self.directory, e))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| with_file("cannot be read", &self.directory, e))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if format::is_name(&name) && entry.path().join("source.json").exists() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// The directory of an index.
    pub fn directory_of(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Reads where an index comes from.
    ///
    /// # Errors
    ///
    /// There is no such index, or its file is damaged.
    pub fn source(&self, name: &str) -> Result<Source, Failure> {
        let missing = || {
            failed(format!("there is no index `{name}`")).hint("list them: omero plugin index list")
        };
        if !format::is_name(name) {
            return Err(missing());
        }
        let path = self.directory_of(name).join("source.json");
        let text = match fs::read(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Err(missing()),
            other => other.map_err(|e| with_file("cannot be read", &path, e))?,
        };
        serde_json::from_slice(&text).map_err(|e| {
            with_file("cannot be used", &path, e).hint(format!(
                "remove the index and add it again: omero plugin index remove {name}"
            ))
        })
    }

    /// Writes where an index comes from.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write_source(&self, name: &str, source: &Source) -> Result<(), Failure> {
        write_json(&self.directory_of(name).join("source.json"), source)
    }

    /// Opens an index, and checks its copy.
    ///
    /// # Errors
    ///
    /// It was never fetched, has expired, or its copy was changed.
    pub fn index(&self, name: &str) -> Result<Index, Failure> {
        let source = self.source(name)?;
        let directory = self.directory_of(name);
        let state = directory.join(STATE);
        let update = || format!("run: omero plugin index update {name}");
        let read = |file: &str| match fs::read(state.join(file)) {
            Err(e) if e.kind() == ErrorKind::NotFound => {
                Err(failed(format!("the index `{name}` was not fetched yet")).hint(update()))
            }
            other => other.map_err(|e| with_file("cannot be read", &state.join(file), e)),
        };
        let text = read(ROOT)?;
        let signature = String::from_utf8_lossy(&read(SIGNATURE)?).into_owned();
        let root = check(&source, &text, &signature).map_err(|e| about(name, e).hint(update()))?;
        Ok(Index {
            name: name.to_owned(),
            source,
            root,
            directory,
        })
    }

    /// Opens all indexes.
    ///
    /// # Errors
    ///
    /// One of them cannot be used. It is not passed over: the name of a plugin would then mean the
    /// one of another index.
    pub fn all(&self) -> Result<Vec<Index>, Failure> {
        self.names()?.iter().map(|name| self.index(name)).collect()
    }
}

impl Index {
    /// Reads the file of a plugin that the index lists.
    ///
    /// # Errors
    ///
    /// The copy was changed.
    pub fn entry(&self, name: &str) -> Result<Entry, Failure> {
        let path = self.directory.join(STATE).join(format::entry_path(name));
        let text = fs::read(&path).map_err(|e| with_file("cannot be read", &path, e))?;
        let listed = self.root.plugins.get(name).map(|l| l.sha256.as_str());
        if listed != Some(sha256(&text).as_str()) {
            let update = format!("run: omero plugin index update {}", self.name);
            return Err(with_file("cannot be used", &path, "it was changed").hint(update));
        }
        Entry::parse(name, &text).map_err(|e| about(&self.name, e))
    }

    /// The listed names that are the same library as this one.
    pub fn names_like<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let names = self.root.plugins.keys().map(String::as_str);
        names.filter(move |listed| format::same_name(listed, name))
    }
}

/// Checks signature and expiry of an `index.json`, and reads it.
///
/// # Errors
///
/// It is not signed by the index's key, or has expired.
pub fn check(source: &Source, text: &[u8], signature: &str) -> Result<Root, Failure> {
    Key::parse(&source.key)?.verify(text, signature)?;
    let root = Root::parse(text)?;
    if root.expires <= jiff::Timestamp::now() {
        return Err(untrusted(format!(
            "it expired on {}: its owner has to sign it again, or it is held back from you",
            root.expires
        )));
    }
    Ok(root)
}

/// A failure as one about an index.
pub fn about(name: &str, failure: Failure) -> Failure {
    Failure {
        message: format!("the index `{name}` cannot be used: {}", failure.message),
        ..failure
    }
}

/// The SHA-256 of bytes in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file as readable JSON, whole or not at all.
///
/// # Errors
///
/// The directory cannot be written.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let mut text =
        serde_json::to_vec_pretty(value).map_err(|e| with_file("cannot be written", path, e))?;
    text.push(b'\n');
    write(path, &text)
}

/// Writes a file, whole or not at all, and the directories above it.
///
/// # Errors
///
/// The directory cannot be written.
pub fn write(path: &Path, text: &[u8]) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let mut file = tempfile::Builder::new();
        #[cfg(unix)]
        {
            // What is published is for everyone to read; the user's own indexes are in a private directory.
            use std::os::unix::fs::PermissionsExt;
            file.permissions(fs::Permissions::from_mode(0o644));
        }
        let mut file = file.tempfile_in(directory)?;
        io::Write::write_all(&mut file, text)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|e| with_file("cannot be written", path, e))
}
