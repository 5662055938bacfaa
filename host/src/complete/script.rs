//! `omero completion SHELL`: the script that a shell reads once, and that asks `omero` from then on.

use clap::{Arg, ArgMatches, Command};
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

const INSTALL: &str = "\
To complete from the next start of the shell on:
  bash        echo 'source <(omero completion bash)' >> ~/.bashrc
  zsh         echo 'source <(omero completion zsh)' >> ~/.zshrc    (after compinit)
  fish        omero completion fish > ~/.config/fish/completions/omero.fish
  powershell  'omero completion powershell | Out-String | Invoke-Expression' >> $PROFILE";

/// The clap command.
pub fn describe(command: Command) -> Command {
    command.after_help(INSTALL).arg(
        Arg::new("shell")
            .value_name("SHELL")
            .required(true)
            .value_parser(SCRIPTS.iter().map(|(shell, _)| *shell).collect::<Vec<_>>())
            .help("The shell that reads the script"),
    )
}

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
