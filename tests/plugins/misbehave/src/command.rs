//! The command line of the plugin.

use omero_plugin_api::clap::Command;

/// The whole tree.
pub fn command() -> Command {
    let sub = |name: &'static str, about: &'static str| Command::new(name).about(about);
    Command::new("misbehave")
        .about("Do what plugins should not do")
        .subcommand_required(true)
        .subcommand(sub("panic", "Panic in the middle of the output"))
        .subcommand(sub("exit", "End the process behind the host's back"))
        .subcommand(sub("print", "Print past the host"))
        .subcommand(sub("block", "Do not react to Ctrl-C"))
        .subcommand(sub("flood", "Write for ever"))
        .subcommand(sub("pipe", "Write to a pipe whose reader has gone"))
        .subcommand(sub("ignore", "Write for ever, whatever comes of it"))
        .subcommand(sub("ignore-errors", "The same on standard error"))
        .subcommand(sub(
            "drip",
            "Write for ever, but slowly, whatever comes of it",
        ))
        .subcommand(sub("leave", "Leave a thread behind that uses the context"))
        .subcommand(sub(
            "show",
            "Wait for that thread and show what it has seen",
        ))
        .subcommand(sub(
            "leave-reading",
            "Leave a thread behind that reads standard input",
        ))
        .subcommand(sub("read", "Read a line of standard input"))
        .subcommand(sub("zero", "Fail with code 512, which is 0 modulo 256"))
        .subcommand(sub("thread", "Panic in a thread of its own"))
        .subcommand(sub(
            "close",
            "Close standard output and error, and open a file",
        ))
        .subcommand(sub(
            "abort",
            "End the process as a failed assertion in C does",
        ))
        .subcommand(sub("crash", "Write where nothing is"))
        .subcommand(sub("nest", "Ask for a session although it makes them"))
}
