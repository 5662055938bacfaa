//! The Slice encoding: pure functions on bytes.
