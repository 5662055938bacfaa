//! What the manifest says of clap commands.

use super::*;
use crate::manifest::Command;

fn described(command: clap::Command) -> Command {
    Builder::new(command).manifest().command.clone()
}

#[test]
fn manifest_carries_the_grammar_of_arguments() {
    let program = clap::Arg::new("program")
        .num_args(1..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true);
    let columns = clap::Arg::new("columns")
        .long("columns")
        .visible_alias("cols")
        .alias("fields")
        .short('c')
        .visible_short_alias('f')
        .short_alias('F')
        .require_equals(true)
        .value_delimiter(',');
    let node = described(clap::Command::new("wrap").args([program, columns]));
    let [program, columns] = node.arguments.as_slice() else {
        panic!("{:?}", node.arguments)
    };
    assert!(program.trailing && program.hyphen_values && !program.last);
    assert!(columns.require_equals && !columns.hyphen_values);
    assert_eq!(columns.delimiter, Some(','));
    assert_eq!(columns.aliases, ["cols"]);
    assert_eq!(columns.hidden_aliases, ["fields"]);
    assert_eq!(columns.short_aliases, ['f']);
    assert_eq!(columns.hidden_short_aliases, ['F']);
}

#[test]
fn manifest_carries_the_grammar_of_subcommands() {
    let list = clap::Command::new("list").visible_alias("ls").alias("l");
    let command = clap::Command::new("group").subcommand(list);
    let node = described(
        command
            .allow_external_subcommands(true)
            .args_conflicts_with_subcommands(true),
    );
    assert!(node.external_subcommands);
    assert!(node.arguments_exclude_subcommands && !node.subcommand_precedence);
    assert_eq!(node.commands[0].aliases, ["ls"]);
    assert_eq!(node.commands[0].hidden_aliases, ["l"]);
}

#[test]
fn command_that_the_host_cannot_read_is_refused() {
    let reason = |command: clap::Command| check(&command).unwrap_err();
    assert_eq!(
        reason(clap::Command::new("x_y")),
        "its name `x_y` contains `_`; write `x-y`"
    );
    let sync = clap::Command::new("sync").short_flag('S');
    let inner = clap::Command::new("inner").subcommand(sync);
    assert!(reason(clap::Command::new("x").subcommand(inner)).contains("`sync`"));
}

#[test]
fn the_manifest_names_the_abi_that_this_crate_is_built_on() {
    assert_eq!(ABI_VERSION, omero_plugin_abi::VERSION);
}
