//! What a plugin misses on this machine, by its own word (`check:` of `export_plugin!`). It is asked in
//! the process in which its library is tried.

use std::sync::Arc;

use omero_plugin_abi::{PluginModule_Ref, std_types::RString};
use omero_plugin_api::Error;

use crate::{context, host::Host, invocation::Invocation};

/// Begins the line in which the child process passes on what is missing.
const MISSING: &str = "omero: missing: ";

/// Asks the plugin of this name; the answer is lines for [`read`]. A plugin without
/// `check:` misses nothing.
///
/// # Errors
///
/// The plugin's own.
pub fn ask(host: &Arc<Host>, module: PluginModule_Ref, name: &str) -> Result<Vec<String>, Error> {
    let invocation = Invocation {
        plugin: name.to_owned(),
        program: format!("omero {name}"),
        ..Invocation::default()
    };
    let missing =
        context::during(host, invocation, |context| module.check()(context)).into_result()?;
    let line = |sentence: RString| {
        let words: Vec<&str> = sentence.split_whitespace().collect();
        format!("{MISSING}{}", words.join(" "))
    };
    Ok(missing.into_iter().map(line).collect())
}

/// The sentences in what the child process said.
pub fn read(output: &str) -> Vec<String> {
    let sentences = output.lines().filter_map(|line| line.strip_prefix(MISSING));
    sentences.map(str::to_owned).collect()
}
