//! The help page of a command, from its manifest: the plugin's clap command is built again from
//! the description, with the options that the host adds.

use clap::{Arg, ArgAction, Command as Clap, builder::PossibleValuesParser};
use omero_plugin_api::manifest::{Argument, Command};

use crate::arguments::{HostOption, Known, LOGIN_HEADING, Level, Owner};

/// The layout of every page.
const TEMPLATE: &str = "usage: {usage}\n\n{about-with-newline}\n{all-args}{after-help}";

/// The page of a command of a plugin; `program` is what stands before its options.
pub fn of_command(node: &Command, program: &str) -> String {
    render(described(node).bin_name(program))
}

/// A clap command's page.
pub fn render(command: Clap) -> String {
    let text = laid_out(command).render_help();
    text.to_string().trim_end().to_owned()
}

/// A clap command whose pages, and those of its subcommands, are laid out as all others.
pub fn laid_out(command: Clap) -> Clap {
    command
        .help_template(TEMPLATE)
        .disable_help_subcommand(true)
        .mut_subcommands(laid_out)
}

/// The host's own options, for the overview.
pub fn global_options(command: Clap) -> Clap {
    let level = Level::top();
    let shown = level.options.iter().filter(|o| !o.is(HostOption::Help));
    command.args(shown.map(option))
}

/// A command of a plugin as clap knows it, with the options that the host adds.
pub fn described(node: &Command) -> Clap {
    let about = if node.long_about.is_empty() {
        &node.about
    } else {
        &node.long_about
    };
    let mut command = Clap::new(node.name.clone())
        .about(about.clone())
        .subcommand_required(node.subcommand_required)
        .flatten_help(node.flatten_help)
        .args(node.arguments.iter().map(argument))
        .subcommands(node.commands.iter().map(|sub| match node.flatten_help {
            true => described(sub),
            false => entry(sub),
        }));
    if !node.after_help.is_empty() {
        command = command.after_help(node.after_help.clone());
    }
    let level = Level::of(node, String::new(), node.uses_session);
    // clap's own option has both names.
    let help = level.options.iter().find(|o| o.is(HostOption::Help));
    if !help.is_some_and(|help| help.long.is_some() && help.short.is_some()) {
        command = command.disable_help_flag(true);
    }
    let login = level
        .options
        .iter()
        .filter(|o| matches!(o.owner, Owner::Login(_)));
    command.args(login.map(option))
}

/// A subcommand's line in its parent's list.
fn entry(node: &Command) -> Clap {
    Clap::new(node.name.clone())
        .about(node.about.clone())
        .hide(node.hidden)
        .visible_aliases(node.aliases.iter().cloned())
        .disable_help_flag(true)
}

/// An option that the host adds, under the names that the command leaves free.
fn option(known: &Known<'_>) -> Arg {
    let mut arg = Arg::new(format!("host-{}", known.id())).help(known.help().to_owned());
    if let Owner::Login(_) = known.owner {
        arg = arg.help_heading(LOGIN_HEADING);
    }
    if let Some(long) = known.long {
        arg = arg.long(long.to_owned());
    }
    if let Some(short) = known.short {
        arg = arg.short(short);
    }
    match known.value_name() {
        Some(value) => arg.value_name(value.to_owned()),
        None => arg.action(ArgAction::SetTrue),
    }
}

