//! What authors of `omero` plugins use.
//!
//! A plugin is a `cdylib` with three small files. `src/command.rs` holds its clap command:
//!
//! ```
//! use omero_plugin_api::{clap::Command, uses_session};
//!
//! pub fn command() -> Command {
//!     uses_session(Command::new("hello").about("Greet the user of the session"))
//! }
//! ```
//!
//! `build.rs` turns it into the manifest ([`build`]), and `src/lib.rs` runs it:
//!
//! ```
//! # mod command {
//! #     pub fn command() -> omero_plugin_api::clap::Command {
//! #         omero_plugin_api::clap::Command::new("hello")
//! #     }
//! # }
//! use omero_plugin_api::{Context, Error, clap::ArgMatches};
//!
//! fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
//!     let session = ctx.session()?;
//!     ctx.line(format_args!("Hello {}", session.info().user))
//! }
//! // omero_plugin_api::export_plugin!(command::command, run);
//! ```
//!
//! The plugin never sees a password: the host lends it a [`Session`] that the session provider
//! made. Rooms: [`context`] (what the host offers), [`session`] (the lent session and its raw
//! calls), [`services`] (typed OMERO services), [`mod@slice`] (the encoding underneath), [`table`],
//! [`manifest`] and [`build`], [`questions`] (completion); and `testing`, behind the feature of
//! that name, for a plugin's own tests.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

#[cfg(feature = "build")]
pub mod build;
#[cfg(feature = "runtime")]
mod call;
#[cfg(feature = "runtime")]
pub mod context;
#[cfg(feature = "runtime")]
pub mod error;
#[cfg(feature = "runtime")]
#[doc(hidden)]
pub mod export;
pub mod manifest;
#[cfg(feature = "runtime")]
mod panics;
#[cfg(feature = "runtime")]
pub mod provider;
pub mod questions;
#[cfg(feature = "runtime")]
pub mod services;
#[cfg(feature = "runtime")]
pub mod session;
#[cfg(feature = "runtime")]
pub mod slice;
pub mod style;
#[cfg(feature = "runtime")]
pub mod table;
#[cfg(feature = "testing")]
pub mod testing;
mod uses_session;
#[cfg(feature = "runtime")]
pub mod value;

pub use clap;
pub use uses_session::uses_session;

#[cfg(feature = "runtime")]
pub use crate::{
    context::{Context, Stream},
    error::{Error, Kind},
    session::Session,
};
#[cfg(feature = "runtime")]
pub use omero_plugin_abi::Secret;
