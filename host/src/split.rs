//! Splitting a command line: what the host takes out, and what the plugin gets.
//!
//! The walk follows the command tree of the plugin's manifest, because only that tells a value of
//! the plugin's own option (`--timeout 5`, `--style -s`) from an option of the host.

use std::ffi::OsString;

use omero_plugin_api::{Error, manifest::Command};

use crate::arguments::{Level, Shown, Taken, Walk, Word, texts};

/// The top of a command line: everything up to the command.
#[derive(Debug)]
pub enum Top {
    /// `-h` before any command.
    Help(Taken),
    /// `-v` before any command.
    Version,
    /// No command.
    Nothing(Taken),
    /// A command and what follows it.
    Command {
        /// The command's name as typed, with escapes if it is not UTF-8; then it is the name of no
        /// command.
        name: String,
        /// What stood before it.
        taken: Taken,
        /// What stands after it.
        rest: Vec<OsString>,
    },
}

/// Reads the options before the command. `taken` holds what was taken out already.
///
/// # Errors
///
/// An unknown or ambiguous option, or one without its value.
pub fn top(words: Vec<OsString>, taken: Taken) -> Result<Top, Error> {
    let mut walk = Walk::new(words, taken);
    loop {
        return Ok(match walk.next(&Level::top())? {
            Word::Help => Top::Help(walk.taken),
            Word::Version => Top::Version,
            Word::End => Top::Nothing(walk.taken),
            Word::Separator => continue,
            Word::Plain(name) => Top::Command {
                name: Shown(&name).to_string(),
                rest: walk.rest(),
                taken: walk.taken,
            },
        });
    }
}

/// A command line at a plugin's command.
#[derive(Debug)]
pub struct Split {
    /// All options that were taken out.
    pub taken: Taken,
    /// The names of the subcommands, outermost first.
    pub path: Vec<String>,
    /// What the plugin parses itself, subcommands included; empty if help was asked for.
    pub arguments: Vec<String>,
    /// Whether help was asked for, at the subcommand of `path`.
    pub help: bool,
}

/// Reads what follows a plugin's command. `taken` holds the options that stood before it.
///
/// # Errors
///
/// An ambiguous option, a login option without its value, or an argument that is not UTF-8.
pub fn command(
    root: &Command,
    program: &str,
    words: Vec<OsString>,
    taken: Taken,
) -> Result<Split, Error> {
    let mut walk = Walk::new(words, taken);
    let mut path = Vec::new();
    let mut node = root;
    let mut level = Level::of(node, format!("{program} {}", root.name));
    let help = loop {
        match walk.next(&level)? {
            Word::Help => break true,
            Word::End | Word::Version => break false,
            Word::Separator => {
                walk.kept.push("--".into());
                let rest = walk.rest();
                walk.kept.extend(rest);
                break false;
            }
            Word::Plain(word) => {
                if let Some(sub) = word.to_str().and_then(|word| subcommand(node, word)) {
                    level = Level::of(sub, format!("{} {}", level.program, sub.name));
                    path.push(sub.name.clone());
                    node = sub;
                }
                walk.kept.push(word);
            }
        }
    };
    // A plugin gets its arguments as text; for its help they do not matter.
    let arguments = if help { Vec::new() } else { texts(walk.kept)? };
    Ok(Split {
        taken: walk.taken,
        path,
        arguments,
        help,
    })
}

/// A word in the place of a subcommand that the command does not have.
#[derive(Debug)]
pub struct Stranger<'a> {
    /// The command, whose subcommands are others.
    pub node: &'a Command,
    /// The names of the subcommands before it, outermost first.
    pub path: Vec<&'a str>,
    /// The word.
    pub word: String,
}

/// The first word that would be a subcommand and is none. Behind an option that the command does not
/// know there is none: that is a mistake in a command that is here.
pub fn stranger<'a>(root: &'a Command, words: &[OsString]) -> Option<Stranger<'a>> {
    let mut walk = Walk::new(words.to_vec(), Taken::default());
    let (mut node, mut path) = (root, Vec::new());
    loop {
        let level = Level::of(node, String::new());
        let Ok(Word::Plain(word)) = walk.next(&level) else {
            return None;
        };
        let takes_words = node.arguments.iter().any(|a| a.is_positional());
        if node.commands.is_empty() || takes_words || !walk.kept.is_empty() {
            return None;
        }
        let word = word.into_string().ok()?;
        match subcommand(node, &word) {
            Some(sub) => {
                path.push(&*sub.name);
                node = sub;
            }
            None => return Some(Stranger { node, path, word }),
        }
    }
}

/// The subcommand of a name or alias.
pub fn subcommand<'a>(command: &'a Command, word: &str) -> Option<&'a Command> {
    command
        .commands
        .iter()
        .find(|sub| sub.name == word || sub.aliases.iter().any(|a| a == word))
}

#[cfg(all(test, unix))]
mod not_text_tests;
#[cfg(test)]
mod tests;
