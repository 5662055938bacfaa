//! Plugin group.
