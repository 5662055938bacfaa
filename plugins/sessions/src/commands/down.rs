//! Servers that did not answer, so that a command for all stored sessions waits for each once only.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{client::ClientError, ice::IceError, store::StoredSession};

/// A host and the port that is stored with it.
type Server = (String, Option<String>);

/// The servers that nobody need try again in this run, with what is known about them. Waiting for
/// one that is down takes seconds, and there may be hundreds of sessions on it.
#[derive(Debug)]
pub struct Down<T>(Mutex<HashMap<Server, T>>);

impl<T> Default for Down<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Down<T> {
    /// What is known, if the session's server is one of them.
    pub fn answer(&self, stored: &StoredSession) -> Option<T> {
        let servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        servers.get(&server(stored)).cloned()
    }

    /// Adds the session's server.
    pub fn remember(&self, stored: &StoredSession, known: T) {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        servers.insert(server(stored), known);
    }
}

fn server(stored: &StoredSession) -> Server {
    (
        stored.host.as_str().to_owned(),
        stored.properties.port.clone(),
    )
}

/// Whether a failure is that of the server as a whole, before it was asked anything.
pub fn is_of_server<T>(outcome: &Result<T, ClientError>) -> bool {
    matches!(
        outcome,
        Err(ClientError::Ice(
            IceError::Dns { .. }
                | IceError::Refused { .. }
                | IceError::ConnectTimeout { .. }
                | IceError::Unreachable { .. }
                | IceError::ValidationTimeout { .. }
        ))
    )
}
