//! Why a server is not talked to.

use std::path::PathBuf;

use super::Fingerprint;

/// Why a server's certificate was refused, or what is remembered could not be read or written.
///
/// Nothing of the user's has been sent to the server.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TrustError {
    /// Another certificate than last time.
    #[error(
        "the certificate of {server} has changed and nothing was sent: remembered {remembered}, \
         now {offered}. Someone may be in between. If the server's administrator confirms the new \
         one, run: omero sessions server accept {server}"
    )]
    Changed {
        /// `host:port`.
        server: String,
        /// The certificate that is expected.
        remembered: Fingerprint,
        /// The certificate that the server showed.
        offered: Fingerprint,
    },
    /// An unknown certificate where unknown ones are not accepted.
    #[error(
        "the certificate of {server} is not trusted and nothing was sent: {reason} (fingerprint \
         {fingerprint}). If the server's administrator confirms it, run: omero sessions server \
         accept {server}"
    )]
    NotTrusted {
        /// `host:port`.
        server: String,
        /// The certificate that the server showed.
        fingerprint: Fingerprint,
        /// Why the system's roots do not vouch for it.
        reason: String,
    },
    /// A certificate that no policy can accept, because it proves nothing.
    #[error(
        "the certificate of {server} cannot be used: {reason}. The server needs a new one (on the \
         server: omero certificates)"
    )]
    Unusable {
        /// `host:port`.
        server: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file of remembered servers could not be read, understood or written.
    #[error("cannot use the file of known servers {}: {reason}", .path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A text is no fingerprint.
    #[error("'{0}' is no SHA-256 fingerprint: 64 hexadecimal digits, with or without colons")]
    NotFingerprint(String),
}
