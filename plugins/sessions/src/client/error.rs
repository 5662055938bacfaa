//! Why there is no session, or none any more.

use omero_plugin_api::{
    Error, Kind,
    services::CallError,
    slice::{SliceError, UserException},
};

use super::refusal::reason;
use crate::ice::IceError;

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server does not accept user name and password.
    #[error("{0}")]
    Denied(String),
    /// The server itself says that the session has ended, or that its key opens nothing.
    #[error("{0}")]
    Ended(String),
    /// The server's security refused, for instance a group that one does not belong to.
    #[error("{0}")]
    Security(String),
    /// The server is busy or still starting, and says that trying again may help.
    #[error("{0}")]
    Busy(String),
    /// The server refused for another reason.
    #[error("{0}")]
    Refused(String),
    /// The connection could not be made, or was lost.
    #[error(transparent)]
    Ice(#[from] IceError),
    /// A call on the new session failed.
    #[error(transparent)]
    Call(CallError),
}

impl ClientError {
    /// Whether the server itself said that the session has ended. Only this, and never a failing
    /// network or a server in trouble, may remove a stored session.
    pub fn is_session_ended(&self) -> bool {
        matches!(self, Self::Ended(_))
    }

    /// Whether the user asked to stop.
    pub fn is_interruption(&self) -> bool {
        match self {
            Self::Ice(IceError::Interrupted) => true,
            Self::Call(CallError::Session(error)) => error.kind() == Kind::Cancelled,
            _ => false,
        }
    }

    /// Whether trying again soon may help.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Busy(_) | Self::Ice(IceError::ConnectTimeout { .. })
        )
    }

    /// What an exception of a call on an attached session means.
    fn of_call(exception: &UserException) -> Self {
        let text = reason(exception);
        // A server that shuts down calls this a session exception, too.
        let shutdown = exception.is_a("::omero::ShutdownInProgress");
        if exception.is_a("::omero::SessionException") && !shutdown {
            Self::Ended(text)
        } else if exception.is_a("::omero::SecurityViolation") {
            Self::Security(text)
        } else {
            Self::Refused(text)
        }
    }
}

impl From<CallError> for ClientError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Exception(exception) => Self::of_call(&exception),
            other => Self::Call(other),
        }
    }
}

impl From<SliceError> for ClientError {
    fn from(error: SliceError) -> Self {
        Self::Call(error.into())
    }
}

impl From<Error> for ClientError {
    fn from(error: Error) -> Self {
        Self::Call(error.into())
    }
}
