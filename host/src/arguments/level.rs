//! Which options count at one place of the command line.

use std::ffi::OsStr;

use clap_lex::{OsStrExt, RawArgs};
use omero_plugin_api::manifest::{Argument, Command};

use super::options::{GLOBAL, GlobalSpec, HostOption, LOGIN, LoginSpec};

/// How many words follow an option as its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Values {
    /// The fewest.
    pub least: usize,
    /// The most.
    pub most: usize,
    /// Whether a value may begin with `-`.
    pub hyphen: bool,
}

/// Whose option it is.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// The host's own.
    Host(&'static GlobalSpec),
    /// The session provider's.
    Login(&'static LoginSpec),
    /// The plugin's, which parses it itself.
    Plugin(&'a Argument),
}

/// One option at a level.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its long name without dashes, where it is free at this level.
    pub long: Option<&'a str>,
    /// Its short name, where it is free at this level.
    pub short: Option<char>,
    /// Whose it is.
    pub owner: Owner<'a>,
}

impl<'a> Known<'a> {
    fn own(argument: &'a Argument) -> Self {
        Self {
            long: argument.long.as_deref(),
            short: argument.short,
            owner: Owner::Plugin(argument),
        }
    }

    fn global(spec: &'static GlobalSpec) -> Self {
        Self {
            long: Some(spec.long),
            short: spec.short,
            owner: Owner::Host(spec),
        }
    }

    fn login(spec: &'static LoginSpec) -> Self {
        Self {
            long: Some(spec.long),
            short: spec.short,
            owner: Owner::Login(spec),
        }
    }

    /// Whether it is the plugin's.
    pub fn is_own(&self) -> bool {
        matches!(self.owner, Owner::Plugin(_))
    }

    /// Whether it is this option of the host.
    pub fn is(&self, option: HostOption) -> bool {
        matches!(self.owner, Owner::Host(spec) if spec.option == option)
    }

    /// The name by which its owner knows it.
    pub fn id(&self) -> &'a str {
        match self.owner {
            Owner::Plugin(argument) => &argument.id,
            Owner::Host(spec) => spec.long,
            Owner::Login(spec) => spec.long,
        }
    }

    /// The values that it takes.
    pub fn values(&self) -> Values {
        match self.owner {
            Owner::Plugin(argument) => Values {
                least: argument.min_values,
                most: match argument.require_equals {
                    // A joined value only.
                    true => 0,
                    false => argument.max_values.unwrap_or(usize::MAX),
                },
                hyphen: argument.hyphen_values,
            },
            Owner::Host(_) | Owner::Login(_) => {
                let count = usize::from(self.value_name().is_some());
                Values {
                    least: count,
                    most: count,
                    hyphen: false,
                }
            }
        }
    }

    /// Whether it takes values, in words of their own or joined to it.
    pub fn takes_value(&self) -> bool {
        match self.owner {
            Owner::Plugin(argument) => argument.takes_value(),
            Owner::Host(_) | Owner::Login(_) => self.value_name().is_some(),
        }
    }

    /// The name of its value in the help; `None` for a flag.
    pub fn value_name(&self) -> Option<&'a str> {
        match self.owner {
            Owner::Plugin(argument) => argument.value_names.first().map(String::as_str),
            Owner::Host(spec) => spec.value,
            Owner::Login(spec) => spec.value,
        }
    }

    /// One line of help.
    pub fn help(&self) -> &'a str {
        match self.owner {
            Owner::Plugin(argument) => &argument.help,
            Owner::Host(spec) => spec.help,
            Owner::Login(spec) => spec.help,
        }
    }

    /// All its long names.
    fn longs(&self) -> impl Iterator<Item = &'a str> {
        let own = match self.owner {
            Owner::Plugin(argument) => Some(argument.longs()),
            _ => None,
        };
        let one = self.long.filter(|_| own.is_none());
        one.into_iter().chain(own.into_iter().flatten())
    }

    fn has_long(&self, name: &str) -> bool {
        self.longs().any(|long| long == name)
    }

    fn has_short(&self, name: char) -> bool {
        match self.owner {
            Owner::Plugin(argument) => argument.shorts().any(|short| short == name),
            _ => self.short == Some(name),
        }
    }
}

