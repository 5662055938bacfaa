//! What users can type at the host itself: the clap command of each built-in command, one a file,
//! as a plugin has its own in `src/command.rs`. Nothing is run here; help, manual pages and
//! completion describe the commands from the same definitions.

mod alias;
pub mod completion;
mod config;
mod errors;
mod help;
mod load;
mod man;
pub mod plugin;

use clap::Command;
use omero_plugin_api::{build, manifest, style::Style};

use crate::resolve::{self, Builtin};

/// The clap command of a built-in command.
pub fn of(builtin: Builtin) -> Command {
    let entry = resolve::BUILTINS.iter().find(|(.., b)| *b == builtin);
    let (name, about) = entry.map_or(("", ""), |(name, about, _)| (*name, *about));
    let command = Command::new(name)
        .bin_name(format!("omero {name}"))
        .about(about);
    match builtin {
        Builtin::Quit => command,
        Builtin::Version => command.arg(Style::value_argument()),
        Builtin::Load => load::describe(command),
        Builtin::Plugin => plugin::describe(command),
        Builtin::Errors => errors::describe(command),
        Builtin::Alias => alias::describe(command),
        Builtin::Config => config::describe(command),
        Builtin::Completion => completion::describe(command),
        Builtin::Man => man::describe(command),
        Builtin::Help => help::describe(command),
    }
}

/// A built-in command, described as a plugin's.
pub fn tree(builtin: Builtin) -> manifest::Command {
    let described = build::Builder::new(of(builtin));
    described.manifest().command.clone()
}
