//! The one reader of command lines: it is given a word at a time and says what the word is.
//!
//! Running a command, completion and the masking of secrets all read lines with it. It follows
//! clap, which the plugins parse with, over the grammar in the manifest: number of values,
//! `trailing_var_arg`, values that begin with `-`, values only after `=`. clap itself cannot do it:
//! it reports the same index for `--port=1` and `--port 1`, which hides the words to take out, and
//! stops at the first option that only the plugin may know.
//!
//! The rules of the host's options are those of OMERO.py's command line: unambiguous prefixes of
//! long options, `-shost`, clusters such as `-qC`, values that begin with `-` only in the joined
//! form, negative numbers as values, `--` as the end of options.
//!
//! Words need not be UTF-8: only the names of options and the values that the host takes out have to
//! be text.

use std::ffi::{OsStr, OsString};

use clap_lex::{OsStrExt, RawArgs};
use omero_plugin_api::{
    Error,
    manifest::{Argument, Command},
};

use super::{
    level::{Found, Known, Level},
    lex::{behind, is_option},
    options::HostOption,
    step::{Role, Step},
    text::Shown,
    wrong::{missing, spelled, too_much, unexpected, usage},
};

/// What the words so far leave open.
#[derive(Debug, Clone, Copy)]
enum State<'a> {
    Free,
    /// The option may take a value; it has this many.
    Option(Known<'a>, usize),
    /// The positional argument may take more values; it has this many.
    Positional(&'a Argument, usize),
}

/// A walk over the words of one command line.
#[derive(Debug)]
pub struct Walk<'a> {
    /// What counts at the next word.
    pub level: Level<'a>,
    /// The names of the subcommands so far, outermost first.
    pub path: Vec<&'a str>,
    /// Whether no more options may follow.
    pub ended: bool,
    state: State<'a>,
    /// How many positional arguments are complete.
    complete: usize,
    /// Whether an argument of the command was met.
    met_own: bool,
    /// Whether every level takes the login options.
    careful: bool,
}

impl<'a> Walk<'a> {
    /// Begins before the command.
    pub fn top() -> Self {
        Self::of(Level::top())
    }

    /// Begins behind the name of a command; `program` is what stands before its options.
    pub fn at(command: &'a Command, program: String) -> Self {
        Self::of(Level::of(command, program, command.uses_session))
    }

    /// As [`Walk::at`], but takes the login options at every level that leaves them free, so that a
    /// password is found even where it is not allowed.
    pub fn careful(command: &'a Command) -> Self {
        Self {
            careful: true,
            ..Self::of(Level::of(command, String::new(), true))
        }
    }

    fn of(level: Level<'a>) -> Self {
        Self {
            level,
            path: Vec::new(),
            ended: false,
            state: State::Free,
            complete: 0,
            met_own: false,
            careful: false,
        }
    }

