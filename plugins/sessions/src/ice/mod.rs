//! The Ice protocol: addresses, messages, transports and the connection on top of them.
//!
//! Knows nothing of OMERO. One reader thread per connection and blocking sockets: a command that
//! lives for fifty milliseconds needs no runtime.

mod cancel;
mod connection;
mod endpoint;
mod error;
pub mod message;
#[cfg(test)]
pub(crate) mod peer;
mod proxy;
mod transport;
mod wire;

pub use cancel::Cancelled;
pub use connection::{Connection, OpenOptions, Pending};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{Blame, IceError};
pub use message::{Failure, RawReply};
pub use proxy::{Proxies, Proxy};
