//! User exceptions that the server raises.

use omero_plugin_api::slice::Value;

/// A user exception: its type id and its members by name, the others being empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Thrown {
    /// Type id, such as `::omero::SecurityViolation`.
    pub type_id: String,
    /// Members that are not empty.
    pub members: Vec<(&'static str, Value)>,
}

impl Thrown {
    /// The password was wrong, or the key dead.
    pub fn permission_denied(reason: &str) -> Self {
        Self::glacier2("::Glacier2::PermissionDeniedException", reason)
    }

    /// The router makes no session.
    pub fn cannot_create_session(reason: &str) -> Self {
        Self::glacier2("::Glacier2::CannotCreateSessionException", reason)
    }

    /// The connection has no session.
    pub fn session_not_exist() -> Self {
        let type_id = "::Glacier2::SessionNotExistException".to_owned();
        Self {
            type_id,
            members: Vec::new(),
        }
    }

    /// Authentication failed inside session creation.
    pub fn authentication(reason: &str) -> Self {
        Self::glacier2("::omero::AuthenticationException", reason)
    }

    /// The password is right but too old.
    pub fn expired_credential(reason: &str) -> Self {
        Self::glacier2("::omero::ExpiredCredentialException", reason)
    }

    /// Session creation failed for a reason that has a Java class of its own.
    pub fn wrapped(class: &str, reason: &str) -> Self {
        Self::glacier2("::omero::WrappedCreateSessionException", reason)
            .with("concurrency", false)
            .with("backOff", -1_i64)
            .with("type", class)
    }

    /// Session creation failed because the server is busy; the client may try again.
    pub fn busy(class: &str, reason: &str, back_off: i64) -> Self {
        Self::glacier2("::omero::WrappedCreateSessionException", reason)
            .with("concurrency", true)
            .with("backOff", back_off)
            .with("type", class)
    }

    /// Any exception of the `ServerError` family, by its name: `SecurityViolation`.
    pub fn server(name: &str, message: &str) -> Self {
        let class = format!("ome.conditions.{name}");
        let trace = format!("{class}: {message}\n\tat omero.test.server(thrown.rs)\n");
        Self {
            type_id: format!("::omero::{name}"),
            members: Vec::new(),
        }
        .with("serverStackTrace", trace)
        .with("serverExceptionClass", class)
        .with("message", message)
    }

    /// The caller may not do this.
    pub fn security(message: &str) -> Self {
        Self::server("SecurityViolation", message)
    }

    /// The caller asked for something that makes no sense.
    pub fn api_usage(message: &str) -> Self {
        Self::server("ApiUsageException", message)
    }

    /// The session is not, or not any more.
    pub fn removed_session(message: &str) -> Self {
        Self::server("RemovedSessionException", message)
    }

    /// The same exception with one more member.
    pub fn with(mut self, member: &'static str, value: impl Into<Value>) -> Self {
        self.members.push((member, value.into()));
        self
    }

    fn glacier2(type_id: &str, reason: &str) -> Self {
        Self {
            type_id: type_id.to_owned(),
            members: Vec::new(),
        }
        .with("reason", reason)
    }
}
