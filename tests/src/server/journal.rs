//! What happened, for tests to look at afterwards.

use std::sync::{Mutex, MutexGuard, PoisonError};

use omero_plugin_api::slice::Identity;

/// An attempt to get a session from the router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRecord {
    /// User name, or the key of a session.
    pub user: String,
    /// Password, or the same key.
    pub password: String,
    /// Name of the group asked for.
    pub group: Option<String>,
    /// Name of the client program.
    pub agent: Option<String>,
    /// Uuid that the client gave itself.
    pub client: Option<String>,
    /// The session's key when the attempt succeeded.
    pub session: Option<String>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Number of the connection it came on, from 1.
    pub connection: u64,
    /// The object called.
    pub identity: Identity,
    /// The operation called.
    pub operation: String,
    /// The request context.
    pub context: Vec<(String, String)>,
    /// Version of the encoding of the parameters.
    pub encoding: (u8, u8),
    /// Whether the client waits for a reply.
    pub twoway: bool,
}

/// Counts and lists of what clients did.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// Connections accepted so far.
    pub connections: u64,
    /// Connections open now.
    pub open: u64,
    /// Every login or join that was tried.
    pub logins: Vec<LoginRecord>,
    /// Every call in the order of arrival.
    pub calls: Vec<CallRecord>,
    /// Heartbeats received.
    pub heartbeats: u64,
    /// Connections that clients ended with a CloseConnection message.
    pub closed_gracefully: u64,
    /// Replies of clients to requests of the server: request ids and status bytes.
    pub replies: Vec<(i32, u8)>,
    /// Why connections were dropped by the server.
    pub protocol_errors: Vec<String>,
}

impl Events {
    /// Names of the operations called, in order.
    pub fn operations(&self) -> Vec<&str> {
        self.calls
            .iter()
            .map(|call| call.operation.as_str())
            .collect()
    }

    /// How often an operation was called.
    pub fn count(&self, operation: &str) -> usize {
        self.calls
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }
}

/// The events of a running server.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Events>);

impl Journal {
    pub fn write(&self) -> MutexGuard<'_, Events> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
