//! How a call to a server fails.

use crate::{
    Error, Kind,
    slice::{SliceError, UserException, decode_exception},
};

/// Why a call has no result.
///
/// A command that has nothing better to say passes it on with `?`: it turns into an
/// [`Error`](crate::Error) with the server's own sentence.
///
/// ```
/// use omero_plugin_api::{Context, Error, services::Admin};
///
/// fn show(ctx: &Context, group: i64) -> Result<(), Error> {
///     match Admin::of(&ctx.session()?)?.group(group) {
///         Ok(group) => ctx.line(group.name),
///         Err(error) if error.exception("::omero::ApiUsageException").is_some() => {
///             Err(Error::new(503, format!("Unknown group: {group}")))
///         }
///         Err(error) => Err(error.into()),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The operation threw an exception; `::omero::SecurityViolation` for instance.
    #[error("{}", exception_text(.0))]
    Exception(Box<UserException>),
    /// The object is gone, or does not know the operation: an older server or a closed session.
    #[error("the server does not know the {what} of `{operation}`")]
    NotThere {
        /// `object`, `facet` or `operation`.
        what: &'static str,
        /// The operation that was called.
        operation: String,
    },
    /// The server failed inside; the text is its own.
    #[error("the server failed in `{operation}`: {text}")]
    Unknown {
        /// The operation that was called.
        operation: String,
        /// The first line of the server's text.
        text: String,
    },
    /// The caller gave another number of arguments than the operation has.
    #[error("wrong number of arguments for `{0}`")]
    Arguments(String),
    /// The bytes do not follow the Slice encoding.
    #[error("the answer cannot be read: {0}")]
    Slice(#[from] SliceError),
    /// The connection, the session or the host failed.
    #[error(transparent)]
    Session(#[from] Error),
}

impl CallError {
    /// The error that a reply with a status other than 0 stands for.
    ///
    /// What a provider of sessions makes of a reply:
    ///
    /// ```
    /// use omero_plugin_api::services::CallError;
    ///
    /// let object_not_there = 2;
    /// let error = CallError::from_reply(object_not_there, &[], "getGroup");
    /// assert_eq!(error.to_string(), "the server does not know the object of `getGroup`");
    /// ```
    pub fn from_reply(status: u8, body: &[u8], operation: &str) -> Self {
        let operation = operation.to_owned();
        match status {
            1 => match decode_exception(body) {
                Ok((exception, _)) => Self::Exception(Box::new(exception)),
                Err(error) => Self::Slice(error),
            },
            2 => Self::NotThere {
                what: "object",
                operation,
            },
            3 => Self::NotThere {
                what: "facet",
                operation,
            },
            4 => Self::NotThere {
                what: "operation",
                operation,
            },
            _ => Self::Unknown {
                operation,
                text: system_text(body),
            },
        }
    }

    /// The exception, if the operation threw one of this type or a type derived from it.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let refusal = Answer::exception("::omero::SecurityViolation", "not yours");
    /// # let session = FakeSession::new().reply(&admin::LOOKUP_GROUPS, refusal).session();
    /// let Err(error) = Admin::of(&session)?.groups() else {
    ///     panic!("the server refuses");
    /// };
    /// let refusal = error.exception("::omero::SecurityViolation");
    /// assert_eq!(refusal.map(|exception| exception.message()), Some("not yours"));
    /// assert!(error.exception("::omero::ApiUsageException").is_none());
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn exception(&self, id: &str) -> Option<&UserException> {
        match self {
            Self::Exception(exception) if exception.is_a(id) => Some(exception),
            _ => None,
        }
    }

    /// Whether the server says that the session is over.
    ///
    /// ```
    /// use omero_plugin_api::{Error, services::CallError};
    ///
    /// fn explained(error: CallError) -> Error {
    ///     let lost = error.is_session_lost();
    ///     let error = Error::from(error);
    ///     if lost { error.hint("log in again and repeat the command") } else { error }
    /// }
    ///
    /// # let hint_of =
    /// #     |status| explained(CallError::from_reply(status, &[], "getGroup")).hint_text().to_owned();
    /// assert!(hint_of(2).starts_with("log in again")); // The service is gone.
    /// assert_eq!(hint_of(4), ""); // It is too old to know the operation.
    /// ```
    pub fn is_session_lost(&self) -> bool {
        match self {
            Self::Exception(exception) => {
                exception.is_a("::omero::SessionException")
                    || exception.is_a("::Glacier2::SessionNotExistException")
            }
            Self::NotThere { what, .. } => *what == "object",
            _ => false,
        }
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Session(error) => error,
            CallError::Slice(_) => Self::of_kind(Kind::Protocol, 1, error.to_string())
                .hint("the server may be newer than this program knows"),
            other => Self::of_kind(Kind::Server, 1, other.to_string()),
        }
    }
}

impl From<SliceError> for Error {
    fn from(error: SliceError) -> Self {
        Self::from(CallError::Slice(error))
    }
}

fn exception_text(exception: &UserException) -> String {
    let name = exception.id.rsplit("::").next().unwrap_or(&exception.id);
    let text = match exception.message() {
        // An exception without a text gives its own name as message.
        text if text.is_empty() || text == exception.wire_id => name.to_owned(),
        text => format!("{name}: {text}"),
    };
    text.chars().map(harmless).collect()
}

/// Line ends are part of long messages; anything else could steer the terminal.
fn harmless(c: char) -> char {
    if c.is_control() && c != '\n' { ' ' } else { c }
}

/// The first line of a system exception's text: one string with its size before it.
fn system_text(body: &[u8]) -> String {
    let start = match body.first() {
        Some(255) => 5,
        Some(_) => 1,
        None => 0,
    };
    let text = String::from_utf8_lossy(body.get(start..).unwrap_or_default());
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .collect()
}
