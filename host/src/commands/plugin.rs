//! What `omero plugin` takes.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, ValueHint, value_parser};
use omero_plugin_api::style::Style;

/// The hidden subcommand that loads a library in a process of its own; it is nobody's to type.
pub const TRY: &str = "try-to-load";

/// Adds the subcommands to `omero plugin`.
pub fn describe(command: Command) -> Command {
    let quiet = flag("quiet", "Say nothing but results and errors");
    command
        .subcommand_required(true)
        .arg(quiet.short('q').global(true))
        .subcommands(questions())
        .subcommands(changes())
        .subcommand(new())
        .subcommand(
            sub(TRY, "Load a library and say whether that works")
                .hide(true)
                .arg(path("path", "PATH").required(true)),
        )
}

/// What only shows something.
fn questions() -> [Command; 4] {
    let word = Arg::new("name")
        .required(true)
        .value_name("COMMAND")
        .help("What stands behind `omero`");
    [
        sub("list", "List the plugins on the search path").arg(flag(
            "paths",
            "List the places that are searched, in their order",
        )),
        sub("info", "Show what is known of a plugin").arg(name()),
        sub(
            "which",
            "Show what a command's name means, and what that hides",
        )
        .arg(word),
        sub(
            "doctor",
            "Check everything about plugins, and say what mends it",
        ),
    ]
    .map(|command| command.arg(Style::argument()))
}

fn changes() -> [Command; 4] {
    let source = path("path", "PATH").required(true).help(
        "A plugin library, a .tar.gz of a library or of a cargo project, or the folder of a \
         cargo project",
    );
    [
        sub("install", "Install or update a plugin").arg(source),
        sub("remove", "Remove an installed plugin")
            .arg(name())
            .arg(flag("purge", "Remove the plugin's own data too")),
        sub("enable", "Let a disabled plugin run again").arg(name()),
        sub("disable", "Keep a plugin from running without removing it").arg(name()),
    ]
}

fn new() -> Command {
    sub("new", "Start the project of a new plugin")
        .arg(name())
        .arg(
            path("directory", "DIR")
                .value_hint(ValueHint::DirPath)
                .help("Where to make it (default: omero-NAME)"),
        )
        .arg(
            path("api-path", "PATH")
                .long("api-path")
                .value_hint(ValueHint::DirPath)
                .help(
                    "The folder of the crate omero-plugin-api (default: that of this installation)",
                ),
        )
}

fn sub(name: &'static str, about: &'static str) -> Command {
    Command::new(name).about(about)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

fn name() -> Arg {
    Arg::new("name")
        .required(true)
        .value_name("NAME")
        .help("The plugin's name, which is also its command")
}

fn path(id: &'static str, value: &'static str) -> Arg {
    Arg::new(id)
        .value_name(value)
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::AnyPath)
}
