//! What `omero config` takes.

use clap::{Arg, Command};

use crate::configuration::keys;

/// The clap command.
pub fn describe(command: Command) -> Command {
    let key = || {
        Arg::new("key")
            .value_name("KEY")
            .required(true)
            .help("The key; parts of a key follow after a dot: aliases.prod")
    };
    let names: Vec<String> = keys::KEYS
        .iter()
        .map(|key| format!("  {:<18}{}", key.name, key.about))
        .collect();
    command
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .after_help(format!("Keys:\n{}", names.join("\n")))
        .subcommand(Command::new("path").about("Print the path of the configuration file"))
        .subcommand(Command::new("list").about("Print everything that is set, as KEY=VALUE"))
        .subcommand(
            Command::new("get")
                .about("Print a value; exit code 1 if it is not set")
                .arg(key()),
        )
        .subcommand(
            Command::new("set").about("Set a value").arg(key()).arg(
                Arg::new("value")
                    .value_name("VALUE")
                    .required(true)
                    .allow_hyphen_values(true)
                    .help("A text; [A, B] for a list"),
            ),
        )
        .subcommand(
            Command::new("unset")
                .about("Remove a value; exit code 1 if it is not set")
                .arg(key()),
        )
        .subcommand(
            Command::new("edit").about("Edit the file with $VISUAL or $EDITOR, and check it"),
        )
}