/// The options that count at one place.
#[derive(Debug)]
pub struct Level<'a> {
    /// The program and command so far, for messages.
    pub program: String,
    /// The command; `None` before any.
    pub command: Option<&'a Command>,
    /// The options.
    pub options: Vec<Known<'a>>,
}

/// What a name on the command line stands for.
#[derive(Debug)]
pub enum Found<'l, 'a> {
    /// This option.
    One(&'l Known<'a>),
    /// A prefix of several.
    Several(Vec<&'l Known<'a>>),
    /// Nothing known.
    Nothing,
}

impl<'a> Level<'a> {
    /// Before the command: the host's own options and the login options.
    pub fn top() -> Self {
        let global = GLOBAL.iter().map(Known::global);
        Self {
            program: "omero".to_owned(),
            command: None,
            options: global.chain(LOGIN.iter().map(Known::login)).collect(),
        }
    }

    /// At a command of a plugin: the plugin's options, then what they leave free of `--help`, the
    /// login options, where the command takes them, and `--path`.
    pub fn of(command: &'a Command, program: String, takes_login: bool) -> Self {
        let own = command.arguments.iter().filter(|a| !a.is_positional());
        let mut level = Self {
            program,
            command: Some(command),
            options: own.map(Known::own).collect(),
        };
        let global = |option| GLOBAL.iter().filter(move |spec| spec.option == option);
        let login = LOGIN.iter().filter(|_| takes_login).map(Known::login);
        global(HostOption::Help)
            .map(Known::global)
            .chain(login)
            .chain(global(HostOption::Path).map(Known::global))
            .for_each(|known| level.add(known));
        level
    }

    /// Adds an option under those of its names that are still free: the plugin's own come first.
    fn add(&mut self, mut known: Known<'a>) {
        known.long = known
            .long
            .filter(|long| !self.options.iter().any(|o| o.has_long(long)));
        known.short = known
            .short
            .filter(|short| !self.options.iter().any(|o| o.has_short(*short)));
        if known.long.is_some() || known.short.is_some() {
            self.options.push(known);
        }
    }

    /// Whether an option that is not in the list is an error here; otherwise the plugin judges it.
    pub fn strict(&self) -> bool {
        self.command.is_none()
    }

    /// The option of a long name or of an unambiguous prefix of it.
    pub fn long(&self, name: &str) -> Found<'_, 'a> {
        if let Some(exact) = self.options.iter().find(|o| o.has_long(name)) {
            return Found::One(exact);
        }
        let begins = |known: &&Known<'a>| {
            // Behind the command only the whole word `--path` is the host's.
            let whole = known.is(HostOption::Path) && !self.strict();
            !whole && known.longs().any(|long| long.starts_with(name))
        };
        let all = self.options.iter().filter(|_| !name.is_empty());
        let matching: Vec<_> = all.filter(begins).collect();
        match matching.as_slice() {
            [] => Found::Nothing,
            [only] => Found::One(only),
            _ => Found::Several(matching),
        }
    }

    /// The one option that a long name or its beginning means.
    pub fn only(&self, name: &str) -> Option<&Known<'a>> {
        match self.long(name) {
            Found::One(known) => Some(known),
            Found::Several(_) | Found::Nothing => None,
        }
    }

    /// The option of a short name.
    pub fn short(&self, name: char) -> Option<&Known<'a>> {
        self.options.iter().find(|o| o.has_short(name))
    }

    /// Whether all names in a word that begins with `-` are those of options here.
    pub fn knows(&self, word: &OsStr) -> bool {
        if let Some(long) = word.strip_prefix("--") {
            let name = long.split_once("=").map_or(long, |(name, _)| name);
            return name.to_str().is_some_and(|name| self.only(name).is_some());
        }
        let words = RawArgs::new([word]);
        let letters = words
            .next(&mut words.cursor())
            .and_then(|word| word.to_short());
        letters.is_some_and(|mut letters| {
            letters.all(|letter| letter.is_ok_and(|letter| self.short(letter).is_some()))
        })
    }

    /// Whether a digit is an option here, so that `-5` is no number.
    pub fn has_digit_option(&self) -> bool {
        ('0'..='9').any(|digit| self.short(digit).is_some())
    }
}
