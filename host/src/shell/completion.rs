//! Completion with Tab: the words of the shell, and what the completion of other shells offers.

use std::sync::Arc;

use rustyline::{
    Context, Helper,
    completion::{Completer, FilenameCompleter, Pair},
    highlight::Highlighter,
    hint::Hinter,
    validate::Validator,
};

use crate::{
    complete::{self, Paths},
    host::Host,
    script::words::WORDS,
};

/// What Tab asks.
pub struct Completion {
    host: Arc<Host>,
    files: FilenameCompleter,
    /// Whether there is anything to complete: not at a command's question.
    pub enabled: bool,
}

impl Completion {
    /// For this host's commands.
    pub fn new(host: &Arc<Host>) -> Self {
        Self {
            host: Arc::clone(host),
            files: FilenameCompleter::new(),
            enabled: true,
        }
    }
}

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        ctx: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        if !self.enabled {
            return Ok((pos, Vec::new()));
        }
        let typed = line.get(..pos).unwrap_or_default();
        let start = typed.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let (before, current) = typed.split_at(start);
        let words = shlex::split(before).unwrap_or_default();
        if words.first().is_some_and(|word| word == "cd") {
            return self.files.complete(line, pos, ctx);
        }
        let answer = complete::answer(&self.host, &words, current).unwrap_or_default();
        let own = WORDS.iter().filter(|_| words.is_empty());
        let mut found: Vec<String> = own.map(|word| (*word).to_owned()).collect();
        let offered = answer.candidates.into_iter().map(|c| c.value);
        found.extend(offered.filter(|word| !word.contains(char::is_control)));
        found.retain(|word| word.starts_with(current));
        if found.is_empty() && answer.paths != Paths::None {
            return self.files.complete(line, pos, ctx);
        }
        let pair = |word: String| Pair {
            replacement: spelled(&word),
            display: word,
        };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

/// The word as it has to stand on the line, with what separates it from the next.
fn spelled(word: &str) -> String {
    let quoted = shlex::try_quote(word).unwrap_or_default();
    // After `--name=` comes a value.
    let end = if word.ends_with('=') { "" } else { " " };
    format!("{quoted}{end}")
}

impl Hinter for Completion {
    type Hint = String;
}
impl Highlighter for Completion {}
impl Validator for Completion {}
impl Helper for Completion {}
