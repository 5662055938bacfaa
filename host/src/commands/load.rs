//! What `omero load` takes.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

/// The clap command.
pub fn describe(command: Command) -> Command {
    command
        .long_about(
            "Run the commands of scripts, one a line, over one session\n\n\
             Words are quoted as in the POSIX shell; blank lines and lines that begin with # are \
             passed over. The script stops at the first command that fails and ends with its exit \
             status; with -k all commands are run and the exit status is 0.",
        )
        .arg(
            Arg::new("glob")
                .short('g')
                .long("glob")
                .action(ArgAction::SetTrue)
                .help("Take the files for patterns, and run what they match sorted by name"),
        )
        .arg(
            Arg::new("keep-going")
                .short('k')
                .long("keep-going")
                .action(ArgAction::SetTrue)
                .help("Go on after a command that failed"),
        )
        .arg(
            Arg::new("execute")
                .short('e')
                .long("execute")
                .value_name("COMMAND")
                .action(ArgAction::Append)
                .allow_hyphen_values(true)
                .conflicts_with_all(["file", "glob"])
                .help("Run this command instead of a script; may be repeated"),
        )
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .num_args(0..)
                .value_parser(value_parser!(PathBuf))
                .value_hint(clap::ValueHint::FilePath)
                .help("Scripts; none, or -, is standard input"),
        )
        .after_help(
            "Examples:\n  \
             omero load nightly.omero\n  \
             omero -s example.org -k \"$KEY\" load report.omero\n  \
             generate-commands | omero load -k\n\n\
             A file that begins with #!/usr/bin/env -S omero load is a program of its own.",
        )
}
