//! What can go wrong between this program and a server.

use std::time::Duration;

use crate::trust::TrustError;

/// Who has to act before a failed connection or call can succeed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blame {
    /// The address names nothing that answers, or the network between is down.
    Network,
    /// The other side does not keep to the protocol, or is no OMERO server.
    Server,
    /// The server's certificate is not the expected one: a person has to decide.
    Trust,
    /// The user stopped the program.
    User,
    /// This program asked for something that cannot be sent.
    Caller,
}

/// Why a connection could not be made, ended, or a call did not come back.
///
/// Cloning is cheap: one lost connection fails every outstanding call. No text holds passwords,
/// session keys or parameters.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IceError {
    /// The host name is not known.
    #[error("cannot find the host '{host}': {reason}")]
    Dns {
        /// As given by the user.
        host: String,
        /// The resolver's words.
        reason: String,
    },
    /// The host answers, but nothing listens on the port.
    #[error("no server runs at {host}:{port}: connection refused")]
    Refused {
        /// As given by the user.
        host: String,
        /// The TCP port.
        port: u16,
    },
    /// The host did not answer in time.
    #[error("{host}:{port} did not answer within {} s", .limit.as_secs_f32())]
    ConnectTimeout {
        /// As given by the user.
        host: String,
        /// The TCP port.
        port: u16,
        /// The time that was waited for.
        limit: Duration,
    },
    /// There is no way to the host.
    #[error("cannot reach {host}:{port}: {reason}")]
    Unreachable {
        /// As given by the user.
        host: String,
        /// The TCP port.
        port: u16,
        /// The operating system's words.
        reason: String,
    },
    /// The proxy that the environment names refused, or could not be used. Holds no password.
    #[error("the proxy {proxy} {what}")]
    Proxy {
        /// Its host, its port, and the variable that names it.
        proxy: String,
        /// What happened.
        what: String,
    },
    /// A variable does not name a proxy. Its value may be a password, so it is not shown.
    #[error("{0}")]
    ProxySetting(String),
    /// The two sides could not agree on encryption.
    #[error("no encrypted connection: {0}")]
    Tls(String),
    /// The server's certificate is not trusted; nothing has been sent to it.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The server does not upgrade HTTP to a WebSocket, or breaks its rules.
    #[error("no WebSocket connection: {0}")]
    WebSocket(String),
    /// Something answers, but not an Ice server.
    #[error("the server does not speak Ice (it said {first}): {hint}")]
    NotIce {
        /// The first bytes, readable and harmless.
        first: String,
        /// What is likely wrong.
        hint: &'static str,
    },
    /// The connection was accepted, but the server did not greet.
    #[error(
        "{host}:{port} accepted the connection but said nothing within {} s: wrong port, or an \
         encrypted port spoken to without encryption (or the reverse)", .limit.as_secs_f32()
    )]
    ValidationTimeout {
        /// As given by the user.
        host: String,
        /// The TCP port.
        port: u16,
        /// The time that was waited for.
        limit: Duration,
    },
    /// The connection broke: a call may or may not have been run.
    #[error("the connection to the server was lost: {0}")]
    ConnectionLost(String),
    /// The server closed the connection in good order: outstanding calls have not been run.
    #[error("the server closed the connection")]
    ClosedByPeer,
    /// This side closed the connection.
    #[error("the connection is closed")]
    Closed,
    /// No reply in time; the connection itself still stands.
    #[error("the server did not answer within {} s", .limit.as_secs_f32())]
    Timeout {
        /// The time that was waited for.
        limit: Duration,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The server broke the rules of the protocol.
    #[error("the server sent what this program does not understand: {0}")]
    Protocol(String),
    /// The server sent more than this program takes.
    #[error("the server sent a {what} of {size} bytes, more than the limit of {limit}")]
    LimitExceeded {
        /// What is too big.
        what: &'static str,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// This program cannot send such a request.
    #[error("cannot send the request: {0}")]
    Request(String),
    /// The operating system refused something local, such as a thread.
    #[error("cannot use the network: {0}")]
    Local(String),
}

impl IceError {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Dns { .. }
            | Self::Refused { .. }
            | Self::ConnectTimeout { .. }
            | Self::Unreachable { .. }
            | Self::Proxy { .. }
            | Self::ConnectionLost(_)
            | Self::Timeout { .. } => Blame::Network,
            Self::Tls(_)
            | Self::WebSocket(_)
            | Self::NotIce { .. }
            | Self::ValidationTimeout { .. }
            | Self::ClosedByPeer
            | Self::Protocol(_)
            | Self::LimitExceeded { .. } => Blame::Server,
            Self::Trust(_) => Blame::Trust,
            Self::Interrupted => Blame::User,
            Self::Closed | Self::Request(_) | Self::Local(_) | Self::ProxySetting(_) => {
                Blame::Caller
            }
        }
    }
}
