//! The typed services on answers that a real Ice server encoded, and on scripted ones.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, where a panic is a failed test"
)]

mod commands;
mod errors;
mod recorded;
mod rows;
mod typed;