fn argument(argument: &Argument) -> Arg {
    let mut arg = Arg::new(argument.id.clone())
        .help(argument.help.clone())
        .required(argument.required)
        .hide(argument.hidden);
    if let Some(long) = &argument.long {
        arg = arg.long(long.clone());
    }
    if let Some(short) = argument.short {
        arg = arg.short(short);
    }
    arg = arg
        .visible_aliases(argument.aliases.iter().cloned())
        .visible_short_aliases(argument.short_aliases.iter().copied());
    if let Some(heading) = &argument.heading {
        arg = arg.help_heading(heading.clone());
    }
    if !argument.takes_value() {
        let counted = argument.repeatable;
        return arg.action(if counted {
            ArgAction::Count
        } else {
            ArgAction::SetTrue
        });
    }
    arg = match argument.max_values {
        Some(most) => arg.num_args(argument.min_values..=most.max(argument.min_values)),
        None => arg.num_args(argument.min_values..),
    };
    arg = arg
        .require_equals(argument.require_equals)
        .last(argument.last)
        .trailing_var_arg(argument.trailing)
        .allow_hyphen_values(argument.hyphen_values);
    if let Some(end) = &argument.terminator {
        arg = arg.value_terminator(end.clone());
    }
    if let Some(mark) = argument.delimiter {
        arg = arg.value_delimiter(mark);
    }
    if argument.repeatable && !argument.is_positional() {
        arg = arg.action(ArgAction::Append);
    }
    if !argument.value_names.is_empty() {
        arg = arg.value_names(argument.value_names.iter().cloned());
    }
    if !argument.possible_values.is_empty() {
        arg = arg.value_parser(PossibleValuesParser::new(
            argument.possible_values.iter().cloned(),
        ));
    }
    match &argument.default {
        Some(default) => arg.default_value(default.clone()),
        None => arg,
    }
}

#[cfg(test)]
mod same_as_clap;

#[cfg(test)]
mod tests {
    use super::*;

    fn node() -> Command {
        let flag = |short, long: &str, help: &str| Argument {
            id: long.to_owned(),
            short,
            long: Some(long.to_owned()),
            help: help.to_owned(),
            max_values: Some(0),
            ..Argument::default()
        };
        Command {
            name: "load".to_owned(),
            about: "Run commands from files".to_owned(),
            uses_session: true,
            arguments: vec![
                flag(Some('k'), "keep-going", "Go on after errors"),
                Argument {
                    id: "style".to_owned(),
                    long: Some("style".to_owned()),
                    value_names: vec!["STYLE".to_owned()],
                    min_values: 1,
                    max_values: Some(1),
                    possible_values: vec!["csv".to_owned(), "sql".to_owned()],
                    default: Some("sql".to_owned()),
                    ..Argument::default()
                },
                Argument {
                    hidden: true,
                    ..flag(None, "secret-flag", "Unseen")
                },
                Argument {
                    id: "file".to_owned(),
                    value_names: vec!["FILE".to_owned()],
                    help: "Where the commands stand".to_owned(),
                    min_values: 0,
                    ..Argument::default()
                },
            ],
            commands: vec![Command {
                name: "sub".to_owned(),
                ..Command::default()
            }],
            ..Command::default()
        }
    }

    #[test]
    fn a_page_shows_what_the_manifest_says() {
        let page = of_command(&node(), "omero load");
        for part in [
            "usage: omero load [OPTIONS] [FILE]...",
            "Run commands from files",
            "-k, --keep-going",
            "Go on after errors",
            "--style <STYLE>",
            "[default: sql] [possible values: csv, sql]",
            "-h, --help",
            "Commands:\n  sub",
        ] {
            assert!(page.contains(part), "no {part:?} in:\n{page}");
        }
        assert!(!page.contains("secret-flag"), "{page}");
    }

    #[test]
    fn login_options_yield_to_the_commands_own() {
        let page = of_command(&node(), "omero load");
        let login = page.split("Login arguments:").nth(1).expect(&page);
        for part in [
            "-s, --server <SERVER>",
            "--sudo <ADMINUSER|GROUPOWNER>",
            "      --key <KEY>",
        ] {
            assert!(login.contains(part), "no {part:?} in:\n{login}");
        }
        assert!(!login.contains("-k,"), "{login}");
        let without = Command {
            uses_session: false,
            ..node()
        };
        assert!(!of_command(&without, "omero load").contains("--server"));
    }
}
