//! How strictly servers are verified.

use std::str::FromStr;

/// How strictly servers are verified. `OMERO_TLS_VERIFY` chooses by the names in parentheses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TlsPolicy {
    /// (`strict`) Only certificates that the system's roots trust for the host, or that have been
    /// remembered; nothing new is remembered.
    Strict,
    /// (`first-use`) In addition an unknown server is trusted and remembered.
    #[default]
    FirstUse,
    /// (`off`) Any certificate: somebody in between can read passwords.
    Off,
}

/// A text that names no policy.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("'{0}' is no way to verify servers: OMERO_TLS_VERIFY is strict, first-use or off")]
pub struct PolicyError(String);

impl FromStr for TlsPolicy {
    type Err = PolicyError;

    /// An unset variable is the caller's matter; an empty text is refused as any other.
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        match text {
            "strict" => Ok(Self::Strict),
            "first-use" => Ok(Self::FirstUse),
            "off" => Ok(Self::Off),
            _ => Err(PolicyError(text.to_owned())),
        }
    }
}
