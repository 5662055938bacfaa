//! The same command line by the real OMERO.py 5.23 and by our binary: exit code, output and session
//! store must be the same, except for the differences that `docs/differences.md` lists.
//!
//! ```text
//! .ci/peers                                                       # once: installs OMERO.py
//! cargo test -p omero-tests --features interop --test side_by_side
//! SIDE_BY_SIDE=login,url-03 cargo test …                          # cases whose id contains a word
//! SIDE_BY_SIDE_PREFIX=/usr/local cargo test …                     # not what cargo builds
//! SIDE_BY_SIDE_WRITE=1 cargo test …                               # renew the table in the docs
//! ```
//!
//! `cases.yaml`, `more.yaml`, `hql.yaml` and `groups.yaml` hold the cases, `differences.yaml` the rows of the table. A difference
//! without a row fails the suite, and so does a row that no case needs any more.
//!
//! Every run has a server of its own at the default port of addresses of its own; both programs find
//! `localhost`, `testhost` and `omero.example.com` there because the library `nss_wrapper` answers
//! their questions for addresses from a file.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot set its scene has failed"
)]

#[path = "../interop/account.rs"]
#[expect(dead_code, reason = "another suite uses the rest")]
mod account;
mod case;
mod compare;
mod dialogue;
mod differences;
mod document;
mod expectation;
mod observed;
#[path = "../interop/peers.rs"]
#[expect(dead_code, reason = "another suite uses the rest")]
mod peers;
mod program;
mod scene;
mod suite;
mod text;
mod world;
