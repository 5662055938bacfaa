//! OMERO on top of Ice: the Glacier2 router, the session behind it, and what their refusals mean.

mod connection;
mod error;
mod heart;
mod refusal;
mod router;
mod session;

pub use connection::SharedConnection;
pub use error::ClientError;
pub use router::Router;
pub use session::{OmeroSession, Origin};
