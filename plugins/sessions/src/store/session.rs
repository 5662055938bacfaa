//! A stored session, and what takes its place in a listing when its file is of no use.

use std::fmt;
use std::time::SystemTime;

use super::error::StoreError;
use super::names::{Host, NameError, SessionKey, User};
use super::properties::{Malformed, Properties};

/// A session as it is, or shall be, in the store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredSession {
    /// The server, as the user wrote it.
    pub host: Host,
    /// The user, as the server reports it.
    pub user: User,
    /// The key; the name of the file, whatever `omero.sess` in it says.
    pub key: SessionKey,
    /// What the file says.
    pub properties: Properties,
    /// When the file was written; the present for one that is not stored yet.
    pub modified: SystemTime,
}

impl StoredSession {
    /// A session that is to be stored under the host, user and key of its properties. Fails if
    /// one of them is missing or not a possible name.
    pub fn new(properties: Properties) -> Result<Self, NameError> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Ok(Self {
            host: Host::parse(&text(&properties.host))?,
            user: User::parse(&text(&properties.user))?,
            key: SessionKey::parse(&text(&properties.session))?,
            properties,
            modified: SystemTime::now(),
        })
    }

    /// The port that the pointers record for it.
    pub fn port(&self) -> &str {
        self.properties
            .port
            .as_deref()
            .unwrap_or(super::pointers::DEFAULT_PORT)
    }
}

/// What a listing finds: a session, or a file or directory that is none and is left alone.
pub type Entry = Result<StoredSession, BadEntry>;

/// Something in the store that is no usable session; the `Display` text goes into a warning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadEntry {
    /// The path, with the last part of it shortened if it may be a key.
    pub at: String,
    /// What is wrong.
    pub reason: Malformed,
}

impl fmt::Display for BadEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "skipped {} in the session store: {}",
            self.at, self.reason
        )
    }
}

impl From<BadEntry> for StoreError {
    fn from(bad: BadEntry) -> Self {
        Self::Malformed {
            at: bad.at,
            reason: bad.reason,
        }
    }
}
