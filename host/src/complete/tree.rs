//! The commands and options that may stand on a command line, whoever they belong to.

use std::sync::Arc;

use omero_plugin_api::{
    build,
    manifest::{Argument, Command, ValueHint},
};

use crate::{
    arguments::{GLOBAL, HostOption, LOGIN},
    commands,
    configuration::aliases::{self, Definition},
    host::Host,
    plugins::Plugin,
    provider,
    resolve::{self, Builtin, Meaning},
    split,
};

/// What a word in the place of the command leads to.
pub enum Entered {
    /// A command of the host.
    Builtin(Builtin, Box<Command>),
    /// A command of a plugin, with the words that lead to it.
    Plugin(Arc<Plugin>, Box<Command>, Vec<String>),
    /// Other words in its place.
    Alias(Vec<String>),
    /// Something with arguments of its own, which nobody describes.
    Unknown,
}

/// Looks a word up as [`crate::resolve`] does. Whatever cannot be used is unknown.
pub fn enter(host: &Host, word: &str) -> Entered {
    match resolve::meaning(word) {
        Meaning::Builtin(builtin) => Entered::Builtin(builtin, Box::new(builtin_tree(builtin))),
        Meaning::Alias(alias) => {
            let plugin = provider::find(host, true, alias.name).ok();
            let found = plugin.and_then(|plugin| {
                let node = split::subcommand(&plugin.manifest.command, alias.command)?.clone();
                let path = vec![plugin.manifest.name.clone(), node.name.clone()];
                Some(Entered::Plugin(plugin, Box::new(node), path))
            });
            found.unwrap_or(Entered::Unknown)
        }
        Meaning::Plugin => user_alias(host, word)
            .or_else(|| plugin(host, word))
            .unwrap_or(Entered::Unknown),
    }
}

fn user_alias(host: &Host, word: &str) -> Option<Entered> {
    let configuration = host.configuration(true).ok()?;
    match aliases::find(configuration, word).ok()?? {
        // With places for its arguments, only the author knows what they are.
        Definition::Words(words) if !words.iter().any(|word| word.contains('$')) => {
            Some(Entered::Alias(words))
        }
        _ => Some(Entered::Unknown),
    }
}

fn plugin(host: &Host, word: &str) -> Option<Entered> {
    let places = host.places(true).ok()?;
    let plugin = host.plugin(word, &places).ok()??;
    let node = plugin.manifest.command.clone();
    Some(Entered::Plugin(
        plugin,
        Box::new(node),
        vec![word.to_owned()],
    ))
}

/// A built-in command, described as a plugin's.
pub fn builtin_tree(builtin: Builtin) -> Command {
    let described = build::Builder::new(commands::of(builtin));
    described.manifest().command.clone()
}

/// The options before the command.
pub fn top() -> Command {
    let global = GLOBAL
        .iter()
        .filter(|spec| spec.option != HostOption::Help)
        .map(|spec| Argument {
            hint: (spec.option == HostOption::Path).then_some(ValueHint::Path),
            repeatable: spec.option == HostOption::Path,
            ..option(spec.long, spec.short, spec.value, spec.help)
        });
    Command {
        name: "omero".to_owned(),
        arguments: global.collect(),
        uses_session: true,
        ..Command::default()
    }
}

/// The options that may stand at a command: its own, `--help`, and the login options where it works
/// on a session, under the names that its own leave free.
pub fn options(node: &Command) -> Vec<Argument> {
    let own = node.arguments.iter().filter(|a| !a.is_positional());
    let mut options: Vec<Argument> = own.cloned().collect();
    let login = LOGIN
        .iter()
        .filter(|_| node.uses_session)
        .map(|spec| Argument {
            hint: spec.value.and_then(hint),
            ..option(spec.long, spec.short, spec.value, spec.help)
        });
    let help = option("help", Some('h'), None, "Show help");
    for mut added in std::iter::once(help).chain(login) {
        added.long = added
            .long
            .filter(|long| !options.iter().any(|o| o.long.as_ref() == Some(long)));
        added.short = added
            .short
            .filter(|short| !options.iter().any(|o| o.short == Some(*short)));
        options.push(added);
    }
    options
}

/// Whether an option is one of the login options, by what [`options`] makes of them.
pub fn is_login(node: &Command, option: &Argument) -> bool {
    node.uses_session
        && !node.arguments.iter().any(|own| own.id == option.id)
        && LOGIN.iter().any(|spec| spec.long == option.id)
}

fn option(long: &str, short: Option<char>, value: Option<&str>, help: &str) -> Argument {
    let count = usize::from(value.is_some());
    Argument {
        id: long.to_owned(),
        long: Some(long.to_owned()),
        short,
        help: help.to_owned(),
        value_names: value.map(str::to_owned).into_iter().collect(),
        min_values: count,
        max_values: Some(count),
        ..Argument::default()
    }
}

/// What the values of a login option are, by the name of its value: the words that stand for the
/// same in the commands of plugins.
fn hint(value: &str) -> Option<ValueHint> {
    Some(match value {
        "SERVER" => ValueHint::Host,
        "USER" => ValueHint::User,
        "GROUP" => ValueHint::Group,
        "KEY" => ValueHint::Session,
        value if value.contains("USER") => ValueHint::User,
        _ => return None,
    })
}
