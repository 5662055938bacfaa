//! What a word in the place of the command means. The order is this file's:
//!
//! 1. built-in commands,
//! 2. the user's aliases,
//! 3. host aliases,
//! 4. plugins,
//! 5. programs `omero-NAME`,
//! 6. the `fallback` of the configuration.
//!
//! Nothing can shadow what stands before it; and the user's aliases cannot take the name of a host
//! alias either.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use clap_lex::OsStrExt;

/// A command that the host answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builtin {
    /// Help pages.
    Help,
    /// The version of this program.
    Version,
    /// Exit codes.
    Errors,
    /// What is installed.
    Plugin,
    /// Scripts.
    Load,
    /// Leaves the shell.
    Quit,
    /// The user's own words.
    Alias,
    /// The configuration.
    Config,
    /// Scripts for the user's shell.
    Completion,
    /// Manual pages.
    Man,
}

/// The built-in commands: name, one line of help, meaning.
pub const BUILTINS: &[(&str, &str, Builtin)] = &[
    ("help", "Show help on a command", Builtin::Help),
    (
        "version",
        "Show the version of this program",
        Builtin::Version,
    ),
    (
        "errors",
        "List the exit codes and what they mean",
        Builtin::Errors,
    ),
    (
        "plugin",
        "Install plugins, list and check them, and start new ones",
        Builtin::Plugin,
    ),
    ("load", "Run the commands of scripts", Builtin::Load),
    ("quit", "Leave the shell", Builtin::Quit),
    (
        "alias",
        "Make words stand for commands, and list them",
        Builtin::Alias,
    ),
    (
        "config",
        "Show and change the configuration",
        Builtin::Config,
    ),
    (
        "completion",
        "Print a script that completes omero's commands in your shell",
        Builtin::Completion,
    ),
    ("man", "Show the manual page of a command", Builtin::Man),
];

/// A word of the host that stands for a command of the session provider, whichever plugin that is.
#[derive(Debug, PartialEq, Eq)]
pub struct HostAlias {
    /// The word.
    pub name: &'static str,
    /// What follows the provider's name.
    pub command: &'static str,
    /// One line of help.
    pub about: &'static str,
}

/// The host aliases.
pub const ALIASES: &[HostAlias] = &[
    HostAlias {
        name: "login",
        command: "login",
        about: "Log in to a server and keep the session",
    },
    HostAlias {
        name: "logout",
        command: "logout",
        about: "End the current session",
    },
];

/// What a word means.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The host answers.
    Builtin(Builtin),
    /// A command of the session provider.
    Alias(&'static HostAlias),
    /// A plugin, if there is one of this name.
    Plugin,
}

/// The meaning of a word in the place of the command.
pub fn meaning(word: &str) -> Meaning {
    let builtin = BUILTINS.iter().find(|(name, ..)| *name == word);
    let alias = ALIASES.iter().find(|alias| alias.name == word);
    match (builtin, alias) {
        (Some((.., builtin)), _) => Meaning::Builtin(*builtin),
        (None, Some(alias)) => Meaning::Alias(alias),
        (None, None) => Meaning::Plugin,
    }
}

/// The words that a program name stands for: those after the first `-` of its base name, so that a
/// link `omero-sessions-list` is a command of its own.
pub fn words_of_program_name(program: &OsStr) -> Vec<OsString> {
    let path = Path::new(program);
    let base = match path.extension() {
        Some(extension) if extension == std::env::consts::EXE_EXTENSION => path.file_stem(),
        _ => path.file_name(),
    };
    base.unwrap_or_default()
        .split("-")
        .skip(1)
        .filter(|word| !word.is_empty())
        .map(OsStr::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_table() {
        assert_eq!(meaning("help"), Meaning::Builtin(Builtin::Help));
        assert_eq!(meaning("version"), Meaning::Builtin(Builtin::Version));
        assert!(matches!(meaning("login"), Meaning::Alias(alias) if alias.command == "login"));
        assert!(matches!(meaning("logout"), Meaning::Alias(alias) if alias.command == "logout"));
        assert_eq!(meaning("sessions"), Meaning::Plugin);
        assert_eq!(meaning("--help"), Meaning::Plugin);
    }

    #[test]
    fn no_alias_hides_behind_a_builtin() {
        for alias in ALIASES {
            assert!(matches!(meaning(alias.name), Meaning::Alias(found) if found == alias));
        }
    }

    #[test]
    fn program_names_are_cut_at_their_dashes() {
        for (program, words) in [
            ("omero", vec![]),
            ("/opt/my-env/bin/omero", vec![]),
            ("/usr/bin/omero-sessions-list", vec!["sessions", "list"]),
            ("omero-login", vec!["login"]),
            ("omero-", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(
                words_of_program_name(OsStr::new(program)),
                words,
                "{program}"
            );
        }
    }
}
