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
        .subcommands(versions())
        .subcommand(index())
        .subcommands(authors())
        .subcommand(
            sub(TRY, "Load a library and say whether that works")
                .hide(true)
                .arg(path("path", "PATH").required(true)),
        )
}

/// What only shows something.
fn questions() -> [Command; 6] {
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
        sub("search", "Find plugins in the indexes").arg(
            Arg::new("words")
                .value_name("WORD")
                .num_args(0..)
                .help("Words that the name or the description contains"),
        ),
        sub(
            "outdated",
            "List the plugins of which an index has a newer version",
        ),
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
    let source = path("path", "SOURCE").required_unless_present("git").help(
        "[INDEX/]NAME[@VERSION] of an index, an https:// URL, a plugin library, a .tar.gz, .tar.xz \
         or .zip of a library or of a cargo project, or the folder of a cargo project",
    );
    [
        sub("install", "Install or update a plugin")
            .arg(source)
            .arg(flag(
                "force",
                "Install it even if it hides another plugin, the session provider or a program",
            ))
            .args(install_options()),
        sub("remove", "Remove an installed plugin")
            .arg(name())
            .arg(flag("purge", "Remove the plugin's own data too")),
        sub("enable", "Let a disabled plugin run again").arg(name()),
        sub("disable", "Keep a plugin from running without removing it").arg(name()),
    ]
}

/// How a download is checked.
fn install_options() -> [Arg; 6] {
    [
        text("git", "URL")
            .long("git")
            .conflicts_with("path")
            .help("Build the cargo project in a git repository"),
        text("rev", "REV")
            .long("rev")
            .requires("git")
            .help("The branch or tag of the repository"),
        text("key", "KEY")
            .long("key")
            .help("The public key, or its file, that must have signed the file (minisign)"),
        text("sha256", "HASH")
            .long("sha256")
            .help("The SHA-256 that the file must have"),
        flag(
            "allow-unsigned",
            "Install what is not signed without asking",
        ),
        flag("yes", "Build foreign source code without asking").short('y'),
    ]
}

fn versions() -> [Command; 3] {
    let all = flag("all", "Upgrade every plugin that came from an index");
    [
        sub(
            "upgrade",
            "Install the newest version of a plugin from its index",
        )
        .arg(name().required_unless_present("all").required(false))
        .arg(all.conflicts_with("name")),
        sub("pin", "Keep a plugin from being upgraded")
            .arg(name())
            .arg(flag("off", "Let it be upgraded again")),
        sub(
            "rollback",
            "Install the version again that was there before",
        )
        .arg(name()),
    ]
}

fn index() -> Command {
    let index = || {
        Arg::new("name")
            .value_name("INDEX")
            .help("The name of the index")
    };
    let directory = || {
        path("directory", "DIR")
            .required(true)
            .value_hint(ValueHint::DirPath)
            .help("The directory of the index")
    };
    sub("index", "Manage the indexes that plugins are found in")
        .subcommand_required(true)
        .subcommands([
            sub("add", "Add an index")
                .arg(index().required(true))
                .arg(text("url", "URL").required(true).help(
                    "https://…, file:… or a directory, or a git repository: git+URL or ….git",
                ))
                .arg(
                    text("key", "KEY")
                        .long("key")
                        .required(true)
                        .help("The public key that signs the index, or its file (minisign)"),
                ),
            sub("list", "List the indexes").arg(Style::argument()),
            sub("remove", "Forget an index").arg(index().required(true)),
            sub("update", "Fetch the newest state of an index, or of all").arg(index()),
            sub("sign", "Sign the index in a directory, as its owner")
                .arg(directory())
                .arg(secret_key().required(true))
                .arg(
                    Arg::new("days")
                        .long("days")
                        .value_name("DAYS")
                        .default_value("90")
                        .value_parser(value_parser!(u32).range(1..=3650))
                        .help("How long the signature is valid"),
                ),
            sub(
                "yank",
                "Mark a version in a directory as not to be installed",
            )
            .arg(directory())
            .arg(name())
            .arg(
                text("version", "VERSION")
                    .required(true)
                    .help("Its version"),
            )
            .arg(flag("undo", "Take that back")),
        ])
}

fn authors() -> [Command; 4] {
    [new(), setup(), package(), key()]
}

fn api_path() -> Arg {
    path("api-path", "PATH")
        .long("api-path")
        .value_hint(ValueHint::DirPath)
        .help("The folder of the crate omero-plugin-api (default: that of this installation)")
}

fn setup() -> Command {
    sub(
        "setup",
        "Let cargo find this omero's plugin API from a project",
    )
    .arg(
        path("directory", "DIR")
            .default_value(".")
            .value_hint(ValueHint::DirPath)
            .help("The folder of the project"),
    )
    .arg(api_path())
}

fn package() -> Command {
    sub(
        "package",
        "Make what an author publishes: archive, hash, signature and index entry",
    )
    .arg(
        path("path", "PATH")
            .default_value(".")
            .help("The folder of the project, or a built library"),
    )
    .arg(secret_key())
    .arg(
        path("output", "DIR")
            .long("output")
            .default_value(".")
            .value_hint(ValueHint::DirPath)
            .help("Where to put the files"),
    )
    .arg(
        path("index", "DIR")
            .long("index")
            .value_hint(ValueHint::DirPath)
            .help("The directory of an index to add the plugin to"),
    )
    .arg(
        text("url", "URL").long("url").help(
            "Where the archive will be downloaded from (default: the directory of the index)",
        ),
    )
}

fn key() -> Command {
    sub("key", "Make a key pair to sign plugins and indexes with")
        .arg(
            path("path", "FILE")
                .required(true)
                .help("The file of the secret key; the public key goes into FILE.pub"),
        )
        .arg(flag(
            "no-password",
            "Store the secret key without a password",
        ))
}

fn secret_key() -> Arg {
    path("key", "FILE")
        .long("key")
        .help("The secret key to sign with (minisign)")
}

fn new() -> Command {
    sub("new", "Start the project of a new plugin")
        .arg(name())
        .arg(
            path("directory", "DIR")
                .value_hint(ValueHint::DirPath)
                .help("Where to make it (default: omero-NAME)"),
        )
        .arg(api_path())
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

fn text(id: &'static str, value: &'static str) -> Arg {
    Arg::new(id).value_name(value)
}

fn path(id: &'static str, value: &'static str) -> Arg {
    Arg::new(id)
        .value_name(value)
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::AnyPath)
}
