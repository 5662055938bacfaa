//! One file of remembered servers: read as a whole, replaced as a whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::TrustError;
use super::{Servers, access, failure};
use crate::lock::{self, Outcome};

/// The largest file that is read, in bytes: thousands of servers.
const SIZE_MAX: u64 = 4 * 1024 * 1024;

/// How long another program may write.
const LOCK_WAIT: Duration = Duration::from_secs(10);

const HEADING: &str = "\
# OMERO servers whose certificates are remembered. Written by omero: change it with
# `omero sessions server list`, `accept` and `remove`.
";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    servers: Servers,
}

/// A file of remembered servers, which need not exist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PinFile {
    path: PathBuf,
    lock: PathBuf,
    read_only: Option<String>,
}

impl PinFile {
    /// `known_servers.yaml` in the user directory: `OMERO_USERDIR`, else `~/omero`.
    #[must_use]
    pub fn in_user_directory(directory: &Path) -> Self {
        Self {
            path: directory.join("known_servers.yaml"),
            lock: directory.join(".known_servers.lock"),
            read_only: None,
        }
    }

    /// The file in a session directory. Its name begins as those of the pointers to the current
    /// session do, which OMERO.py does not take for sessions.
    #[must_use]
    pub fn beside_sessions(directory: &Path) -> Self {
        Self {
            path: directory.join("._KNOWN_SERVERS_"),
            lock: directory.join("._KNOWN_SERVERS_LOCK_"),
            read_only: None,
        }
    }

    /// Never writes this file, for a reason.
    #[must_use]
    pub fn read_only(mut self, reason: impl Into<String>) -> Self {
        self.read_only = Some(reason.into());
        self
    }

    /// Where it is, or would be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The servers in the file; none if there is no file, or if it cannot be reached.
    pub(super) fn read(&self) -> Result<Servers, TrustError> {
        let path = &self.path;
        let failed = |reason: &dyn ToString| failure(path, reason.to_string());
        let file = match access::open(path) {
            Ok(file) => file,
            Err(error) if is_absent(path, &error) => return Ok(Servers::new()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(failed(&"it is a link to a file that does not exist"));
            }
            Err(error) => return Err(failed(&error)),
        };
        access::check(&file, path).map_err(|reason| failed(&reason))?;
        let mut text = String::new();
        let mut limited = file.take(SIZE_MAX);
        limited
            .read_to_string(&mut text)
            .map_err(|error| failed(&error))?;
        if limited.limit() == 0 {
            return Err(failed(&"it is too big"));
        }
        let contents: Contents = serde_yaml::from_str(&text)
            .map_err(|error| failed(&format!("{error}. Fix or remove it; it was not changed")))?;
        Ok(contents.servers)
    }

    /// Reads, changes and writes, with no other program writing in between.
    pub(super) fn change<T>(
        &self,
        change: &dyn Fn(&mut Servers) -> Result<T, TrustError>,
    ) -> Result<T, TrustError> {
        if let Some(reason) = &self.read_only {
            return Err(failure(&self.path, reason));
        }
        let directory = self.path.parent().unwrap_or(Path::new("."));
        make_directory(directory).map_err(|error| failure(&self.path, error))?;
        let _lock = match lock::exclusive(&self.lock, LOCK_WAIT) {
            Ok(Outcome::Held(lock)) => lock,
            Ok(Outcome::Busy) => {
                let reason = format!("another program holds {}", self.lock.display());
                return Err(failure(&self.path, reason));
            }
            Err(error) => {
                let reason = format!("cannot lock {}: {error}", self.lock.display());
                return Err(failure(&self.path, reason));
            }
        };
        let mut servers = self.read()?;
        let before = servers.clone();
        let result = change(&mut servers)?;
        if servers != before {
            write(&self.path, &servers)?;
        }
        Ok(result)
    }

    /// Who else could remove the file, and how to keep them from it; `None` if no one could.
    pub(super) fn exposure(&self) -> Option<String> {
        access::exposure(&self.path)
    }
}

/// Whether the error means that there is no file: it does not exist, or a directory on the way
/// cannot be entered or is none. A file that is there but may not be read is not absent, and neither is
/// a link that leads nowhere. The host has the same rule in `private_files.rs`.
fn is_absent(path: &Path, error: &io::Error) -> bool {
    let unreachable = |error: &io::Error| {
        matches!(
            error.kind(),
            ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory
        )
    };
    unreachable(error) && fs::symlink_metadata(path).is_err_and(|error| unreachable(&error))
}

/// Replaces the file. Whatever happens, either the old or the new one is there, complete. A link
/// stays one: what it leads to is replaced.
fn write(path: &Path, servers: &Servers) -> Result<(), TrustError> {
    let contents = Contents {
        servers: servers.clone(),
    };
    let yaml = serde_yaml::to_string(&contents).map_err(|error| failure(path, error))?;
    let target = match path.canonicalize() {
        Ok(target) => target,
        Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(failure(path, error)),
    };
    let temporary = target.with_file_name(format!(".known_servers.{}.tmp", uuid::Uuid::new_v4()));
    let written = write_new(&temporary, &format!("{HEADING}{yaml}"))
        .and_then(|()| fs::rename(&temporary, &target))
        .and_then(|()| sync_directory(&target));
    written.map_err(|error| {
        // The error that is told is the first one.
        let _ = fs::remove_file(&temporary);
        failure(path, error)
    })
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the new name last through a power cut.
fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        #[cfg(unix)]
        Some(directory) => File::open(directory)?.sync_all(),
        _ => Ok(()),
    }
}

/// Makes the directory, for this user alone, unless it is there.
fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
