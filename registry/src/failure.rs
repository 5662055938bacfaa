//! Constructors of failures.

use std::{fmt::Display, path::Path};

use omero_registry_protocol::{Failure, FailureKind};

/// A request that cannot be fulfilled.
pub fn failed(message: impl Display) -> Failure {
    of(FailureKind::Failed, message)
}

/// A hash, signature, serial or expiry that is wrong.
pub fn untrusted(message: impl Display) -> Failure {
    of(FailureKind::Untrusted, message)
}

/// A server, file or program that cannot be reached.
pub fn unreachable(message: impl Display) -> Failure {
    of(FailureKind::Unreachable, message)
}

/// Nothing that fits.
pub fn unusable(message: impl Display) -> Failure {
    of(FailureKind::Unusable, message)
}

/// A failure of any kind.
pub fn of(kind: FailureKind, message: impl Display) -> Failure {
    Failure {
        kind,
        message: message.to_string(),
        hint: String::new(),
    }
}

/// A failure with a file or directory.
pub fn with_file(what: &str, path: &Path, reason: impl Display) -> Failure {
    failed(format!("{} {what}: {reason}", path.display()))
}

/// Adds what to do about it.
pub trait Hint {
    /// The same with a hint.
    fn hint(self, hint: impl Display) -> Self;
}

impl Hint for Failure {
    fn hint(mut self, hint: impl Display) -> Self {
        self.hint = hint.to_string();
        self
    }
}
