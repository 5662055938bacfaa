//! Typed OMERO services on top of the lent session.
//!
//! Each service is a thin value over a [`Session`](crate::Session): it names the operations with
//! their Slice signatures, sends the arguments and reads the results into plain Rust values. What
//! is not here can be called with [`Session::call`](crate::Session::call) and an [`Operation`] of
//! one's own.

mod call_error;
mod operation;

pub use call_error::CallError;
pub use operation::{Mode, Operation};
