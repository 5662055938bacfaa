//! The command line of the plugin.

use omero_plugin_api::{
    clap::{Arg, ArgAction, Command},
    uses_session,
};

/// The whole tree.
pub fn command() -> Command {
    let word = |id: &'static str| Arg::new(id).required(true).value_name("WORD");
    let times = || {
        Arg::new("times")
            .short('t')
            .long("times")
            .default_value("1")
    };
    Command::new("hello")
        .about("Try everything that the host offers")
        .subcommand_required(true)
        .subcommand(
            Command::new("say")
                .about("Greet")
                .arg(Arg::new("name").default_value("world").value_name("NAME"))
                .arg(times())
                .arg(
                    Arg::new("loud")
                        .short('l')
                        .long("loud")
                        .action(ArgAction::SetTrue),
                ),
        )
        .subcommand(
            uses_session(Command::new("who").about("Greet the user of the session")).arg(times()),
        )
        .subcommand(key())
        .subcommand(Command::new("ask").about("Ask for a line"))
        .subcommand(Command::new("secret").about("Ask for a secret and say how long it is"))
        .subcommand(
            Command::new("env")
                .about("Show an environment variable")
                .arg(word("name")),
        )
        .subcommand(
            Command::new("config")
                .about("Show a configuration value")
                .arg(word("key")),
        )
        .subcommand(Command::new("data").about("Show the data directory"))
        .subcommand(Command::new("host").about("Show what the host is capable of"))
        .subcommand(
            uses_session(Command::new("options").about("Show what the host left of the arguments"))
                .arg(Arg::new("words").num_args(0..)),
        )
        .subcommand(exec())
        .subcommand(ingest())
        .subcommand(Command::new("fail").about("Fail with code 523, a hint and a detail"))
        .subcommand(
            Command::new("work").about("Take a while").arg(
                Arg::new("milliseconds")
                    .default_value("1500")
                    .value_name("MILLISECONDS"),
            ),
        )
        .subcommand(Command::new("wait").about("Work until Ctrl-C"))
        .subcommand(
            Command::new("invoke")
                .about("Run another command of omero")
                .arg(word("words").num_args(1..).last(true)),
        )
}

/// Everything behind the name of a program is that program's.
fn exec() -> Command {
    uses_session(Command::new("exec").about("Show the words of another program")).arg(
        Arg::new("program")
            .required(true)
            .value_name("WORD")
            .num_args(1..)
            .trailing_var_arg(true)
            .allow_hyphen_values(true),
    )
}

/// Options that have names of the host's.
fn ingest() -> Command {
    let key = Arg::new("key").long("key").short('q').alias("server");
    uses_session(Command::new("ingest").about("Show options that the host has too"))
        .arg(Arg::new("path").long("path").value_name("DIR"))
        .arg(key.value_name("KEY"))
}

fn key() -> Command {
    uses_session(Command::new("key").about("Show the key of the session"))
}
