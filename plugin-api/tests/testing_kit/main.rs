//! The test kit for plugin authors, tried on small commands.

mod completion;
mod context;
mod forgotten;
mod outcome;

use omero_plugin_api::{
    Context, Error,
    clap::{Arg, ArgMatches, Command},
    testing::Harness,
};

type Body = fn(&Context, &ArgMatches) -> Result<(), Error>;

/// A harness for a command `try [WORD]...`.
fn harness(body: Body) -> Harness {
    Harness::new(command, body)
}

fn command() -> Command {
    Command::new("try").arg(Arg::new("word").num_args(0..))
}
