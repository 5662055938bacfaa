//! The server as a client on the wire sees it.

mod lifetimes;
mod queries;
mod raw_client;
mod replay;
mod router;
mod security;
mod transports;
mod trouble;
