//! What `omero alias` takes.

use clap::{Arg, Command};
use omero_plugin_api::style::Style;

/// The clap command.
pub fn describe(command: Command) -> Command {
    let name = || Arg::new("name").value_name("NAME").required(true);
    command
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("set")
                .about("Make a word stand for a command")
                .after_help(EXAMPLES)
                .arg(name().help("The new word"))
                .arg(
                    Arg::new("command")
                        .value_name("COMMAND")
                        .required(true)
                        .num_args(1..)
                        .allow_hyphen_values(true)
                        .trailing_var_arg(true)
                        .help("What it stands for: one quoted text, or words"),
                ),
        )
        .subcommand(
            Command::new("list")
                .about("List the aliases")
                .arg(Style::argument()),
        )
        .subcommand(
            Command::new("remove")
                .about("Remove an alias")
                .arg(name().help("The word")),
        )
}

const EXAMPLES: &str = "\
Arguments take the places $1 to $9 and $@ of the command, or follow at its end; $$ is a dollar sign.
Text after ! is run by the shell, with the arguments as its positional parameters.

Examples:
  omero alias set prod '-s prod.example.org login'
  omero alias set imgs 'hql \"select i from Image i where i.id = $1\"'
  omero alias set count '!omero sessions list --style plain | wc -l'";
