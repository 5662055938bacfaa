//! What the tests of `omero` share: an OMERO server that lives in the test's own process, a
//! sandbox for the real binary, and a terminal to drive it with.

pub mod artifacts;
pub mod https;
#[cfg(unix)]
pub mod machine;
pub mod normalise;
pub mod output;
#[cfg(unix)]
pub mod programs;
pub mod proxy;
#[cfg(unix)]
pub mod pty;
#[cfg(unix)]
pub mod sandbox;
pub mod server;
pub mod waiting;
