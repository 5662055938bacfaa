//! Tests against the real programs of others: the OMERO.py command, ZeroC's `glacier2router` and
//! nginx. They need more than Rust, so they run only when asked for:
//!
//! ```text
//! .ci/peers                                                  # once: installs the peers
//! cargo test -p omero-tests --features interop --test interop
//! ```
//!
//! Where a peer cannot be had, a test says loudly that it is skipped; with `CI=true` it fails.
//!
//! OMERO.py refuses to work for root. When the tests run as root, both clients therefore run as
//! `nobody`, with a copy of our binaries that this user can read.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot set its scene has failed"
)]

mod account;
mod certificate;
mod fallback;
mod omero_py;
mod one_store;
mod peers;
mod ports;
mod process;
mod router;
mod same_answers;
mod sandbox;
mod set_up;
mod through_nginx;
mod through_router;
