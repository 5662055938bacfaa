//! Going over the words of a command line: options are taken out or kept, words are handed back.
//!
//! The rules are those of OMERO.py's command line: unambiguous prefixes of long options, `-shost`,
//! clusters such as `-qC`, values that begin with `-` only in the joined form, negative numbers as
//! values, `--` as the end of options.
//!
//! Words need not be UTF-8: only the names of options and the values that the host takes out have to
//! be text.

use std::ffi::{OsStr, OsString};

use clap_lex::{OsStrExt, RawArgs};
use omero_plugin_abi::{LoginOption, Secret};
use omero_plugin_api::Error;

use super::{
    level::{Found, Known, Level, Owner},
    options::{HostOption, LOGIN, LoginSpec, QUIET},
    text::Shown,
};
use crate::error;

/// The options that were taken out.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// The login options in the order of their table; of several the last one counts.
    pub login: Vec<LoginOption>,
    /// The value of `--debug`.
    pub debug: Option<String>,
    /// The values of `--path`.
    pub paths: Vec<OsString>,
    /// The values of `-e`.
    pub commands: Vec<String>,
}

impl Taken {
    /// Whether `-q` was given.
    pub fn quiet(&self) -> bool {
        self.login.iter().any(|option| option.name == QUIET)
    }

    /// Whether any login option but `-q` was given.
    pub fn wants_login(&self) -> bool {
        self.login.iter().any(|option| option.name != QUIET)
    }

    fn put(&mut self, spec: &LoginSpec, value: String) {
        let position = |name: &str| LOGIN.iter().position(|s| s.long == name);
        self.login.retain(|option| option.name != spec.long);
        let place = self
            .login
            .partition_point(|o| position(&o.name) < position(spec.long));
        let option = LoginOption {
            name: spec.long.into(),
            value: Secret::new(value),
        };
        self.login.insert(place, option);
    }
}

/// What stands next on the command line, options aside.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// An ordinary word.
    Plain(OsString),
    /// `--`: the rest are no options.
    Separator,
    /// `-h` or `--help`.
    Help,
    /// `-v` or `--version`.
    Version,
    /// Nothing: the line is at its end.
    End,
}

/// A walk over the words of one command line.
#[derive(Debug)]
pub struct Walk {
    words: std::iter::Peekable<std::vec::IntoIter<OsString>>,
    /// What was taken out so far.
    pub taken: Taken,
    /// What is left for the plugin.
    pub kept: Vec<OsString>,
}

impl Walk {
    /// Starts at the first word.
    pub fn new(words: Vec<OsString>, taken: Taken) -> Self {
        Self {
            words: words.into_iter().peekable(),
            taken,
            kept: Vec::new(),
        }
    }

    /// The words that were not walked over.
    pub fn rest(&mut self) -> Vec<OsString> {
        self.words.by_ref().collect()
    }

    /// Goes on to the next word that is no option, by the options of this level.
    ///
    /// # Errors
    ///
    /// An ambiguous prefix, a value that is missing, too much or not text; at a strict level also an
    /// unknown option.
    pub fn next(&mut self, level: &Level<'_>) -> Result<Word, Error> {
        while let Some(word) = self.words.next() {
            if word == "--" {
                return Ok(Word::Separator);
            }
            if !is_option(&word, level) {
                return Ok(Word::Plain(word));
            }
            let stop = match word.strip_prefix("--") {
                Some(long) => self.long(long, &word, level)?,
                None => self.cluster(&word, level)?,
            };
            if let Some(stop) = stop {
                return Ok(stop);
            }
        }
        Ok(Word::End)
    }

