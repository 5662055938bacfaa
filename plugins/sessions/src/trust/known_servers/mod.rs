//! The servers whose certificates are remembered.
//!
//! They are kept in `known_servers.yaml` of the user directory. Where that cannot be written, a new
//! server is kept beside the sessions instead, so that it is known at the next connection.

mod access;
mod file;
#[cfg(test)]
mod tests;
mod unsaved;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Fingerprint, TrustError};
pub use file::PinFile;

/// Who decided to trust a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustedBy {
    /// The system's root certificates.
    Roots,
    /// No one: it was the first that was met.
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

/// What came of remembering a certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Remembered {
    /// Whether this certificate is new. Of several handshakes at a time, the first one brings it.
    pub(super) is_new: bool,
    /// The file that holds it and why (a clause), if it is not the first one.
    pub(super) elsewhere: Option<Elsewhere>,
}

/// The files of remembered servers, in the order of lookup. Reading takes no lock: a file changes
/// as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KnownServers {
    files: Vec<PinFile>,
}

/// A file that is used in place of the first one, and why (a clause).
pub type Elsewhere = (PathBuf, String);

impl KnownServers {
    /// These files; the first one that has a server decides about it. None needs to exist.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = PinFile>) -> Self {
        Self {
            files: files.into_iter().collect(),
        }
    }

    /// What is remembered of `server`, a `host:port` as
    /// [`Endpoint::host_port`](crate::ice::Endpoint::host_port) gives it.
    ///
    /// This is the lookup order: the user directory, then the session directory, then what this
    /// process could keep nowhere.
    ///
    /// # Errors
    ///
    /// As [`KnownServers::list`].
    pub fn get(&self, server: &str) -> Result<Option<KnownServer>, TrustError> {
        for file in &self.files {
            if let Some(known) = file.read()?.remove(server) {
                return Ok(Some(known));
            }
        }
        Ok(unsaved::get(server).map(|(known, _)| known))
    }

    /// All remembered servers.
    ///
    /// # Errors
    ///
    /// [`TrustError::Store`] if a file is there but cannot be read, makes no sense, or can be
    /// written by others. A file that cannot be reached, because a directory on the way may not be
    /// entered, counts as absent.
    pub fn list(&self) -> Result<Servers, TrustError> {
        let mut all = Servers::new();
        for file in self.files.iter().rev() {
            all.extend(file.read()?);
        }
        Ok(all)
    }

    /// Why the certificate of this server, which was trusted on first use, is kept in no file.
    pub(super) fn unsaved_reason(&self, server: &str) -> Option<String> {
        let (_, reason) = unsaved::get(server)?;
        let is_kept = self.list().is_ok_and(|all| all.contains_key(server));
        (!is_kept).then_some(reason)
    }

    /// How the certificate of a server differs from the remembered one, or why that cannot be told;
    /// a clause.
    pub(super) fn mismatch(&self, server: &str, offered: Fingerprint) -> Option<String> {
        match self.get(server) {
            Ok(known) => {
                let remembered = known.map(|known| known.fingerprint);
                let other = remembered.filter(|remembered| *remembered != offered)?;
                Some(format!("its certificate is {offered} instead of {other}"))
            }
            Err(error) => Some(format!("what is remembered of it is unknown ({error})")),
        }
    }

    /// Who else could remove what is remembered, one sentence for each file.
    pub(super) fn exposures(&self) -> Vec<String> {
        self.files.iter().filter_map(PinFile::exposure).collect()
    }

    /// Remembers a certificate because the user said so, whatever was remembered before. Returns
    /// the file that holds it and why (a clause), if it is not the first one.
    ///
    /// # Errors
    ///
    /// [`TrustError::Store`]; a file that makes no sense stays as it is.
    pub fn accept(
        &self,
        server: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<Elsewhere>, TrustError> {
        let entry = KnownServer::new(fingerprint, TrustedBy::User);
        let insert = |servers: &mut Servers| {
            servers.insert(server.to_owned(), entry.clone());
            Ok(())
        };
        let (index, elsewhere, ()) = self.change_first(server, &insert)?;
        // An older entry would come back if the file before it could not be reached one day.
        for file in &self.files[index + 1..] {
            forget(file, server)?;
        }
        Ok(elsewhere)
    }

    /// Forgets a server, in every file; returns what was remembered.
    ///
    /// # Errors
    ///
    /// As [`KnownServers::accept`].
    pub fn remove(&self, server: &str) -> Result<Option<KnownServer>, TrustError> {
        let known = self.get(server)?;
        for file in &self.files {
            forget(file, server)?;
        }
        Ok(known)
    }

    /// Remembers what a handshake showed, provided that still `expected` is remembered.
    ///
    /// # Errors
    ///
    /// [`TrustError::Changed`] if another program remembered another certificate meanwhile;
    /// [`TrustError::Store`] if it can be kept nowhere. This process remembers it even then.
    pub(super) fn remember(
        &self,
        server: &str,
        expected: Option<Fingerprint>,
        offered: Fingerprint,
        by: TrustedBy,
    ) -> Result<Remembered, TrustError> {
        let update = |servers: &mut Servers| {
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
        };
        match self.change_first(server, &update) {
            Ok((_, elsewhere, is_new)) => Ok(Remembered { is_new, elsewhere }),
            Err(TrustError::Store { path, reason }) => {
                if by == TrustedBy::FirstUse {
                    let known = KnownServer::new(offered, by);
                    unsaved::keep(server, known, &format!("{}: {reason}", path.display()));
                }
                Err(TrustError::Store { path, reason })
            }
            Err(error) => Err(error),
        }
    }

    /// Changes the first file that can be written, but none after the one that has the server.
    /// Returns its index and, unless it is the first one, its path and why (a clause).
    ///
    /// # Errors
    ///
    /// What `change` reports; the reason of the first file if none can be written.
    fn change_first<T>(
        &self,
        server: &str,
        change: &dyn Fn(&mut Servers) -> Result<T, TrustError>,
    ) -> Result<(usize, Option<Elsewhere>, T), TrustError> {
        let mut first_failure = None;
        for (index, file) in self.files.iter().enumerate() {
            let decides = file.read()?.contains_key(server);
            match file.change(change) {
                Ok(done) => {
                    let elsewhere = first_failure.map(|(first, reason): (PathBuf, String)| {
                        let reason = format!("{} cannot be written: {reason}", first.display());
                        (file.path().to_owned(), reason)
                    });
                    return Ok((index, elsewhere, done));
                }
                // Later files are not asked about this server: an entry there would be of no use.
                Err(TrustError::Store { path, reason }) if !decides => {
                    first_failure.get_or_insert((path, reason));
                }
                Err(error) => return Err(error),
            }
        }
        Err(match first_failure {
            Some((path, reason)) => TrustError::Store { path, reason },
            None => {
                let reason = "there is neither a home directory nor a session directory";
                failure(Path::new("known_servers.yaml"), reason)
            }
        })
    }
}

/// Removes a server from one file; a file without it is left alone.
fn forget(file: &PinFile, server: &str) -> Result<(), TrustError> {
    if file.read()?.contains_key(server) {
        file.change(&|servers| Ok(servers.remove(server)))?;
    }
    Ok(())
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
