//! What authors of `omero` plugins use.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

#[cfg(feature = "runtime")]
pub mod slice;
