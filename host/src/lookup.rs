//! From a name to its plugin, or to what is said where there is none.

use std::sync::Arc;

use omero_plugin_api::Error;

use crate::{
    configuration::aliases,
    external,
    host::Host,
    locate,
    missing::{nearest, not_found},
    plugins::Plugin,
    provider,
    resolve::{self, HostAlias, Meaning},
    search::Place,
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

/// What is said of a name that means nothing.
pub fn unknown(host: &Host, name: &str, places: &[Place]) -> Error {
    let builtins = resolve::BUILTINS
        .iter()
        .map(|(name, ..)| (*name).to_owned());
    let aliases = resolve::ALIASES.iter().map(|alias| alias.name.to_owned());
    let plugins = locate::all(places.iter())
        .into_keys()
        .map(|promised| promised.replace('_', "-"));
    // An odd configuration or directory has been reported where it matters.
    let own = host
        .configuration(true)
        .map(aliases::all)
        .unwrap_or_default();
    let own = own.into_iter().map(|(name, _)| name);
    let programs = external::all(host).unwrap_or_default().into_keys();
    let known = builtins.chain(aliases).chain(plugins);
    let near = nearest(name, known.chain(own).chain(programs));
    let closed = external::closed_directories(host);
    let error = not_found(&format!("there is no command `{name}`"), places, &closed);
    match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`omero help` lists the commands"),
    }
}
