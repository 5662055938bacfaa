//! The four pointer files that say which session is current.

use std::io;
use std::path::Path;

use super::error::{StoreError, Warning};
use super::files::{self, Staged};
use super::names::{Host, NameError, SessionKey, User};
use super::paths::Paths;
use super::session::StoredSession;

/// The port that a missing pointer stands for.
pub const DEFAULT_PORT: &str = "4064";

/// No pointer is longer: names have at most 255 bytes.
const LIMIT: u64 = 4096;

/// The current session as the pointers tell it. What a pointer that is missing, empty or unreadable
/// names is unknown, and so is everything that hangs on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Current {
    /// The last host; none before the first login.
    pub host: Option<Host>,
    /// The last user of that host.
    pub user: Option<User>,
    /// The last session of that user; none after logout. Its file may be missing.
    pub key: Option<SessionKey>,
    /// The last port as text, 4064 if unknown. For hosts that are URLs it means nothing.
    pub port: String,
    /// Pointers that could not be read, or hold no such name.
    pub warnings: Vec<Warning>,
}

impl Current {
    /// Whether this session is the current one.
    pub fn is(&self, session: &StoredSession) -> bool {
        (self.host.as_ref(), self.user.as_ref(), self.key.as_ref())
            == (Some(&session.host), Some(&session.user), Some(&session.key))
    }
}

/// Reads the pointers. Makes nothing on the disk.
pub(super) fn read(paths: &Paths) -> Current {
    let mut warnings = Vec::new();
    let host = named(&paths.last_host(), Host::parse, &mut warnings);
    let port = named(
        &paths.last_port(),
        |port| Ok(port.to_owned()),
        &mut warnings,
    );
    let user = host
        .as_ref()
        .and_then(|host| named(&paths.last_user(host), User::parse, &mut warnings));
    let key = host.as_ref().zip(user.as_ref()).and_then(|(host, user)| {
        let path = paths.last_session(host, user);
        named(&path, SessionKey::parse, &mut warnings)
    });
    let port = port.unwrap_or_else(|| DEFAULT_PORT.to_owned());
    Current {
        host,
        user,
        key,
        port,
        warnings,
    }
}

/// What a pointer names; `None` if it is missing, or cannot be read, which is a warning.
fn named<T>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, NameError>,
    warnings: &mut Vec<Warning>,
) -> Option<T> {
    let read = read_one(path).map_err(|error| error.to_string());
    let name = read.and_then(|text| {
        text.map(|text| parse(&text).map_err(|error| error.to_string()))
            .transpose()
    });
    name.unwrap_or_else(|reason| {
        warnings.push(Warning::Pointer {
            path: path.to_owned(),
            reason,
        });
        None
    })
}

/// The text of a pointer without the white space around it; `None` if missing or empty.
fn read_one(path: &Path) -> io::Result<Option<String>> {
    let Some(contents) = files::read(path, LIMIT)? else {
        return Ok(None);
    };
    let text =
        String::from_utf8(contents.bytes).map_err(|_| io::Error::other("it is not valid UTF-8"))?;
    Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// New contents of all four pointers, written out but not yet in place, so that putting them there
/// under the lock takes four renames and no waiting for the disk.
pub(super) struct Update {
    staged: [Staged; 4],
}

impl Update {
    /// Prepares the pointers; the directories must exist.
    pub(super) fn prepare(
        paths: &Paths,
        host: &Host,
        user: &User,
        key: &SessionKey,
        port: &str,
    ) -> Result<Self, StoreError> {
        let stage = |path: &Path, text: &str| {
            Staged::write(path, text.as_bytes())
                .map_err(|error| StoreError::io("write", path, error))
        };
        // OMERO.py's order, which also decides what a reader without lock may see.
        let staged = [
            stage(&paths.last_host(), host.as_str())?,
            stage(&paths.last_port(), port)?,
            stage(&paths.last_user(host), user.as_str())?,
            stage(&paths.last_session(host, user), key.expose())?,
        ];
        Ok(Self { staged })
    }

    /// Puts the pointers in place. To be called under the lock.
    pub(super) fn commit(self, paths: &Paths) -> Result<(), StoreError> {
        for pointer in self.staged {
            pointer
                .commit()
                .map_err(|error| StoreError::io("update the pointers of", paths.root(), error))?;
        }
        Ok(())
    }
}

/// Writes the pointers of a new store: to the session, or to the server and user of `current`.
pub(super) fn write(
    paths: &Paths,
    current: &Current,
    session: Option<&StoredSession>,
) -> Result<(), StoreError> {
    if let Some(session) = session {
        let StoredSession {
            host, user, key, ..
        } = session;
        return Update::prepare(paths, host, user, key, session.port())?.commit(paths);
    }
    let Some(host) = &current.host else {
        return Ok(());
    };
    let write = |path: &Path, text: &str| {
        Staged::write(path, text.as_bytes())
            .and_then(Staged::commit)
            .map_err(|error| StoreError::io("write", path, error))
    };
    write(&paths.last_host(), host.as_str())?;
    write(&paths.last_port(), &current.port)?;
    if let Some(user) = &current.user {
        files::private_dir(&paths.host(host))?;
        files::private_dir(&paths.user(host, user))?;
        write(&paths.last_user(host), user.as_str())?;
    }
    Ok(())
}

/// Removes the pointer to the last session if it names this one, so that it counts as logged out.
/// To be called under the lock.
pub(super) fn forget(
    paths: &Paths,
    host: &Host,
    user: &User,
    key: &SessionKey,
) -> Result<(), StoreError> {
    let path = paths.last_session(host, user);
    // An unreadable pointer names nothing that we could compare: it stays.
    if !matches!(read_one(&path), Ok(Some(text)) if text == key.expose()) {
        return Ok(());
    }
    files::remove(&path)
        .map(|_| ())
        .map_err(|error| StoreError::io("remove", &path, error))
}
