//! Certificates that could be kept in no file. They are remembered for the rest of the process, so
//! that at least a script or shell notices when the server changes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::KnownServer;

/// By `host:port`: what is known, and why no file holds it.
static UNSAVED: Mutex<BTreeMap<String, (KnownServer, String)>> = Mutex::new(BTreeMap::new());

/// What is known of a server, and why it is kept in no file.
pub(super) fn get(server: &str) -> Option<(KnownServer, String)> {
    let unsaved = UNSAVED.lock().unwrap_or_else(PoisonError::into_inner);
    unsaved.get(server).cloned()
}

/// Remembers a server until the process ends; the first certificate stays.
pub(super) fn keep(server: &str, known: KnownServer, reason: &str) {
    let mut unsaved = UNSAVED.lock().unwrap_or_else(PoisonError::into_inner);
    unsaved
        .entry(server.to_owned())
        .or_insert_with(|| (known, reason.to_owned()));
}