    /// Reads the next word.
    ///
    /// # Errors
    ///
    /// An ambiguous prefix, a value that is missing or too much; before the command also an unknown
    /// option.
    pub fn next(&mut self, word: OsString) -> Result<Step<'a>, Error> {
        if self.ended {
            return Ok(self.positional(word));
        }
        match self.state {
            State::Option(known, count) if self.fits(&known, &word) => {
                return Ok(self.value(known, count, word));
            }
            State::Option(..) => {
                self.finish()?;
                self.state = State::Free;
            }
            State::Positional(argument, _) if argument.hyphen_values => {
                return Ok(self.positional(word));
            }
            State::Positional(..) | State::Free => {}
        }
        if word == "--" {
            self.ended = !self.level.strict();
            return Ok(Step::kept(Role::Separator, word));
        }
        if !is_option(&word, &self.level) {
            return Ok(self.plain(word));
        }
        match word.strip_prefix("--") {
            Some(long) => self.long(long, &word),
            None => self.cluster(&word),
        }
    }

    /// Ends the line.
    ///
    /// # Errors
    ///
    /// An option of the host misses its value.
    pub fn finish(&self) -> Result<(), Error> {
        match self.state {
            State::Option(known, 0) if !known.is_own() => Err(missing(&self.level, &known)),
            _ => Ok(()),
        }
    }

    /// The option whose value the next word may be, and whether it has to be.
    pub fn waiting(&self) -> Option<(Known<'a>, bool)> {
        match self.state {
            State::Option(known, count) => Some((known, count < known.values().least)),
            _ => None,
        }
    }

    /// The positional argument that the next word that is no option belongs to.
    pub fn argument(&self) -> Option<&'a Argument> {
        let mut all = self.positionals();
        let last = all.clone().last().filter(|last| last.last);
        match (last, self.ended) {
            (Some(last), true) => Some(last),
            _ => all.nth(self.complete).filter(|argument| !argument.last),
        }
    }

    /// Whether a word that no subcommand has the name of can only be one of another program.
    pub fn is_stranger(&self) -> bool {
        self.level.command.is_some_and(|command| {
            !command.commands.is_empty()
                && !command.external_subcommands
                && self.positionals().next().is_none()
        })
    }

    /// The error for a value that is not UTF-8. The value stays unsaid: it may be a secret.
    pub fn no_text(&self, known: &Known<'_>) -> Error {
        let sentence = format!("the value of '{}' is not UTF-8 text", spelled(known, true));
        usage(&self.level, &sentence)
    }

    fn positionals(&self) -> impl Iterator<Item = &'a Argument> + Clone {
        let command = self.level.command;
        let all = command.into_iter().flat_map(|command| &command.arguments);
        all.filter(|argument| argument.is_positional())
    }

    /// A word that is no option.
    fn plain(&mut self, word: OsString) -> Step<'a> {
        let command = self.level.command.filter(|command| {
            let busy = matches!(self.state, State::Positional(..));
            let excluded = command.arguments_exclude_subcommands && self.met_own;
            (!busy || command.subcommand_precedence) && !excluded
        });
        let sub = word.to_str().zip(command);
        let Some(sub) = sub.and_then(|(word, command)| command.subcommand(word)) else {
            return self.positional(word);
        };
        self.path.push(&sub.name);
        let program = format!("{} {}", self.level.program, sub.name);
        self.level = Level::of(sub, program, sub.uses_session || self.careful);
        self.state = State::Free;
        self.complete = 0;
        self.met_own = false;
        Step::kept(Role::Command, word)
    }

    /// A value of a positional argument.
    fn positional(&mut self, word: OsString) -> Step<'a> {
        let count = match self.state {
            State::Positional(_, count) => count,
            _ => 0,
        };
        self.state = State::Free;
        self.met_own = true;
        match self.argument() {
            Some(argument) => {
                self.ended |= argument.trailing;
                let most = match argument.repeatable {
                    true => usize::MAX,
                    false => argument.max_values.unwrap_or(usize::MAX),
                };
                let terminated = argument
                    .terminator
                    .as_ref()
                    .is_some_and(|end| word == **end);
                if terminated || count + 1 >= most {
                    self.complete += 1;
                } else {
                    self.state = State::Positional(argument, count + 1);
                }
            }
            // What follows the name of a command that only the plugin knows is that command's.
            None => self.ended |= self.level.command.is_some_and(|c| c.external_subcommands),
        }
        Step::kept(Role::Plain, word)
    }

    /// A value of an option.
    fn value(&mut self, known: Known<'a>, count: usize, word: OsString) -> Step<'a> {
        self.state = match count + 1 < known.values().most {
            true => State::Option(known, count + 1),
            false => State::Free,
        };
        Step {
            role: Role::Value,
            kept: known.is_own().then(|| word.clone()),
            options: vec![(known, word)],
        }
    }

    /// Whether the word is a value of the option before it.
    fn fits(&self, known: &Known<'_>, word: &OsStr) -> bool {
        if known.values().hyphen {
            return true;
        }
        if word == "--" {
            return false;
        }
        // As clap: what no option has the name of is a value, where one may look like that.
        !is_option(word, &self.level)
            || (known.is_own() && self.takes_hyphens() && !self.level.knows(word))
    }

    /// Whether an option that is not known is a value of the positional argument.
    fn takes_hyphens(&self) -> bool {
        self.argument()
            .is_some_and(|argument| argument.hyphen_values)
    }

    fn long(&mut self, option: &OsStr, word: &OsStr) -> Result<Step<'a>, Error> {
        let (name, value) = match option.split_once("=") {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option, None),
        };
        let shown = Shown(name);
        let strict = self.level.strict();
        let found = name.to_str().map_or(Found::Nothing, |n| self.level.long(n));
        match found {
            Found::One(known) => {
                let known = *known;
                let mut step = Step::option(None);
                if known.is_own() {
                    step.kept = Some(word.to_owned());
                }
                self.met(known, value, &mut step)?;
                Ok(step)
            }
            Found::Several(_) | Found::Nothing if self.takes_hyphens() => {
                Ok(self.positional(word.to_owned()))
            }
            Found::Several(all) if strict || all.iter().any(|o| !o.is_own()) => {
                let names = all.iter().filter_map(|o| o.long);
                let names: Vec<_> = names.map(|long| format!("--{long}")).collect();
                let could = names.join(", ");
                let sentence = format!("ambiguous option: --{shown} could match {could}");
                Err(usage(&self.level, &sentence))
            }
            Found::Nothing if strict => Err(unexpected(&self.level, &format!("--{shown}"))),
            Found::Several(_) | Found::Nothing => {
                self.met_own = true;
                Ok(Step::option(Some(word.to_owned())))
            }
        }
    }

    /// Short options behind one dash; those of the plugin stay behind it.
    fn cluster(&mut self, word: &OsStr) -> Result<Step<'a>, Error> {
        let words = RawArgs::new([word]);
        let letters = words.next(&mut words.cursor()).map(|word| word.to_short());
        let Some(Some(mut letters)) = letters else {
            return Ok(Step::option(Some(word.to_owned())));
        };
        if self.takes_hyphens() && !self.level.knows(word) {
            return Ok(self.positional(word.to_owned()));
        }
        let mut step = Step::option(None);
        let mut kept = String::from("-");
        while let Some(letter) = letters.next() {
            // What follows cannot be letters of options.
            let letter = match letter {
                Ok(letter) => letter,
                Err(rest) if self.level.strict() => {
                    return Err(unexpected(&self.level, &format!("-{}", Shown(rest))));
                }
                Err(rest) => {
                    step.kept = Some(behind(&kept, Some(rest)));
                    return Ok(step);
                }
            };
            let Some(known) = self.level.short(letter).copied() else {
                if self.level.strict() {
                    return Err(unexpected(&self.level, &format!("-{letter}")));
                }
                // Something that only the plugin may know.
                self.met_own = true;
                kept.push(letter);
                step.kept = Some(behind(&kept, letters.next_value_os()));
                return Ok(step);
            };
            if known.is_own() {
                kept.push(letter);
            }
            let value = match known.takes_value() {
                true => letters.next_value_os(),
                false => None,
            };
            if let (true, Some(rest)) = (known.is_own(), value) {
                step.kept = Some(behind(&kept, Some(rest)));
                kept.clear();
            }
            let value = value.map(|rest| rest.strip_prefix("=").unwrap_or(rest).to_owned());
            self.met(known, value, &mut step)?;
            if matches!(step.role, Role::Help | Role::Version) {
                break;
            }
        }
        if kept.len() > 1 {
            step.kept = Some(kept.into());
        }
        Ok(step)
    }

    /// An option by its name, with the value that is joined to it.
    fn met(
        &mut self,
        known: Known<'a>,
        joined: Option<OsString>,
        step: &mut Step<'a>,
    ) -> Result<(), Error> {
        self.met_own |= known.is_own();
        let takes_word = known.values().most > 0;
        match joined {
            Some(_) if !known.takes_value() && !known.is_own() => {
                return Err(too_much(&self.level, &known));
            }
            // A joined value is the only one of its occurrence.
            Some(value) => step.options.push((known, value)),
            None if takes_word => self.state = State::Option(known, 0),
            None => step.options.push((known, OsString::new())),
        }
        if known.is(HostOption::Help) {
            step.role = Role::Help;
        } else if known.is(HostOption::Version) {
            step.role = Role::Version;
        }
        Ok(())
    }
}
