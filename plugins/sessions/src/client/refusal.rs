//! What a server's refusal of `createSession` means.
//!
//! The router asks two parts of the server: the permissions verifier checks user and password, and
//! the session manager then makes or finds the session. A session key is sent as user *and*
//! password, so the same answer means different things: to a login with a password, "permission
//! denied" is a wrong password and the session manager's refusal is about group or account; to
//! joining by key, both say that this key opens nothing any more. Neither is said by a server that
//! is busy, or by a router that cannot reach its server.

use omero_plugin_api::slice::UserException;

use super::ClientError;

/// What a Glacier2 router answers, in place of the verifier or the session manager, if it cannot
/// reach them.
const ROUTER_TROUBLE: &str = "internal server error";
/// How the verifier's answer begins if checking the password failed for another reason than the
/// password.
const VERIFIER_TROUBLE: &str = "Internal error. Please contact your administrator";

/// Java exceptions, by their simple names, that tell of the state of the server and not of the
/// session that was asked for.
const SERVER_TROUBLE: [&str; 13] = [
    "ConcurrencyException",
    "ConcurrentModification",
    "DatabaseBusyException",
    "InternalException",
    "LockTimeout",
    "NoAvailableLicensesException",
    "OptimisticLockException",
    "OverUsageException",
    "ResourceError",
    "ServerError",
    "ShutdownInProgress",
    "TooManyUsersException",
    "TryAgain",
];

/// A refusal of `createSession`, with the server's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The permissions verifier does not accept user and password.
    Credentials(String),
    /// The session manager makes or finds no session. `class` is the simple name of the exception
    /// behind it, empty if the router passed on the reason only.
    Session {
        /// For instance `ApiUsageException`.
        class: String,
        /// For instance `Can't find default group for …`.
        reason: String,
    },
    /// The server is busy and says that trying again may help.
    Busy(String),
    /// The router cannot reach the server, or the server failed.
    Trouble(String),
}

impl Refusal {
    /// Classifies an exception of `createSession`.
    pub(super) fn of(exception: &UserException) -> Self {
        let reason = reason(exception);
        if exception.is_a("::Glacier2::PermissionDeniedException") {
            let trouble = reason == ROUTER_TROUBLE || reason.starts_with(VERIFIER_TROUBLE);
            return if trouble {
                Self::Trouble(reason)
            } else {
                Self::Credentials(reason)
            };
        }
        let back_off = exception.get("backOff").and_then(|v| v.as_long().ok());
        let concurrency = exception.get("concurrency").and_then(|v| v.as_bool().ok());
        if concurrency == Some(true) || back_off.is_some_and(|time| time > 0) {
            return Self::Busy(reason);
        }
        let wrapped = exception.get("type").and_then(|v| v.as_str().ok());
        let class = match wrapped.filter(|class| !class.is_empty()) {
            // `ome.conditions.ApiUsageException`; anything else, such as `java.` or
            // `org.hibernate.`, is a failure inside the server.
            Some(class) if class.starts_with("ome.") || class.starts_with("omero.") => {
                class.rsplit('.').next().unwrap_or_default()
            }
            Some(_) => return Self::Trouble(reason),
            None if exception.wire_id == "::Glacier2::CannotCreateSessionException" => "",
            None => short_name(exception),
        };
        if reason == ROUTER_TROUBLE || SERVER_TROUBLE.contains(&class) {
            return Self::Trouble(reason);
        }
        Self::Session {
            class: class.to_owned(),
            reason,
        }
    }

    /// What it means to a login with user name and password.
    pub(super) fn of_login(self) -> ClientError {
        match self {
            Self::Credentials(reason) => ClientError::Denied(reason),
            Self::Session { class, reason } if class == "RemovedSessionException" => {
                ClientError::Ended(reason)
            }
            Self::Session { reason, .. } | Self::Trouble(reason) => ClientError::Refused(reason),
            Self::Busy(reason) => ClientError::Busy(reason),
        }
    }

    /// What it means to joining a session by its key.
    pub(super) fn of_join(self) -> ClientError {
        match self {
            Self::Credentials(reason) | Self::Session { reason, .. } => ClientError::Ended(reason),
            Self::Busy(reason) => ClientError::Busy(reason),
            Self::Trouble(reason) => ClientError::Refused(reason),
        }
    }
}

/// The server's words; the name of the exception if it has none.
pub(super) fn reason(exception: &UserException) -> String {
    match exception.message() {
        text if text == exception.wire_id => short_name(exception).to_owned(),
        text => text.to_owned(),
    }
}

