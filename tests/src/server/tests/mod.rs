//! The server as a client on the wire sees it.

mod lifetimes;
#[cfg(unix)]
mod program;
mod queries;
mod raw_client;
mod replay;
mod router;
mod security;
mod transports;
mod trouble;
