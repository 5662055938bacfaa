//! The help page of a command, from its manifest: the plugin's clap command is built again from
//! the description, with the options that the host adds.

use clap::{Arg, ArgAction, Command as Clap, builder::PossibleValuesParser};
use omero_plugin_api::manifest::{Argument, Command};

use crate::arguments::{GLOBAL, HostOption, LOGIN, LOGIN_HEADING};

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
    let options = GLOBAL
        .iter()
        .filter(|spec| spec.option != HostOption::Help)
        .map(|spec| {
            option(
                format!("global-{}", spec.long),
                Some(spec.long),
                spec.short,
                spec.value,
                spec.help,
            )
        });
    login_options(command.args(options), &[])
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
        .args(node.arguments.iter().map(argument))
        .subcommands(node.commands.iter().map(entry));
    if !node.after_help.is_empty() {
        command = command.after_help(node.after_help.clone());
    }
    let has = |short, long: &str| {
        node.arguments
            .iter()
            .any(|a| a.short == Some(short) || a.long.as_deref() == Some(long))
    };
    if has('h', "help") {
        command = command.disable_help_flag(true);
    }
    if node.uses_session {
        command = login_options(command, &node.arguments);
    }
    command
}

/// A subcommand's line in its parent's list.
fn entry(node: &Command) -> Clap {
    Clap::new(node.name.clone())
        .about(node.about.clone())
        .hide(node.hidden)
        .visible_aliases(node.aliases.iter().cloned())
        .disable_help_flag(true)
}

/// Adds the login options under the names that the command's own options leave free.
fn login_options(command: Clap, own: &[Argument]) -> Clap {
    let options = LOGIN.iter().filter_map(|spec| {
        let long = Some(spec.long).filter(|l| !own.iter().any(|a| a.long.as_deref() == Some(l)));
        let short = spec
            .short
            .filter(|s| !own.iter().any(|a| a.short == Some(*s)));
        if long.is_none() && short.is_none() {
            return None;
        }
        let option = option(
            format!("login-{}", spec.long),
            long,
            short,
            spec.value,
            spec.help,
        );
        Some(option.help_heading(LOGIN_HEADING))
    });
    command.args(options)
}

fn option(
    id: String,
    long: Option<&'static str>,
    short: Option<char>,
    value: Option<&'static str>,
    help: &'static str,
) -> Arg {
    let mut arg = Arg::new(id).help(help);
    if let Some(long) = long {
        arg = arg.long(long);
    }
    if let Some(short) = short {
        arg = arg.short(short);
    }
    match value {
        Some(value) => arg.value_name(value),
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
