//! Completion of command lines.
//!
//! `omero completion SHELL` prints a small script ([`script`]). The script runs the hidden command
//! `omero __complete`, which answers with what may stand at the cursor: built-in commands, aliases,
//! programs, and each plugin's commands, options and values, from their manifests. A plugin's
//! library is opened only for values that it alone knows: the session provider's for servers,
//! users, groups and sessions, which it takes from its store, and another's where its manifest
//! says that it completes. Nothing contacts a server.
//!
//! The answer: a first line that says what else may stand there (`:files`, `:directories` or
//! `:none`), then a candidate per line, a tab and a few words about it after it where there are
//! any. Whatever goes wrong, the answer is empty: nobody wants to read an error while typing.

mod answer;
mod line;
pub mod script;
mod values;

use std::{ffi::OsString, sync::Arc};

use omero_plugin_abi::Stream;
use omero_plugin_api::{Error, questions::Candidate};

use crate::host::Host;
pub use answer::answer;
use line::Line;

/// The hidden command.
pub const COMMAND: &str = "__complete";

/// What may stand at a place.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Words, from their beginning.
    pub candidates: Vec<Candidate>,
    /// What the shell itself completes.
    pub paths: Paths,
}

/// Which paths may stand at a place.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Paths {
    /// None.
    #[default]
    None,
    /// Files and directories.
    Files,
    /// Directories.
    Directories,
}

/// Answers a shell: its name, then what its script gives.
///
/// # Errors
///
/// The output cannot be written.
pub fn run(host: &Arc<Host>, asked: &[OsString]) -> Result<i32, Error> {
    let asked: Option<Vec<String>> = asked
        .iter()
        .map(|word| word.to_str().map(str::to_owned))
        .collect();
    let Some(line) = asked.and_then(|asked| Line::of(&asked)) else {
        return Ok(0);
    };
    let mut answer = answer(host, &line.words, &line.current).unwrap_or_default();
    answer.candidates.retain(|candidate| {
        let clean = |text: &str| !text.contains(char::is_control);
        candidate.value.starts_with(&line.current) && clean(&candidate.value)
    });
    let mut text = match answer.paths {
        Paths::None => ":none\n",
        Paths::Files => ":files\n",
        Paths::Directories => ":directories\n",
    }
    .to_owned();
    for candidate in answer.candidates {
        text.push_str(&line.spelled(&candidate.value));
        // Only the first line is a few words; escapes of the terminal are none at all.
        let help = candidate.help.lines().next().unwrap_or_default();
        let help = help.replace(char::is_control, " ");
        if !help.is_empty() {
            text.push('\t');
            text.push_str(&help);
        }
        text.push('\n');
    }
    host.streams.write(Stream::OUTPUT, text.as_bytes())?;
    Ok(0)
}
