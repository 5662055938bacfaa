//! End-to-end tests: the real binary, real plugins, a real terminal, and the embedded server over
//! real sockets and TLS.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod seed;
mod stage;
