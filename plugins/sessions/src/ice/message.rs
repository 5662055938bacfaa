//! The messages of the Ice protocol 1.0: bytes in, values out, and back.
//!
//! Pure functions without sockets. Every size is checked before it is used (Ice manual, "Protocol
//! Messages"). Batches and compressed bodies, which this client never asks for, are recognised.

mod frame;
mod reply;
mod request;
#[cfg(test)]
mod tests;

pub use frame::{Frame, HEADER_SIZE, Header, Kind, MESSAGE_SIZE_MAX, take_frame};
pub use reply::{Failure, RawReply, Reply};
pub use request::Request;
