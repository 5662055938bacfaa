//! What `omero completion` takes.

use clap::{Arg, Command};

/// The shells that completion is written for.
const SHELLS: [&str; 4] = ["bash", "fish", "powershell", "zsh"];

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
            .value_parser(SHELLS)
            .help("The shell that reads the script"),
    )
}
