//! What `omero man` takes.

use clap::{Arg, Command};

/// The clap command.
pub fn describe(command: Command) -> Command {
    command
        .after_help("On a terminal the page is shown by man; elsewhere its source is printed.")
        .arg(
            Arg::new("command")
                .value_name("COMMAND")
                .num_args(0..)
                .help("A command with its subcommands"),
        )
}
