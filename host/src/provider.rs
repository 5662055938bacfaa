//! The session provider: the plugin that makes sessions, which configuration names and the plugin's
//! manifest confirms.

use std::sync::Arc;

use omero_plugin_api::{Error, Kind, manifest::SERVICE_SESSION};

use crate::{
    error::{self, UNUSABLE},
    host::Host,
    missing::not_found,
    plugins::Plugin,
};

/// The configuration key that names the provider.
const KEY: &str = "session-provider";
/// The provider where nothing is configured.
const DEFAULT: &str = "sessions";

/// The name of the session provider: what the configuration says, or `sessions`.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn name(host: &Host, quiet: bool) -> Result<String, Error> {
    let configured = host.configuration(quiet)?.text(KEY)?;
    Ok(configured.unwrap_or(DEFAULT).to_owned())
}

/// Whether a plugin says that it makes sessions.
pub fn is_provider(plugin: &Plugin) -> bool {
    plugin
        .manifest
        .provides
        .iter()
        .any(|service| service == SERVICE_SESSION)
}

/// The plugin that makes sessions, confirmed by its manifest; `needed_for` says who asks.
///
/// # Errors
///
/// There is none, or the plugin of that name makes no sessions.
pub fn find(host: &Host, quiet: bool, needed_for: &str) -> Result<Arc<Plugin>, Error> {
    let name = name(host, quiet)?;
    let places = host.places(quiet)?;
    let configured = host.configuration(quiet)?.text(KEY)?.is_some();
    let plugin = host.plugin(&name, &places)?.ok_or_else(|| {
        if !configured {
            // Nobody chose it: a command is missing, as any other.
            let who = format!("the command `{name}` (needed for {needed_for}) is missing");
            return not_found(&who, &places, &[]);
        }
        let who = format!("the session provider `{name}` (needed for {needed_for}) is missing");
        let text = not_found(&who, &places, &[]).to_string();
        Error::of_kind(Kind::Plugin, UNUSABLE, text)
            .labelled()
            .hint(format!(
                "install its plugin, or set the configuration key `{KEY}` to one that is there"
            ))
    })?;
    if is_provider(&plugin) {
        return Ok(plugin);
    }
    let path = plugin.path.display();
    Err(
        error::plugin(UNUSABLE, format!("the plugin {path} makes no sessions")).hint(format!(
            "set the configuration key `{KEY}` to a plugin that does"
        )),
    )
}
