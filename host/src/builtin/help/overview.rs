//! All commands at a glance, from manifests alone.

use clap::Command as Clap;
use omero_plugin_api::{
    Error,
    manifest::{Command, Manifest},
};

use super::page;
use crate::{
    configuration::aliases,
    external,
    host::Host,
    load::LoadError,
    resolve::{self, Meaning},
};

/// A command of the overview.
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its description, or one line about it where it has none or cannot be used.
    pub entry: Entry,
    /// Subcommands that the fallback runs.
    pub elsewhere: Vec<String>,
}

/// What is known of a command.
pub enum Entry {
    /// A built-in command or a host alias: one line.
    Host(&'static str),
    /// An alias of the user, a program, or a command of the fallback: one line.
    Own(String),
    /// A plugin.
    Plugin(Box<Manifest>),
    /// A plugin that cannot be used.
    Broken(LoadError),
}

impl Listed {
    /// One line of help. What cannot be used is marked and says why.
    pub fn about(&self) -> String {
        match &self.entry {
            Entry::Host(about) => (*about).to_owned(),
            Entry::Own(about) => about.clone(),
            Entry::Plugin(manifest) => manifest.command.about.clone(),
            Entry::Broken(error) => format!("(!) cannot be used: {}", error.step),
        }
    }

    /// Its command tree, for a plugin.
    pub fn tree(&self) -> Option<&Command> {
        match &self.entry {
            Entry::Plugin(manifest) => Some(&manifest.command),
            Entry::Host(_) | Entry::Own(_) | Entry::Broken(_) => None,
        }
    }
}

/// Every command: built-in ones, host aliases, each plugin on the search path, programs, and what the
/// fallback runs.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn commands(host: &Host) -> Result<Vec<Listed>, Error> {
    let builtins = resolve::BUILTINS
        .iter()
        .map(|(name, about, _)| (*name, *about));
    let aliases = resolve::ALIASES
        .iter()
        .map(|alias| (alias.name, alias.about));
    let own = builtins.chain(aliases).map(|(name, about)| Listed {
        name: name.to_owned(),
        entry: Entry::Host(about),
        elsewhere: Vec::new(),
    });
    let plugins = host
        .describe_all(false)?
        .into_iter()
        .filter(|(name, _)| resolve::meaning(name) == Meaning::Plugin)
        .map(|(name, described)| Listed {
            name,
            entry: described.map_or_else(Entry::Broken, |m| Entry::Plugin(Box::new(m))),
            elsewhere: Vec::new(),
        });
    let mut listed: Vec<Listed> = own.chain(users_own(host)?).collect();
    let offers = external::offers(host);
    let fallback = offers.iter().map(|(name, subs)| Listed {
        name: name.clone(),
        entry: Entry::Own("Run by the fallback".to_owned()),
        elsewhere: subs.clone(),
    });
    // Whatever comes first is what runs.
    for other in plugins.chain(programs(host)?).chain(fallback) {
        if !listed.iter().any(|known| known.name == other.name) {
            listed.push(other);
        }
    }
    for known in &mut listed {
        if let Some(tree) = known.tree() {
            known.elsewhere = external::offers_beside(&offers, tree);
        }
    }
    Ok(listed)
}

/// The user's aliases.
fn users_own(host: &Host) -> Result<impl Iterator<Item = Listed>, Error> {
    let aliases = aliases::all(host.configuration(false)?).into_iter();
    let usable = aliases.filter(|(name, _)| resolve::meaning(name) == Meaning::Plugin);
    Ok(usable.map(|(name, text)| Listed {
        name,
        entry: Entry::Own(match text {
            Ok(text) => format!("Your alias for: {text}"),
            Err(reason) => format!("(!) cannot be used: {reason}"),
        }),
        elsewhere: Vec::new(),
    }))
}

/// Programs `omero-NAME`.
fn programs(host: &Host) -> Result<impl Iterator<Item = Listed>, Error> {
    let found = external::all(host)?.into_iter();
    Ok(found.map(|(name, path)| Listed {
        name,
        entry: Entry::Own(format!("The program {}", path.display())),
        elsewhere: Vec::new(),
    }))
}

/// The overview's text.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn text(host: &Host) -> Result<String, Error> {
    Ok(page::render(command(host)?))
}

/// All commands as one clap command.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn command(host: &Host) -> Result<Clap, Error> {
    let entries = commands(host)?
        .into_iter()
        .filter(|listed| listed.tree().is_none_or(|tree| !tree.hidden));
    let entries = entries.map(|listed| Clap::new(listed.name.clone()).about(listed.about()));
    let command = Clap::new("omero")
        .about("Work with OMERO image servers from the command line")
        .after_help(
            "Run `omero help COMMAND` for the options of a command.\n\
             Other help topics: debug, env, sudo",
        )
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommands(entries);
    Ok(page::global_options(command))
}
