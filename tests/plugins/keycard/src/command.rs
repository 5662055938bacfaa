//! The command line of the plugin.

use omero_plugin_api::{clap::Command, uses_session};

/// The whole tree.
pub fn command() -> Command {
    Command::new("keycard")
        .about("Make sessions out of a card instead of a password")
        .subcommand_required(true)
        .subcommand(uses_session(
            Command::new("login").about("Say whose card it is"),
        ))
        .subcommand(uses_session(Command::new("logout").about("Eject the card")))
}
