//! What a refusal of the server means.

use omero_plugin_api::{
    Error,
    services::CallError,
    slice::{SliceError, UserException},
};

use crate::ice::IceError;

/// What a Glacier2 router says when it cannot ask the server.
const ROUTER_TROUBLE: &str = "internal server error";
/// How OMERO's own answer begins when checking the password failed for another reason.
const VERIFIER_TROUBLE: &str = "Internal error. Please contact your administrator";

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server does not accept the password, or the key of an ended session.
    #[error("{0}")]
    Denied(String),
    /// The account or the session was removed.
    #[error("{0}")]
    Removed(String),
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
    /// Whether the server itself said that this session does not exist (any more). Only this, and
    /// never a failing network, may remove a stored session.
    pub fn is_definite(&self) -> bool {
        match self {
            Self::Denied(_) | Self::Removed(_) => true,
            Self::Call(error) => error.exception("::omero::SessionException").is_some(),
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

    /// What an exception of `createSession` means.
    fn from_exception(exception: &UserException) -> Self {
        let text = exception.message().to_owned();
        if exception.is_a("::Glacier2::PermissionDeniedException") {
            let text = if text.is_empty() {
                "permission denied".to_owned()
            } else {
                text
            };
            // The router answers in this way, too, when the server behind it is down or failed. That
            // says nothing of the session or the password.
            let trouble = text == ROUTER_TROUBLE || text.starts_with(VERIFIER_TROUBLE);
            return if trouble {
                Self::Refused(text)
            } else {
                Self::Denied(text)
            };
        }
        let wrapped = |name: &str| {
            exception
                .get("type")
                .is_some_and(|v| v.as_str().is_ok_and(|text| text.ends_with(name)))
        };
        let concurrency = exception
            .get("concurrency")
            .is_some_and(|v| v.as_bool().unwrap_or_default());
        match () {
            () if concurrency => Self::Busy(text),
            () if wrapped("RemovedSessionException") => Self::Removed(text),
            () if exception.is_a("::omero::RemovedSessionException") => Self::Removed(text),
            () if exception.is_a("::omero::SecurityViolation") => Self::Security(text),
            () if text.is_empty() => Self::Refused(short_name(exception).to_owned()),
            () => Self::Refused(text),
        }
    }
}

/// `::omero::AuthenticationException` without its module.
fn short_name(exception: &UserException) -> &str {
    exception.id.rsplit("::").next().unwrap_or(&exception.id)
}

impl From<CallError> for ClientError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Exception(exception) => Self::from_exception(&exception),
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
