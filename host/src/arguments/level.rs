//! Which options count at one place of the command line.

use omero_plugin_api::manifest::{Argument, Command};

use super::options::{GLOBAL, HostOption, LOGIN, LoginSpec};

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

impl Values {
    const NONE: Self = Self {
        least: 0,
        most: 0,
        hyphen: false,
    };
    const ONE: Self = Self {
        least: 1,
        most: 1,
        hyphen: false,
    };

    fn of(value_name: Option<&str>) -> Self {
        if value_name.is_some() {
            Self::ONE
        } else {
            Self::NONE
        }
    }
}

/// Whose option it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The host's own.
    Host(HostOption),
    /// The session provider's.
    Login(&'static LoginSpec),
    /// The plugin's, which parses it itself.
    Plugin,
}

/// One option at a level.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its long name without dashes.
    pub long: Option<&'a str>,
    /// Its short name.
    pub short: Option<char>,
    /// Whose it is.
    pub owner: Owner,
    /// The values that it takes.
    pub values: Values,
}

/// The options that count at one place.
#[derive(Debug)]
pub struct Level<'a> {
    /// The program and command so far, for messages.
    pub program: String,
    /// Whether an option that is not in the list is an error here; otherwise the plugin judges it.
    pub strict: bool,
    options: Vec<Known<'a>>,
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
        let global = GLOBAL.iter().map(|spec| Known {
            long: Some(spec.long),
            short: spec.short,
            owner: Owner::Host(spec.option),
            values: Values::of(spec.value),
        });
        Self {
            program: "omero".to_owned(),
            strict: true,
            options: global.chain(LOGIN.iter().map(login)).collect(),
        }
    }

    /// At a command of a plugin: the plugin's options, then what they leave free of `--help` and,
    /// where the command uses the session, of the login options.
    pub fn of(command: &'a Command, program: String) -> Self {
        let mut level = Self {
            program,
            strict: false,
            options: command
                .arguments
                .iter()
                .filter(|a| !a.is_positional())
                .map(own)
                .collect(),
        };
        level.add(Known {
            long: Some("help"),
            short: Some('h'),
            owner: Owner::Host(HostOption::Help),
            values: Values::NONE,
        });
        if command.uses_session {
            LOGIN.iter().map(login).for_each(|known| level.add(known));
        }
        level
    }

    /// Adds an option under those of its names that are still free: the plugin's own come first.
    fn add(&mut self, mut known: Known<'a>) {
        known.long = known
            .long
            .filter(|long| !self.options.iter().any(|o| o.long == Some(long)));
        known.short = known
            .short
            .filter(|short| !self.options.iter().any(|o| o.short == Some(*short)));
        self.options.push(known);
    }

    /// The option of a long name or of an unambiguous prefix of it.
    pub fn long(&self, name: &str) -> Found<'_, 'a> {
        if let Some(exact) = self.options.iter().find(|o| o.long == Some(name)) {
            return Found::One(exact);
        }
        let matching: Vec<_> = self
            .options
            .iter()
            .filter(|o| {
                o.long
                    .is_some_and(|long| !name.is_empty() && long.starts_with(name))
            })
            .collect();
        match matching.as_slice() {
            [] => Found::Nothing,
            [only] => Found::One(only),
            _ => Found::Several(matching),
        }
    }

    /// The option of a short name.
    pub fn short(&self, name: char) -> Option<&Known<'a>> {
        self.options.iter().find(|o| o.short == Some(name))
    }

    /// Whether a digit is an option here, so that `-5` is no number.
    pub fn has_digit_option(&self) -> bool {
        self.options
            .iter()
            .any(|o| o.short.is_some_and(|c| c.is_ascii_digit()))
    }
}

fn login<'a>(spec: &'static LoginSpec) -> Known<'a> {
    Known {
        long: Some(spec.long),
        short: spec.short,
        owner: Owner::Login(spec),
        values: Values::of(spec.value),
    }
}

fn own(argument: &Argument) -> Known<'_> {
    Known {
        long: argument.long.as_deref(),
        short: argument.short,
        owner: Owner::Plugin,
        values: Values {
            least: argument.min_values,
            most: argument.max_values.unwrap_or(usize::MAX),
            hyphen: argument.hyphen_values,
        },
    }
}
