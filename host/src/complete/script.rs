//! `omero completion SHELL`: the script that a shell reads once, and that asks `omero` from then on.

use clap::ArgMatches;
use omero_plugin_abi::Stream;
use omero_plugin_api::Error;

use crate::host::Host;

/// The scripts by the names of their shells.
const SCRIPTS: &[(&str, &str)] = &[
    ("bash", include_str!("scripts/omero.bash")),
    ("fish", include_str!("scripts/omero.fish")),
    ("powershell", include_str!("scripts/omero.ps1")),
    ("zsh", include_str!("scripts/omero.zsh")),
];

/// Prints the script.
///
/// # Errors
///
/// The output cannot be written.
pub fn run(host: &Host, matches: &ArgMatches) -> Result<i32, Error> {
    let shell = matches.get_one::<String>("shell");
    let script = SCRIPTS
        .iter()
        .find(|(name, _)| shell.is_some_and(|s| s == name));
    if let Some((_, script)) = script {
        host.streams.write(Stream::OUTPUT, script.as_bytes())?;
    }
    Ok(0)
}
