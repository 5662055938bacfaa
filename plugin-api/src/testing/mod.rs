//! A test kit for plugin authors: runs a command without a host and without a server.
//!
//! A [`Harness`] plays the host and a [`FakeSession`] the server. The command runs through the same
//! entry point and the same binary interface as in the real program, and its requests are encoded
//! and decoded as on the wire; only the process and the network are missing.
//!
//! Ask for the feature `testing` in the plugin's `Cargo.toml`:
//!
//! ```toml
//! [dev-dependencies]
//! omero-plugin-api = { version = "0.1", features = ["testing"] }
//! ```
//!
//! ```
//! use omero_plugin_api::{
//!     Context, Error,
//!     clap::{ArgMatches, Command},
//!     services::{Admin, Group, admin},
//!     testing::{Answer, FakeSession, Harness},
//! };
//!
//! // The plugin.
//! fn command() -> Command {
//!     Command::new("groups").about("Count the groups")
//! }
//! fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
//!     let groups = Admin::of(&ctx.session()?)?.groups()?;
//!     ctx.line(format_args!("{} groups", groups.len()))
//! }
//!
//! // Its test.
//! let groups = [Group { id: 0, name: "system".into(), ..Group::default() }];
//! let server = FakeSession::new().reply(&admin::LOOKUP_GROUPS, Answer::groups(&groups));
//! let outcome = Harness::new(command, run).session(server).run();
//! assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "1 groups\n"));
//! assert_eq!(outcome.calls[0].operation, "lookupGroups");
//! ```
//!
//! What a test did not prepare is a mistake in the test or in the command, so [`Harness::run`]
//! panics with a sentence that says what was asked for.

mod answer;
mod call;
mod fake;
mod harness;
mod host;
mod interrupt;
mod model;
mod outcome;
mod problems;
mod progress;

pub use answer::Answer;
pub use call::RecordedCall;
pub use fake::FakeSession;
pub use harness::{Attached, Harness};
pub use outcome::Outcome;
pub use progress::RecordedProgress;
