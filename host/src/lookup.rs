//! From a name to its plugin, or to what is said where there is none.

use std::{ffi::OsString, sync::Arc};

use omero_plugin_api::{Error, manifest::Command};

use crate::{
    commands,
    configuration::aliases::{self, Definition},
    external,
    host::Host,
    locate,
    missing::{nearest, not_found},
    plugins::Plugin,
    provider,
    resolve::{self, Builtin, HostAlias, Meaning},
    search::{self, Place},
    split::{self, Stranger},
};

/// The plugin of a command.
///
/// # Errors
///
/// There is none, or it cannot be used.
pub fn plugin(host: &Host, name: &str, quiet: bool) -> Result<Arc<Plugin>, Error> {
    let places = host.places(quiet)?;
    host.plugin(name, &places)?
        .ok_or_else(|| unknown(host, name, &places))
}

/// The plugin that a word in the place of the command leads to, with the subcommand that an alias
/// puts first.
///
/// # Errors
///
/// There is none, or it cannot be used.
pub fn plugin_of_word(
    host: &Host,
    word: &str,
) -> Result<(Arc<Plugin>, Option<&'static HostAlias>), Error> {
    match resolve::meaning(word) {
        Meaning::Alias(alias) => Ok((provider::find(host, false, alias.name)?, Some(alias))),
        _ => Ok((plugin(host, word, false)?, None)),
    }
}

/// The names of commands that are no programs and no aliases of the user.
fn native(places: &[Place]) -> impl Iterator<Item = String> {
    let builtins = resolve::BUILTINS
        .iter()
        .map(|(name, ..)| (*name).to_owned());
    let aliases = resolve::ALIASES.iter().map(|alias| alias.name.to_owned());
    let plugins = locate::all(places.iter())
        .into_keys()
        .map(|promised| promised.replace('_', "-"));
    builtins.chain(aliases).chain(plugins)
}

/// Whether a name that means nothing here is probably a misspelled command of this program: it is
/// nearly one, and the fallback has none of exactly this name.
pub fn is_misspelled(host: &Host, name: &str, places: &[Place]) -> bool {
    nearest(name, native(places)).is_some() && !external::offers(host).contains_key(name)
}

/// The subcommand that was probably meant, as [`is_misspelled`]; `command` is the word of the plugin.
pub fn misspelled_subcommand(
    host: &Host,
    command: &str,
    stranger: &Stranger<'_>,
) -> Option<String> {
    let shown = stranger.node.commands.iter().filter(|sub| !sub.hidden);
    let names = shown.flat_map(|sub| std::iter::once(&sub.name).chain(&sub.aliases));
    let near = nearest(&stranger.word, names.cloned())?;
    let offered = || {
        let offers = external::offers(host);
        let subs = offers.get(command);
        subs.is_some_and(|subs| subs.contains(&stranger.word))
    };
    let near = stranger.path.iter().copied().chain([near.as_str()]);
    let near = near.collect::<Vec<_>>().join(" ");
    (!stranger.path.is_empty() || !offered()).then_some(near)
}

/// What is said of a name that means nothing.
pub fn unknown(host: &Host, name: &str, places: &[Place]) -> Error {
    // An odd configuration or directory has been reported where it matters.
    let own = host
        .configuration(true)
        .map(aliases::all)
        .unwrap_or_default();
    let own = own.into_iter().map(|(name, _)| name);
    let programs = external::all(host).unwrap_or_default().into_keys();
    let near = nearest(name, native(places).chain(own).chain(programs));
    let closed = external::closed_directories(host);
    let error = not_found(&format!("there is no command `{name}`"), places, &closed);
    match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => {
            let advice = external::advice(host, name);
            error.hint(advice.unwrap_or_else(|| "`omero help` lists the commands".to_owned()))
        }
    }
}

/// The most aliases that are followed from one word; a longer chain counts as unknown.
pub const DEEPEST_ALIAS: usize = 10;

/// What a word in the place of the command leads to.
pub enum Entered {
    /// A command of the host.
    Builtin(Builtin, Box<Command>),
    /// A command of a plugin, with the words that lead to it.
    Plugin(Arc<Plugin>, Box<Command>, Vec<String>),
    /// Other words in its place.
    Alias(Vec<String>),
    /// Something whose arguments are not described, such as a program.
    Unknown,
}

/// Looks a word up in the order of [`crate::resolve`]. Whatever cannot be used is unknown.
pub fn enter(host: &Host, word: &str) -> Entered {
    match resolve::meaning(word) {
        Meaning::Builtin(builtin) => Entered::Builtin(builtin, Box::new(commands::tree(builtin))),
        Meaning::Alias(alias) => {
            let plugin = provider::find(host, true, alias.name).ok();
            let found = plugin.and_then(|plugin| {
                let node = plugin.manifest.command.subcommand(alias.command)?.clone();
                let path = vec![plugin.manifest.name.clone(), node.name.clone()];
                Some(Entered::Plugin(plugin, Box::new(node), path))
            });
            found.unwrap_or(Entered::Unknown)
        }
        Meaning::Plugin => user_alias(host, word)
            .or_else(|| own_plugin(host, word))
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

fn own_plugin(host: &Host, word: &str) -> Option<Entered> {
    let places = host.places(true).ok()?;
    let plugin = host.plugin(word, &places).ok()??;
    let node = plugin.manifest.command.clone();
    Some(Entered::Plugin(
        plugin,
        Box::new(node),
        vec![word.to_owned()],
    ))
}

/// Adds the places that `--path` names behind a command, and returns the other words. A command may
/// have an option of that name itself; then it is not the host's.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn settle_paths(
    host: &Host,
    word: &str,
    rest: Vec<OsString>,
    quiet: bool,
) -> Result<Vec<OsString>, Error> {
    let named = split::named_paths(&rest);
    if named.is_empty() {
        return Ok(rest);
    }
    let (kept, paths) = match enter(host, word) {
        Entered::Builtin(_, node) | Entered::Plugin(_, node, _) => {
            split::without_paths(&node, rest)
        }
        Entered::Alias(_) | Entered::Unknown => {
            let places: Vec<_> = named
                .iter()
                .flat_map(|p| search::places_of_option(p))
                .collect();
            let is_alias = matches!(resolve::meaning(word), Meaning::Alias(_));
            if !is_alias && locate::find(word, places.iter()).is_none() {
                // The option of a program.
                return Ok(rest);
            }
            host.add_paths(&named, quiet);
            // Whether it is an option of the plugin that is there, its own description says.
            return Ok(match enter(host, word) {
                Entered::Plugin(_, node, _) => split::without_paths(&node, rest).0,
                _ => rest,
            });
        }
    };
    host.add_paths(&paths, quiet);
    Ok(kept)
}
