//! The servers whose certificates are remembered, in `known_servers.yaml`.

mod file;
mod lock;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Fingerprint, TrustError};
use lock::Lock;

/// Who decided to trust a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustedBy {
    /// The system's root certificates.
    Roots,
    /// Nobody: it was the first that was met.
    FirstUse,
    /// The user, by command.
    User,
}

/// What is remembered of a server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownServer {
    /// Its certificate.
    pub fingerprint: Fingerprint,
    /// Who decided to trust it.
    pub trusted_by: TrustedBy,
    /// When, as an RFC 3339 time in UTC.
    pub since: String,
}

/// The remembered servers, by `host:port`.
pub type Servers = BTreeMap<String, KnownServer>;

/// The file of remembered servers. Reading takes no lock: the file changes as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownServers {
    directory: PathBuf,
}

impl KnownServers {
    /// The file in this directory; neither needs to exist. OMERO's user directory is
    /// `OMERO_USERDIR`, else `~/omero`.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// Where the file is, or would be.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.join("known_servers.yaml")
    }

    /// All remembered servers.
    ///
    /// # Errors
    ///
    /// [`TrustError::Store`] if the file cannot be read, makes no sense, or others may write it.
    pub fn list(&self) -> Result<Servers, TrustError> {
        file::read(&self.path())
    }

    /// What is remembered of `server`, a `host:port` as
    /// [`Endpoint::host_port`](crate::ice::Endpoint::host_port) gives it.
    ///
    /// # Errors
    ///
    /// As [`KnownServers::list`].
    pub fn get(&self, server: &str) -> Result<Option<KnownServer>, TrustError> {
        Ok(self.list()?.remove(server))
    }

    /// Remembers a certificate because the user said so, whatever was remembered before; gives
    /// that back.
    ///
    /// # Errors
    ///
    /// [`TrustError::Store`]; a file that makes no sense stays as it is.
    pub fn accept(
        &self,
        server: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<KnownServer>, TrustError> {
        let entry = KnownServer::new(fingerprint, TrustedBy::User);
        self.change(|servers| Ok(servers.insert(server.to_owned(), entry)))
    }

    /// Forgets a server; gives back what was remembered.
    ///
    /// # Errors
    ///
    /// As [`KnownServers::accept`].
    pub fn remove(&self, server: &str) -> Result<Option<KnownServer>, TrustError> {
        if self.get(server)?.is_none() {
            return Ok(None);
        }
        self.change(|servers| Ok(servers.remove(server)))
    }

    /// Remembers what a handshake showed, provided that still `expected` is remembered. Tells
    /// whether that was news: of several handshakes at a time, the first one brings it.
    pub(super) fn remember(
        &self,
        server: &str,
        expected: Option<Fingerprint>,
        offered: Fingerprint,
        by: TrustedBy,
    ) -> Result<bool, TrustError> {
        self.change(|servers| {
            let now = servers.get(server).map(|known| known.fingerprint);
            if now == Some(offered) {
                return Ok(false);
            }
            if let Some(remembered) = now.filter(|_| now != expected && by != TrustedBy::Roots) {
                let server = server.to_owned();
                return Err(TrustError::Changed {
                    server,
                    remembered,
                    offered,
                });
            }
            servers.insert(server.to_owned(), KnownServer::new(offered, by));
            Ok(true)
        })
    }

    /// Reads, changes and writes, with nobody else writing in between.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Servers) -> Result<T, TrustError>,
    ) -> Result<T, TrustError> {
        file::make_directory(&self.directory).map_err(|error| self.failure(&error.to_string()))?;
        let _lock = Lock::take(&self.directory).map_err(|reason| self.failure(&reason))?;
        let mut servers = self.list()?;
        let before = servers.clone();
        let result = change(&mut servers)?;
        if servers != before {
            file::write(&self.path(), &servers)?;
        }
        Ok(result)
    }

    fn failure(&self, reason: &str) -> TrustError {
        failure(&self.path(), reason)
    }
}

impl KnownServer {
    fn new(fingerprint: Fingerprint, trusted_by: TrustedBy) -> Self {
        let now = jiff::Timestamp::now();
        let since = jiff::Timestamp::from_second(now.as_second())
            .unwrap_or(now)
            .to_string();
        Self {
            fingerprint,
            trusted_by,
            since,
        }
    }
}

fn failure(path: &Path, reason: impl ToString) -> TrustError {
    TrustError::Store {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
