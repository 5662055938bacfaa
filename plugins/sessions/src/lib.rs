//! Plugin sessions.

pub mod login;
pub mod store;
