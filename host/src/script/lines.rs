//! The lines of a script, one after the other, with their places.

use std::{fmt, path::Path, str::SplitInclusive};

use omero_plugin_api::Error;

use crate::{arguments::Shown, error, host::Host, life::Life, terminal, text_file};

/// What ends a line that goes on.
const ESCAPED_END: &str = "\\\n";

/// One command of a script as it was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it begins.
    pub place: Place,
    /// Its text with the end of the line, unless the script ends without one.
    pub text: String,
}

/// A place in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The script, as the user named it.
    pub script: String,
    /// The number of the line, from 1.
    pub number: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.script, self.number)
    }
}

impl Line {
    /// Whether there is nothing to do: the line is blank or a comment.
    pub fn is_idle(&self) -> bool {
        is_idle(&self.text)
    }

    /// The words of the command, by the quoting rules of the POSIX shell.
    ///
    /// # Errors
    ///
    /// A quote is not closed.
    pub fn words(&self) -> Result<Vec<String>, Error> {
        shlex::split(&self.text)
            .ok_or_else(|| error::usage(format!("{}: No closing quotation", self.place)))
    }
}

/// Where lines come from.
pub enum Source<'a> {
    /// A text that is known as a whole.
    Text {
        /// Its name for messages.
        name: String,
        /// What was not read yet.
        rest: SplitInclusive<'a, char>,
        /// The number of the last line that was read.
        number: usize,
    },
    /// Standard input: a line is run before the next one is read.
    Input {
        /// Its owner.
        host: &'a Host,
        /// The number of the last line that was read.
        number: usize,
    },
}

impl<'a> Source<'a> {
    /// The lines of a text.
    pub fn text(name: &str, text: &'a str) -> Self {
        Self::Text {
            name: name.to_owned(),
            rest: text.split_inclusive('\n'),
            number: 0,
        }
    }

    /// The lines of standard input.
    pub fn input(host: &'a Host) -> Self {
        Self::Input { host, number: 0 }
    }

    /// The next line. One that ends in a backslash goes on in the line after it.
    ///
    /// # Errors
    ///
    /// Standard input cannot be read, or Ctrl-C was pressed while it was waited for.
    pub fn next(&mut self) -> Result<Option<Line>, Error> {
        let Some(text) = self.physical()? else {
            return Ok(None);
        };
        let mut line = Line {
            place: self.place(),
            text,
        };
        while !line.is_idle() && goes_on(&line.text) {
            match self.physical()? {
                Some(more) => join(&mut line.text, &more),
                None => break,
            }
        }
        Ok(Some(line))
    }

    fn physical(&mut self) -> Result<Option<String>, Error> {
        let (line, number) = match self {
            Self::Text { rest, number, .. } => (rest.next().map(without_return), number),
            Self::Input { host, number } => {
                let Host {
                    input,
                    streams,
                    interrupt,
                    ..
                } = *host;
                let line = terminal::read_line(input, streams, interrupt, &Life::default(), "")?;
                let first = *number == 0;
                let line = line.map(|line| match first {
                    true => text_file::without_mark(&line).to_owned() + "\n",
                    false => line + "\n",
                });
                (line, number)
            }
        };
        *number += usize::from(line.is_some());
        Ok(line)
    }

    fn place(&self) -> Place {
        let (script, number) = match self {
            Self::Text { name, number, .. } => (name.clone(), *number),
            Self::Input { number, .. } => ("standard input".to_owned(), *number),
        };
        Place { script, number }
    }
}

/// A script from another system may end its lines with carriage return and newline.
fn without_return(line: &str) -> String {
    match line.strip_suffix("\r\n") {
        Some(line) => format!("{line}\n"),
        None => line.to_owned(),
    }
}

/// Whether there is nothing to do in a line: it is blank or a comment.
pub fn is_idle(text: &str) -> bool {
    let text = text.trim_start();
    text.is_empty() || text.starts_with('#')
}

/// Puts the next line in the place of an escaped end.
pub fn join(text: &mut String, more: &str) {
    text.truncate(text.len() - ESCAPED_END.len());
    text.push_str(more);
}

/// Whether the end of the line is escaped.
pub fn goes_on(text: &str) -> bool {
    let Some(text) = text.strip_suffix('\n') else {
        return false;
    };
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    backslashes % 2 == 1
}

/// Reads a script file as a whole.
///
/// # Errors
///
/// The file cannot be read, or is no UTF-8 text.
pub fn read(path: &Path) -> Result<String, Error> {
    text_file::read(path).map_err(|reason| {
        error::fatal(
            1,
            format!(
                "cannot read the script {}: {reason}",
                Shown(path.as_os_str())
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(usize, String)> {
        let mut source = Source::text("a", text);
        std::iter::from_fn(|| source.next().unwrap())
            .map(|line| (line.place.number, line.text))
            .collect()
    }

    #[test]
    fn lines_are_numbered_and_joined() {
        let text = "one\r\ntwo \\\n more\n\n# no \\\nfive\\\\\nlast";
        let expected = [
            (1, "one\n"),
            (2, "two  more\n"),
            (4, "\n"),
            (5, "# no \\\n"),
            (6, "five\\\\\n"),
            (7, "last"),
        ];
        let expected: Vec<_> = expected.map(|(n, t)| (n, t.to_owned())).into();
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn words_follow_the_shell() {
        let words = |text: &str| Source::text("a", text).next().unwrap().unwrap().words();
        for (text, expected) in [
            (
                "hql 'a b' \"c 'd'\" e\\ f\n",
                vec!["hql", "a b", "c 'd'", "e f"],
            ),
            ("group \\\n list # all\n", vec!["group", "list"]),
            ("login -w '#x' \"\"\n", vec!["login", "-w", "#x", ""]),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
        let error = words("login 'abc\n").unwrap_err();
        assert_eq!(error.code(), 2);
        assert_eq!(error.to_string(), "a, line 1: No closing quotation");
    }

    #[test]
    fn blank_lines_and_comments_do_nothing() {
        for (text, idle) in [(" \t\n", true), ("  # x\n", true), ("x # y\n", false)] {
            let line = Source::text("a", text).next().unwrap().unwrap();
            assert_eq!(line.is_idle(), idle, "{text:?}");
        }
    }
}
