//! Walking to the cursor: which command, which option or argument.

use std::{collections::VecDeque, sync::Arc};

use omero_plugin_abi::{LoginOption, Secret};
use omero_plugin_api::manifest::{Argument, Command};

use super::tree::{self, Entered};
use crate::{host::Host, plugins::Plugin, resolve::Builtin, split};

/// Aliases that stand for aliases are followed so far.
const DEEPEST_ALIAS: usize = 10;

/// Where the cursor is.
pub struct Place {
    /// The command, or the top.
    pub node: Command,
    /// The words that lead to the plugin's command.
    pub path: Vec<String>,
    /// Whose command it is.
    pub owner: Owner,
    /// The login options so far.
    pub login: Vec<LoginOption>,
    /// The words that were no options and no commands, `--path` aside.
    pub positionals: Vec<String>,
}

/// Whose command it is.
pub enum Owner {
    /// No command yet.
    Nobody,
    /// The host.
    Builtin(Builtin),
    /// A plugin.
    Plugin(Arc<Plugin>),
    /// Nobody knows: its arguments may be anything.
    Unknown,
}

/// An option that waits for values.
pub struct Waiting {
    /// The option.
    pub option: Argument,
    /// How many values it has already.
    pub taken: usize,
}

/// Where the words end.
pub struct Cursor {
    /// The place.
    pub place: Place,
    /// The option whose value may come next.
    pub waiting: Option<Waiting>,
    /// Whether `--` has ended the options.
    pub only_values: bool,
}

/// Goes over the words; `None` if aliases lead nowhere.
pub fn walk(host: &Host, words: &[String]) -> Option<Cursor> {
    let mut at = Cursor {
        place: Place {
            node: tree::top(),
            path: Vec::new(),
            owner: Owner::Nobody,
            login: Vec::new(),
            positionals: Vec::new(),
        },
        waiting: None,
        only_values: false,
    };
    let mut aliases = 0;
    let mut words: VecDeque<String> = words.iter().cloned().collect();
    while let Some(word) = words.pop_front() {
        if at.take_value(&word) {
            continue;
        }
        if !at.only_values && word == "--" {
            at.only_values = true;
        } else if !at.only_values && is_option(&word) {
            at.waiting = at.place.option(&word);
        } else if let Some(alias) = at.place.word(host, word) {
            aliases += 1;
            if aliases > DEEPEST_ALIAS {
                return None;
            }
            alias.into_iter().rev().for_each(|w| words.push_front(w));
        }
    }
    Some(at)
}

impl Cursor {
    /// Whether the word is a value of the option that waits.
    fn take_value(&mut self, word: &str) -> bool {
        let Some(Waiting { option, taken }) = self.waiting.take() else {
            return false;
        };
        if taken >= option.min_values && is_option(word) {
            return false;
        }
        self.place.note(&option, word);
        let taken = taken + 1;
        if option.max_values.is_none_or(|most| taken < most) {
            self.waiting = Some(Waiting { option, taken });
        }
        true
    }
}

/// Whether a word is an option, or the beginning of one.
pub fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

impl Place {
    /// Goes over an option; what waits for values if it does.
    fn option(&mut self, word: &str) -> Option<Waiting> {
        if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
            let option = self.long(name)?;
            self.note(&option, value);
            return None;
        }
        if word.starts_with("--") {
            return wait(self.long(word)?);
        }
        let options = tree::options(&self.node);
        for (at, letter) in word.char_indices().skip(1) {
            let option = options.iter().find(|o| o.short == Some(letter))?;
            if option.takes_value() {
                let rest = &word[at + letter.len_utf8()..];
                if rest.is_empty() {
                    return wait(option.clone());
                }
                self.note(option, rest.strip_prefix('=').unwrap_or(rest));
                return None;
            }
        }
        None
    }

    /// The option of a long name with its dashes, or of the beginning of only one.
    pub fn long(&self, name: &str) -> Option<Argument> {
        let name = name.strip_prefix("--").filter(|name| !name.is_empty())?;
        let options = tree::options(&self.node);
        let is = |o: &&Argument| o.long.as_deref() == Some(name);
        if let Some(exact) = options.iter().find(is) {
            return Some(exact.clone());
        }
        let begins = |o: &&Argument| o.long.as_deref().is_some_and(|l| l.starts_with(name));
        let mut found = options.iter().filter(begins);
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        }
    }

    /// Remembers the value of a login option.
    fn note(&mut self, option: &Argument, value: &str) {
        if tree::is_login(&self.node, option) {
            self.login.push(LoginOption {
                name: option.id.as_str().into(),
                value: Secret::new(value.to_owned()),
            });
        }
    }

    /// Goes over a word that is no option; the words that it stands for if it is an alias.
    fn word(&mut self, host: &Host, word: String) -> Option<Vec<String>> {
        match self.owner {
            Owner::Nobody => match tree::enter(host, &word) {
                Entered::Builtin(builtin, node) => {
                    (self.owner, self.node) = (Owner::Builtin(builtin), *node);
                    self.path = vec![word];
                }
                Entered::Plugin(plugin, node, path) => {
                    (self.owner, self.node, self.path) = (Owner::Plugin(plugin), *node, path);
                }
                Entered::Alias(words) => return Some(words),
                Entered::Unknown => {
                    self.owner = Owner::Unknown;
                    self.path = vec![word];
                }
            },
            _ => match split::subcommand(&self.node, &word).cloned() {
                Some(sub) => {
                    self.path.push(sub.name.clone());
                    self.node = sub;
                }
                None => self.positionals.push(word),
            },
        }
        None
    }
}

fn wait(option: Argument) -> Option<Waiting> {
    option.takes_value().then_some(Waiting { option, taken: 0 })
}