    fn long(
        &mut self,
        option: &OsStr,
        word: &OsStr,
        level: &Level<'_>,
    ) -> Result<Option<Word>, Error> {
        let (name, value) = match option.split_once("=") {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option, None),
        };
        let shown = Shown(name);
        match name.to_str().map_or(Found::Nothing, |n| level.long(n)) {
            Found::One(known) if known.owner == Owner::Plugin => {
                self.kept.push(word.to_owned());
                self.keep_values(known, usize::from(value.is_some()), level);
                Ok(None)
            }
            Found::One(known) => self.take(known, value, level),
            Found::Several(all) if level.strict || all.iter().any(|o| o.owner != Owner::Plugin) => {
                let names: Vec<_> = all
                    .iter()
                    .filter_map(|o| o.long)
                    .map(|long| format!("--{long}"))
                    .collect();
                let could = names.join(", ");
                let sentence = format!("ambiguous option: --{shown} could match {could}");
                Err(usage(level, &sentence))
            }
            Found::Nothing if level.strict => Err(unexpected(level, &format!("--{shown}"))),
            Found::Several(_) | Found::Nothing => {
                self.kept.push(word.to_owned());
                Ok(None)
            }
        }
    }

    /// Short options behind one dash; those of the plugin stay behind it.
    fn cluster(&mut self, word: &OsStr, level: &Level<'_>) -> Result<Option<Word>, Error> {
        let words = RawArgs::new([word]);
        let mut letters = match words.next(&mut words.cursor()).map(|word| word.to_short()) {
            Some(Some(letters)) => letters,
            _ => {
                self.kept.push(word.to_owned());
                return Ok(None);
            }
        };
        let mut kept = String::from("-");
        let mut stop = None;
        while let Some(letter) = letters.next() {
            // What follows cannot be letters of options.
            let letter = match letter {
                Ok(letter) => letter,
                Err(rest) if level.strict => {
                    return Err(unexpected(level, &format!("-{}", Shown(rest))));
                }
                Err(rest) => {
                    self.kept.push(behind(&kept, Some(rest)));
                    return Ok(None);
                }
            };
            match level.short(letter) {
                None if level.strict => return Err(unexpected(level, &format!("-{letter}"))),
                Some(known) if known.owner == Owner::Plugin && known.values.most == 0 => {
                    kept.push(letter);
                }
                // The plugin's option with its value, or something that only the plugin may know.
                known @ (None
                | Some(Known {
                    owner: Owner::Plugin,
                    ..
                })) => {
                    kept.push(letter);
                    let rest = letters.next_value_os();
                    self.kept.push(behind(&kept, rest));
                    if let Some(known) = known {
                        self.keep_values(known, usize::from(rest.is_some()), level);
                    }
                    return Ok(None);
                }
                Some(known) if known.values.most > 0 => {
                    let joined = letters.next_value_os();
                    let value = joined.map(|r| r.strip_prefix("=").unwrap_or(r).to_owned());
                    stop = self.take(known, value, level)?;
                    break;
                }
                Some(known) => {
                    if let Some(word) = self.take(known, None, level)? {
                        stop = Some(word);
                        break;
                    }
                }
            }
        }
        if kept.len() > 1 {
            self.kept.push(kept.into());
        }
        Ok(stop)
    }

    /// Takes out an option of the host or a login option.
    fn take(
        &mut self,
        known: &Known<'_>,
        joined: Option<OsString>,
        level: &Level<'_>,
    ) -> Result<Option<Word>, Error> {
        let value = if known.values.most > 0 {
            match joined.or_else(|| self.words.next_if(|next| !is_option(next, level))) {
                Some(value) => value,
                None => return Err(missing(level, known)),
            }
        } else {
            if joined.is_some() {
                return Err(too_much(level, known));
            }
            OsString::new()
        };
        let text = |value: OsString| value.into_string().map_err(|_| no_text(level, known));
        match known.owner {
            Owner::Login(spec) => self.taken.put(spec, text(value)?),
            Owner::Host(HostOption::Debug) => self.taken.debug = Some(text(value)?),
            Owner::Host(HostOption::Path) => self.taken.paths.push(value),
            Owner::Host(HostOption::Execute) => self.taken.commands.push(text(value)?),
            Owner::Host(HostOption::Help) => return Ok(Some(Word::Help)),
            Owner::Host(HostOption::Version) => return Ok(Some(Word::Version)),
            Owner::Plugin => {}
        }
        Ok(None)
    }

    /// Keeps the words that the plugin's parser will take as values of its option, so that none of
    /// them is mistaken for something else.
    fn keep_values(&mut self, known: &Known<'_>, already: usize, level: &Level<'_>) {
        // A joined value is the only one of its occurrence.
        let most = if already > 0 { 0 } else { known.values.most };
        for count in 0..most {
            let hyphen_fits = known.values.hyphen && count < known.values.least;
            let fits = |next: &OsString| hyphen_fits || (next != "--" && !is_option(next, level));
            match self.words.next_if(fits) {
                Some(value) => self.kept.push(value),
                None => break,
            }
        }
    }
}

