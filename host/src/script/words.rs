//! The words that scripts and the shell know besides the commands: moving about and leaving.

use std::{env, fs, path::Path};

use omero_plugin_abi::Stream;
use omero_plugin_api::Error;

use crate::{error, host::Host};

/// The words, for completion.
pub const WORDS: &[&str] = &["cd", "dir", "exit", "ls", "pwd"];

/// What a word asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// It was done.
    Done,
    /// Leave the shell, or a script that is not a file: `quit`.
    Leave,
    /// Leave the shell or any script: `exit`.
    Exit,
}

/// Does what the first word says, if it is one of these words.
///
/// # Errors
///
/// Wrong arguments; a directory that cannot be used; output that cannot be written.
pub fn perform(host: &Host, words: &[String]) -> Result<Option<Word>, Error> {
    let Some((word, arguments)) = words.split_first() else {
        return Ok(Some(Word::Done));
    };
    let most = match word.as_str() {
        "cd" => 1,
        "pwd" | "ls" | "dir" | "quit" | "exit" => 0,
        "EOF" if arguments.is_empty() => {
            host.streams.write(Stream::OUTPUT, b"\n")?;
            return Ok(Some(Word::Leave));
        }
        _ => return Ok(None),
    };
    if arguments.len() > most {
        return Err(error::usage(format!("too many arguments for `{word}`")));
    }
    match (word.as_str(), arguments) {
        ("quit", _) => return Ok(Some(Word::Leave)),
        ("exit", _) => return Ok(Some(Word::Exit)),
        ("cd", [directory]) => change_directory(Path::new(directory))?,
        ("cd", _) => return Err(error::usage("`cd` needs a directory")),
        ("pwd", _) => print(host, [here()?])?,
        _ => print(host, list()?)?,
    }
    Ok(Some(Word::Done))
}

fn change_directory(directory: &Path) -> Result<(), Error> {
    env::set_current_dir(directory).map_err(|reason| {
        error::fatal(1, format!("cannot go to {}: {reason}", directory.display()))
    })
}

fn here() -> Result<String, Error> {
    let directory = env::current_dir()
        .map_err(|reason| error::fatal(1, format!("the working directory is unknown: {reason}")))?;
    Ok(directory.display().to_string())
}

/// The names in the working directory, hidden ones included, sorted.
fn list() -> Result<Vec<String>, Error> {
    let unreadable = |reason| error::fatal(1, format!("cannot list the directory: {reason}"));
    let mut names = fs::read_dir(".")
        .map_err(unreadable)?
        .map(|entry| Ok(entry.map_err(unreadable)?.file_name().display().to_string()))
        .collect::<Result<Vec<_>, Error>>()?;
    names.sort();
    Ok(names)
}

fn print(host: &Host, lines: impl IntoIterator<Item = String>) -> Result<(), Error> {
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    host.streams.write(Stream::OUTPUT, text.as_bytes())
}
