//! What `omero help` takes.

use clap::{Arg, ArgAction, Command};

/// The clap command.
pub fn describe(command: Command) -> Command {
    let flag = |id: &'static str, help: &'static str| {
        Arg::new(id).long(id).action(ArgAction::SetTrue).help(help)
    };
    command
        .arg(flag("all", "Show the help of every command and topic").conflicts_with("topic"))
        .arg(flag("list", "List commands and subcommands").conflicts_with("topic"))
        .arg(flag("recursive", "Show the help of the subcommands too"))
        .arg(
            Arg::new("topic")
                .num_args(0..)
                .value_name("COMMAND")
                .help("A command with its subcommands, or one of the topics debug, env, sudo"),
        )
}
