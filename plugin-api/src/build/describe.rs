//! From a clap command to its description in the manifest.

use clap::ArgAction;

use crate::{
    manifest::{Argument, Command, ValueHint},
    uses_session::is_marked,
};

/// Whether the host can read the command lines of a command; the error is half a sentence.
pub(super) fn check(command: &clap::Command) -> Result<(), String> {
    let name = command.get_name();
    if name.contains('_') {
        // `x-y` and `x_y` would have one library file.
        return Err(format!(
            "its name `{name}` contains `_`; write `{}`",
            name.replace('_', "-")
        ));
    }
    no_flag_subcommands(command)
}

/// The host finds a subcommand by a word that is no option.
fn no_flag_subcommands(command: &clap::Command) -> Result<(), String> {
    for sub in command.get_subcommands() {
        if sub.get_long_flag().is_some() || sub.get_short_flag().is_some() {
            let name = sub.get_name();
            return Err(format!(
                "its subcommand `{name}` is called by an option (`long_flag`, `short_flag`)"
            ));
        }
        no_flag_subcommands(sub)?;
    }
    Ok(())
}

/// The description of a built clap command, without what clap adds to every command.
pub(super) fn describe(command: &clap::Command) -> Command {
    Command {
        name: command.get_name().to_owned(),
        aliases: command.get_visible_aliases().map(str::to_owned).collect(),
        hidden_aliases: owned(without(
            Some(command.get_all_aliases().collect()),
            Some(command.get_visible_aliases().collect()),
        )),
        about: text(command.get_about()),
        long_about: text(command.get_long_about()),
        after_help: text(command.get_after_help()),
        hidden: command.is_hide_set(),
        uses_session: is_marked(command),
        subcommand_required: command.is_subcommand_required_set(),
        flatten_help: command.is_flatten_help_set(),
        external_subcommands: command.is_allow_external_subcommands_set(),
        subcommand_precedence: command.is_subcommand_precedence_over_arg_set(),
        arguments_exclude_subcommands: command.is_args_conflicts_with_subcommands_set(),
        arguments: command
            .get_arguments()
            .filter(|a| !is_help(a))
            .map(argument)
            .collect(),
        commands: command
            .get_subcommands()
            .filter(|c| c.get_name() != "help" || !is_clap_help(c))
            .map(describe)
            .collect(),
    }
}

fn text(styled: Option<&clap::builder::StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default()
}

fn is_help(argument: &clap::Arg) -> bool {
    matches!(
        argument.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    )
}

/// clap adds a subcommand `help` of its own, whose text begins like this.
fn is_clap_help(command: &clap::Command) -> bool {
    text(command.get_about()).starts_with("Print this message or the help")
}

fn argument(argument: &clap::Arg) -> Argument {
    let takes_value = argument.get_action().takes_values();
    let range = argument
        .get_num_args()
        .unwrap_or_else(|| usize::from(takes_value).into());
    let (min_values, max_values) = if takes_value {
        (
            range.min_values(),
            Some(range.max_values()).filter(|most| *most != usize::MAX),
        )
    } else {
        (0, Some(0))
    };
    Argument {
        id: argument.get_id().to_string(),
        short: argument.get_short(),
        short_aliases: argument.get_visible_short_aliases().unwrap_or_default(),
        hidden_short_aliases: without(
            argument.get_all_short_aliases(),
            argument.get_visible_short_aliases(),
        ),
        long: argument.get_long().map(str::to_owned),
        aliases: owned(argument.get_visible_aliases().unwrap_or_default()),
        hidden_aliases: owned(without(
            argument.get_all_aliases(),
            argument.get_visible_aliases(),
        )),
        help: text(argument.get_help()),
        value_names: match argument.get_value_names() {
            Some(names) if takes_value => names.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        },
        min_values,
        max_values,
        repeatable: matches!(argument.get_action(), ArgAction::Append | ArgAction::Count),
        required: argument.is_required_set(),
        hidden: argument.is_hide_set(),
        hyphen_values: argument.is_allow_hyphen_values_set(),
        trailing: argument.is_trailing_var_arg_set(),
        last: argument.is_last_set(),
        require_equals: argument.is_require_equals_set(),
        delimiter: argument.get_value_delimiter(),
        terminator: argument.get_value_terminator().map(ToString::to_string),
        possible_values: argument
            .get_possible_values()
            .iter()
            .filter(|_| takes_value)
            .map(|v| v.get_name().to_owned())
            .collect(),
        default: argument
            .get_default_values()
            .first()
            .map(|v| v.to_string_lossy().into_owned()),
        heading: argument.get_help_heading().map(str::to_owned),
        hint: hint(argument),
    }
}

/// All names that are not among the visible ones.
fn without<T: PartialEq>(all: Option<Vec<T>>, visible: Option<Vec<T>>) -> Vec<T> {
    let visible = visible.unwrap_or_default();
    let mut all = all.unwrap_or_default();
    all.retain(|name| !visible.contains(name));
    all
}

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn hint(argument: &clap::Arg) -> Option<ValueHint> {
    Some(match argument.get_value_hint() {
        clap::ValueHint::AnyPath => ValueHint::Path,
        clap::ValueHint::FilePath | clap::ValueHint::ExecutablePath => ValueHint::File,
        clap::ValueHint::DirPath => ValueHint::Directory,
        clap::ValueHint::Hostname | clap::ValueHint::Url => ValueHint::Host,
        clap::ValueHint::Username => ValueHint::User,
        _ => {
            let names = argument.get_value_names().unwrap_or_default();
            match names.first().map(|name| name.as_str()) {
                Some("SERVER") => ValueHint::Host,
                Some("USER") => ValueHint::User,
                Some("GROUP") => ValueHint::Group,
                Some("SESSION") => ValueHint::Session,
                _ => return None,
            }
        }
    })
}
