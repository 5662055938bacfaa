//! Plugin sessions.
