//! What `omero errors` takes.

use clap::{Arg, Command, value_parser};

/// The clap command.
pub fn describe(command: Command) -> Command {
    command
        .after_help(
            "Each line: the documented code, who uses it, the status with which the process exits \
             (the code modulo 256), and when it happens.",
        )
        .arg(
            Arg::new("length")
                .long("length")
                .value_name("N")
                .default_value("50")
                .value_parser(value_parser!(usize))
                .help("Cut descriptions that are longer"),
        )
        .arg(
            Arg::new("plugin")
                .value_name("PLUGIN")
                .num_args(0..)
                .help("Only the codes of these plugins; `omero` is the host"),
        )
}
