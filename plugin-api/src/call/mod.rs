//! One call to the server: what is called, and what can go wrong. Both the session and the typed
//! services are written with these; authors find them in [`crate::services`].

mod error;
mod operation;

pub use error::CallError;
pub use operation::{Mode, Operation};
