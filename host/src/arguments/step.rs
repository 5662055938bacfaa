//! What is known of a word that was read.

use std::ffi::OsString;

use super::level::Known;

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Options.
    Option,
    /// A value of the option before it.
    Value,
    /// `--`: the rest are no options.
    Separator,
    /// `-h` or `--help` is in it.
    Help,
    /// `-v` or `--version` is in it.
    Version,
    /// A subcommand.
    Command,
    /// A value of a positional argument, or a word that nothing is known of.
    Plain,
}

/// A word that was read.
#[derive(Debug)]
pub struct Step<'a> {
    /// What it is.
    pub role: Role,
    /// The options that it completes, each with its value; that of a flag is empty.
    pub options: Vec<(Known<'a>, OsString)>,
    /// What is left of it for the plugin.
    pub kept: Option<OsString>,
}

impl Step<'_> {
    /// Options, and what is left of them for the plugin.
    pub fn option(kept: Option<OsString>) -> Self {
        Self {
            role: Role::Option,
            options: Vec::new(),
            kept,
        }
    }

    /// A word that is left as it is.
    pub fn kept(role: Role, word: OsString) -> Self {
        Self {
            role,
            options: Vec::new(),
            kept: Some(word),
        }
    }
}
