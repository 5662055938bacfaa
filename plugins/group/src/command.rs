//! The command tree of `omero group`. Also read by `build.rs`, so it holds nothing else.

use omero_plugin_api::{
    clap::{Arg, ArgAction, ArgGroup, Command},
    style::Style,
    uses_session,
};

/// The whole tree. As in OMERO.py the login options stand at the level of `group` and of `list`,
/// not behind `info` and `listusers`.
pub fn command() -> Command {
    uses_session(Command::new("group"))
        .about("Show groups and their users")
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommands([list(), info(), listusers()])
}

fn list() -> Command {
    group_table(uses_session(Command::new("list"))).about("List all groups that the server shows")
}

fn info() -> Command {
    group_table(which_groups(Command::new("info")))
        .about("Show groups, or the current one")
        .long_about("Show the groups that are named, or the session's current group.")
}

fn listusers() -> Command {
    let sorts = [
        ("sort-by-id", "Sort by id (default)"),
        ("sort-by-login", "Sort by login name"),
        ("sort-by-first-name", "Sort by first name"),
        ("sort-by-last-name", "Sort by last name"),
        ("sort-by-email", "Sort by e-mail address"),
    ];
    let command = which_groups(Command::new("listusers"))
        .about("List the members and owners of a group")
        .long_about("List the members and owners of a group, or of the session's current group.")
        .arg(Style::argument());
    let command = choice(
        command,
        "print",
        &[
            ("count", "Print how many groups each user belongs to"),
            ("long", "Print the ids of each user's groups (default)"),
        ],
    );
    choice(command, "sort", &sorts)
}

/// The arguments that name groups.
fn which_groups(command: Command) -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .num_args(1..)
            .action(ArgAction::Append)
            .help(help)
    };
    command
        .arg(
            Arg::new("group")
                .value_name("GROUP")
                .num_args(0..)
                .help("Id or name of a group"),
        )
        .arg(option("group-id", "ID", "Id of a group").allow_negative_numbers(true))
        .arg(option("group-name", "NAME", "Name of a group"))
}

/// The options of a table of groups.
fn group_table(command: Command) -> Command {
    let command = choice(
        command.arg(Style::argument()),
        "print",
        &[
            (
                "count",
                "Print how many owners and members each group has (default)",
            ),
            ("long", "Print the ids of each group's owners and members"),
        ],
    );
    choice(
        command,
        "sort",
        &[
            ("sort-by-id", "Sort by id (default)"),
            ("sort-by-name", "Sort by name"),
        ],
    )
}

/// Flags of which one at most may stand.
fn choice(command: Command, name: &'static str, flags: &[(&'static str, &'static str)]) -> Command {
    let arguments = flags.iter().map(|(flag, help)| {
        Arg::new(*flag)
            .long(*flag)
            .action(ArgAction::SetTrue)
            .help(*help)
    });
    command
        .args(arguments)
        .group(ArgGroup::new(name).args(flags.iter().map(|(flag, _)| *flag)))
}
