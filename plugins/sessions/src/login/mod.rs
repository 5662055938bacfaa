//! From what the user asked for to a session.

pub mod conflict;
pub mod target;