/// `::omero::AuthenticationException` without its module.
fn short_name(exception: &UserException) -> &str {
    let id = &exception.wire_id;
    id.rsplit("::").next().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use omero_plugin_api::slice::{Encoder, Encoding, Graph, Value, decode_exception};

    use super::*;

    const WRAPPED: &str = "::omero::WrappedCreateSessionException";
    const PLAIN: &str = "::Glacier2::CannotCreateSessionException";
    const DENIED: &str = "::Glacier2::PermissionDeniedException";

    fn exception(id: &str, members: &[(&'static str, Value)]) -> UserException {
        let mut encoder = Encoder::new(Encoding::V1_1);
        let graph = Graph::new();
        encoder.user_exception(id, members, &graph, false).unwrap();
        decode_exception(&encoder.finish()).unwrap().0
    }

    fn with_reason(id: &str, reason: &str) -> UserException {
        exception(id, &[("reason", reason.into())])
    }

    fn wrapped(class: &str, reason: &str, concurrency: bool, back_off: i64) -> UserException {
        exception(
            WRAPPED,
            &[
                ("reason", reason.into()),
                ("concurrency", concurrency.into()),
                ("backOff", back_off.into()),
                ("type", class.into()),
            ],
        )
    }

    /// The names of the two meanings: of a login, of joining by key.
    fn meanings(exception: &UserException) -> [&'static str; 2] {
        let refusal = Refusal::of(exception);
        [refusal.clone().of_login(), refusal.of_join()].map(|error| match error {
            ClientError::Denied(_) => "denied",
            ClientError::Ended(_) => "ended",
            ClientError::Busy(_) => "busy",
            ClientError::Refused(_) => "refused",
            _ => "another",
        })
    }

    #[test]
    fn verifier_and_session_manager_end_a_key_whatever_their_words() {
        for (exception, of_login) in [
            (
                with_reason(DENIED, "Password check failed for 'x': []"),
                "denied",
            ),
            (with_reason(DENIED, "nein"), "denied"),
            (with_reason(DENIED, ""), "denied"),
            (
                with_reason(PLAIN, "Can't find default group for x"),
                "refused",
            ),
            (with_reason(PLAIN, "other words"), "refused"),
            (with_reason(PLAIN, ""), "refused"),
            (
                with_reason("::omero::AuthenticationException", "no"),
                "refused",
            ),
            (
                with_reason("::omero::ExpiredCredentialException", "no"),
                "refused",
            ),
            (
                wrapped("ome.conditions.ApiUsageException", "x", false, -1),
                "refused",
            ),
            (
                wrapped("ome.conditions.SecurityViolation", "x", false, 0),
                "refused",
            ),
            (
                wrapped("ome.conditions.SessionTimeoutException", "", false, -1),
                "refused",
            ),
            (wrapped("omero.ApiUsageException", "", false, -1), "refused"),
            (wrapped("", "no class", false, -1), "refused"),
            (
                wrapped("ome.conditions.RemovedSessionException", "x", false, -1),
                "ended",
            ),
        ] {
            assert_eq!(meanings(&exception), [of_login, "ended"], "{exception:?}");
        }
    }

    #[test]
    fn busy_servers_end_nothing() {
        for exception in [
            wrapped("ome.conditions.DatabaseBusyException", "later", true, 500),
            wrapped("ome.conditions.ApiUsageException", "later", true, -1),
            wrapped("ome.conditions.ApiUsageException", "later", false, 500),
        ] {
            assert_eq!(meanings(&exception), ["busy", "busy"], "{exception:?}");
        }
    }

    #[test]
    fn servers_in_trouble_end_nothing() {
        for exception in [
            with_reason(DENIED, "internal server error"),
            with_reason(PLAIN, "internal server error"),
            with_reason(
                DENIED,
                "Internal error. Please contact your administrator:\nno route to database",
            ),
            wrapped("ome.conditions.InternalException", "x", false, -1),
            wrapped("ome.conditions.TooManyUsersException", "x", false, -1),
            wrapped("java.lang.NullPointerException", "", false, -1),
            wrapped(
                "org.hibernate.exception.JDBCConnectionException",
                "x",
                false,
                -1,
            ),
            wrapped("ome.conditions.ShutdownInProgress", "x", false, -1),
            exception(
                "::omero::InternalException",
                &[("message", "out of memory".into())],
            ),
        ] {
            assert_eq!(
                meanings(&exception),
                ["refused", "refused"],
                "{exception:?}"
            );
        }
    }

    #[test]
    fn exception_without_words_is_told_by_its_name() {
        let named = Refusal::of(&with_reason("::omero::AuthenticationException", ""));
        assert_eq!(named.of_join().to_string(), "AuthenticationException");
    }
}
