//! Splitting a command line: what the host takes out, and what the plugin gets.
//!
//! The walk follows the command tree of the plugin's manifest, because only that tells a value of
//! the plugin's own option (`--timeout 5`, `--style -s`) from an option of the host.

use std::ffi::OsString;

use omero_plugin_api::{Error, manifest::Command};

use crate::arguments::{HostOption, Known, Role, Shown, Step, Taken, Walk, texts};

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
pub fn top(words: Vec<OsString>, mut taken: Taken) -> Result<Top, Error> {
    let mut walk = Walk::top();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let step = walk.next(word)?;
        for (known, value) in step.options {
            taken.add(&known, value, &walk)?;
        }
        match (step.role, step.kept) {
            (Role::Help, _) => return Ok(Top::Help(taken)),
            (Role::Version, _) => return Ok(Top::Version),
            (Role::Plain, Some(name)) => {
                return Ok(Top::Command {
                    name: Shown(&name).to_string(),
                    rest: words.collect(),
                    taken,
                });
            }
            _ => {}
        }
    }
    walk.finish()?;
    Ok(Top::Nothing(taken))
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

/// Where a line was run.
#[derive(Debug)]
pub enum Outcome {
    /// Nowhere yet: it is the plugin's.
    Split(Split),
    /// Elsewhere, with this code.
    Ran(i32),
}

/// Reads what follows a plugin's command. `taken` holds the options that stood before it.
/// `elsewhere` is given the word that would be a subcommand and is none, and may run the line.
///
/// # Errors
///
/// An ambiguous option, a login option without its value, or an argument that is not UTF-8.
pub fn command(
    root: &Command,
    program: &str,
    words: Vec<OsString>,
    mut taken: Taken,
    elsewhere: impl FnOnce(&Stranger<'_>, &Taken) -> Result<Option<i32>, Error>,
) -> Result<Outcome, Error> {
    let mut walk = Walk::at(root, format!("{program} {}", root.name));
    let mut kept = Kept::default();
    let mut help = false;
    let mut stranger = Strangers::default();
    let mut elsewhere = Some(elsewhere);
    for word in words {
        let open = walk.waiting();
        let step = walk.next(word)?;
        if let Some(stranger) = stranger.at(&walk, &step)
            && let Some(elsewhere) = elsewhere.take()
            && let Some(code) = elsewhere(&stranger, &taken)?
        {
            return Ok(Outcome::Ran(code));
        }
        for (known, value) in step.options {
            taken.add(&known, value, &walk)?;
        }
        let is_open = open.is_some_and(|(known, has_to_be)| known.is_own() && !has_to_be);
        kept.add(step.role, step.kept, is_open, &walk);
        if step.role == Role::Help {
            help = true;
            break;
        }
    }
    walk.finish()?;
    // A plugin gets its arguments as text; for its help they do not matter.
    let arguments = if help { Vec::new() } else { texts(kept.end())? };
    Ok(Outcome::Split(Split {
        taken,
        path: walk.path.iter().map(|name| (*name).to_owned()).collect(),
        arguments,
        help,
    }))
}

/// The words that are left for the plugin.
///
/// `--color -q x` does not become `--color x`: where `--color` may take a value, it is put behind
/// the words that are no options.
#[derive(Default)]
struct Kept {
    words: Vec<OsString>,
    /// Where the last option of the plugin begins.
    option: usize,
    held: Vec<OsString>,
}

impl Kept {
    /// Adds what is left of a word; `is_open` says that the option before it could take a value.
    fn add(&mut self, role: Role, word: Option<OsString>, is_open: bool, walk: &Walk<'_>) {
        let hyphens = || walk.ended || walk.argument().is_some_and(|a| a.hyphen_values);
        match (role, &word) {
            (Role::Option, None) if is_open => self.held.extend(self.words.drain(self.option..)),
            // It ends the values of what is held.
            (Role::Option, Some(_)) => {
                self.words.append(&mut self.held);
                self.option = self.words.len();
            }
            (Role::Separator | Role::Command, _) => self.words.append(&mut self.held),
            // Behind this one an option would be a value.
            (Role::Plain, _) if hyphens() => self.words.append(&mut self.held),
            _ => {}
        }
        self.words.extend(word);
    }

    fn end(mut self) -> Vec<OsString> {
        self.words.append(&mut self.held);
        self.words
    }
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

/// Finds the first word that would be a subcommand and is none. Behind an option of the command, or
/// one that it does not know, there is none: that is a mistake in a command that is here.
#[derive(Default)]
struct Strangers {
    over: bool,
}

impl Strangers {
    fn at<'a>(&mut self, walk: &Walk<'a>, step: &Step<'a>) -> Option<Stranger<'a>> {
        let unknown = step.role == Role::Plain && walk.is_stranger();
        let goes_on = match step.role {
            Role::Option | Role::Value => step.kept.is_none(),
            Role::Command => true,
            _ => false,
        };
        let before = self.over;
        self.over |= !goes_on;
        let word = step.kept.as_ref().filter(|_| unknown && !before)?;
        Some(Stranger {
            node: walk.level.command?,
            path: walk.path.clone(),
            word: word.to_str()?.to_owned(),
        })
    }
}

/// The first word that would be a subcommand and is none.
pub fn stranger<'a>(root: &'a Command, words: &[OsString]) -> Option<Stranger<'a>> {
    let mut walk = Walk::at(root, String::new());
    let mut strangers = Strangers::default();
    for word in words {
        let step = walk.next(word.clone()).ok()?;
        if let Some(stranger) = strangers.at(&walk, &step) {
            return Some(stranger);
        }
    }
    None
}

/// The words behind a command without `--path` and its values, and these values. They stay where
/// they are if the command has such an option itself.
pub fn without_paths(root: &Command, words: Vec<OsString>) -> (Vec<OsString>, Vec<OsString>) {
    let mut walk = Walk::at(root, String::new());
    let (mut kept, mut paths) = (Vec::new(), Vec::new());
    let is_path = |known: &Known<'_>| known.is(HostOption::Path);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let Ok(step) = walk.next(word.clone()) else {
            // The error is reported when the line runs.
            kept.push(word);
            break;
        };
        let found = step.options.into_iter().filter(|(known, _)| is_path(known));
        let before = paths.len();
        paths.extend(found.map(|(_, value)| value));
        // At the end of the line the value is missing: the option stays, to be reported.
        let at_end = words.as_slice().is_empty();
        let waits = !at_end && walk.waiting().is_some_and(|(known, _)| is_path(&known));
        if !waits && paths.len() == before {
            kept.push(word);
        }
    }
    kept.extend(words);
    (kept, paths)
}

/// The values of `--path` and `--path=` before `--`, for a command that nothing is known of.
pub fn named_paths(words: &[OsString]) -> Vec<OsString> {
    let nothing = Command::default();
    without_paths(&nothing, words.to_vec()).1
}

#[cfg(test)]
mod grammar_tests;
#[cfg(all(test, unix))]
mod not_text_tests;
#[cfg(test)]
mod tests;
