//! Whom do we talk to: certificates, and the servers whose certificates are remembered.
//!
//! A certificate that the system's roots trust for the host is accepted; any other is trusted on
//! first use and remembered, as ssh does. A later change is refused before anything is sent.

mod der;
mod error;
mod fingerprint;
mod known_servers;
mod policy;
mod roots;
mod setup;
mod signature;
#[cfg(test)]
mod tests;
mod verifier;

pub use error::TrustError;
pub use fingerprint::Fingerprint;
pub use known_servers::{KnownServer, KnownServers, PinFile, TrustedBy};
pub use policy::TlsPolicy;
pub(crate) use setup::TlsSetup;
pub use setup::{ServerTrust, TlsOptions};