/// Takes `--path P` and `--path=P` out, wherever they stand before `--`: the place of the plugins
/// has to be known before the command is.
///
/// # Errors
///
/// `--path` without its value.
pub fn take_paths(words: Vec<OsString>) -> Result<(Vec<OsString>, Taken), Error> {
    let mut taken = Taken::default();
    let mut kept = Vec::with_capacity(words.len());
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if let Some(path) = word.strip_prefix("--path=") {
            taken.paths.push(path.to_owned());
        } else if word == "--path" {
            let sentence = "a value is required for '--path <PATH>' but none was supplied";
            taken
                .paths
                .push(words.next().ok_or_else(|| usage(&Level::top(), sentence))?);
        } else {
            let end = word == "--";
            kept.push(word);
            if end {
                kept.extend(words);
                break;
            }
        }
    }
    Ok((kept, taken))
}

/// The letters of a cluster, with their dash, and what follows them.
fn behind(letters: &str, rest: Option<&OsStr>) -> OsString {
    let mut word = OsString::from(letters);
    word.push(rest.unwrap_or_default());
    word
}

/// Whether a word is read as an option: it begins with `-`, but is neither `-` nor a negative
/// number.
fn is_option(word: &OsStr, level: &Level<'_>) -> bool {
    word.len() > 1
        && word.starts_with("-")
        && (level.has_digit_option() || !is_negative_number(word))
}

fn is_negative_number(word: &OsStr) -> bool {
    let Some(digits) = word.to_str().and_then(|word| word.strip_prefix('-')) else {
        return false;
    };
    let digit_or_dot = |b: u8| b.is_ascii_digit() || b == b'.';
    digits.bytes().all(digit_or_dot)
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.bytes().filter(|b| *b == b'.').count() <= 1
}

fn usage(level: &Level<'_>, sentence: &str) -> Error {
    error::usage(sentence).hint(format!("try `{} --help`", level.program))
}

fn unexpected(level: &Level<'_>, name: &str) -> Error {
    usage(level, &format!("unexpected argument '{name}' found"))
}

fn missing(level: &Level<'_>, known: &Known<'_>) -> Error {
    let sentence = format!(
        "a value is required for '{}' but none was supplied",
        spelled(known, true)
    );
    usage(level, &sentence)
}

/// The value stays unsaid: it may be a secret.
fn no_text(level: &Level<'_>, known: &Known<'_>) -> Error {
    let sentence = format!("the value of '{}' is not UTF-8 text", spelled(known, true));
    usage(level, &sentence)
}

/// The value stays unsaid: it may be a secret that was meant for another option.
fn too_much(level: &Level<'_>, known: &Known<'_>) -> Error {
    usage(
        level,
        &format!("'{}' takes no value", spelled(known, false)),
    )
}

fn spelled(known: &Known<'_>, with_value: bool) -> String {
    let name = match (known.long, known.short) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(short)) => format!("-{short}"),
        (None, None) => String::new(),
    };
    let value = match known.owner {
        Owner::Login(spec) => spec.value,
        Owner::Host(option) => super::GLOBAL
            .iter()
            .find(|s| s.option == option)
            .and_then(|s| s.value),
        Owner::Plugin => None,
    };
    match value.filter(|_| with_value) {
        Some(value) => format!("{name} <{value}>"),
        None => name,
    }
}
