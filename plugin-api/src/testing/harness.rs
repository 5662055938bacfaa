//! What a test prepares for a run of a command.

mod attach;
mod run;
mod user;
mod world;

use clap::{ArgMatches, Command};

pub use attach::Attached;

use super::host::Script;
use crate::{Context, Error};

/// Prepares what a command meets, and runs it. See the [module](super) for a whole example.
///
/// Clones start from the same preparations:
///
/// ```
/// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}};
/// # fn command() -> Command { Command::new("delete") }
/// # fn run(ctx: &Context, _: &ArgMatches) -> Result<(), Error> {
/// #     match ctx.read_line("Sure? ")?.as_deref() {
/// #         Some("y") => ctx.line("Deleted"),
/// #         _ => Err(Error::cancelled()),
/// #     }
/// # }
/// use omero_plugin_api::testing::Harness;
///
/// let delete = Harness::new(command, run);
/// assert_eq!(delete.clone().types("y").run().stdout, "Deleted\n");
/// assert_eq!(delete.clone().types("n").run().code, 1);
/// assert_eq!(delete.interrupts().run().stderr, "Cancelled\n");
/// ```
#[derive(Debug, Clone)]
pub struct Harness {
    command: fn() -> Command,
    body: fn(&Context, &ArgMatches) -> Result<(), Error>,
    script: Script,
}
