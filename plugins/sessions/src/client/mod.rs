//! OMERO on top of Ice: the Glacier2 router, the session behind it, and what their refusals mean.

mod error;
mod heart;
mod lent;
mod refusal;
mod router;
mod session;

pub use error::ClientError;
pub use lent::Lent;
pub use router::Router;
pub use session::{OmeroSession, Origin};
