//! Putting arguments into the places of an alias.

use std::ffi::{OsStr, OsString};

use omero_plugin_api::Error;

use crate::error::usage;

/// The words of an alias with the arguments in their places: `$1` to `$9` is one argument, `$@` all
/// that no number names, `$$` a dollar sign. Arguments without a place follow at the end.
///
/// # Errors
///
/// Fewer arguments than places.
pub fn place(
    name: &str,
    words: Vec<String>,
    arguments: Vec<OsString>,
) -> Result<Vec<OsString>, Error> {
    let pieces: Vec<Vec<Piece>> = words.iter().map(|word| cut(word)).collect();
    let numbered = |piece: &Piece| match piece {
        Piece::Numbered(n) => Some(*n),
        _ => None,
    };
    let numbers: Vec<usize> = pieces.iter().flatten().filter_map(numbered).collect();
    if let Some(missing) = numbers.iter().find(|n| **n > arguments.len()) {
        let got = arguments.len();
        return Err(usage(format!(
            "the alias `{name}` needs {missing} arguments and got {got}"
        )));
    }
    let others: Vec<&OsString> = arguments
        .iter()
        .enumerate()
        .filter(|(at, _)| !numbers.contains(&(at + 1)))
        .map(|(_, argument)| argument)
        .collect();
    let takes_others = pieces.iter().flatten().any(|piece| *piece == Piece::Others);
    let mut placed = Vec::new();
    for word in &pieces {
        match word.as_slice() {
            [Piece::Others] => placed.extend(others.iter().map(|other| (*other).clone())),
            pieces => placed.push(joined(pieces, &arguments, &others)),
        }
    }
    if !takes_others {
        placed.extend(others.into_iter().cloned());
    }
    Ok(placed)
}

/// A part of a word.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Numbered(usize),
    Others,
}

fn cut(word: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().filter(|_| letter == '$');
        let piece = match next {
            Some('$') => {
                letters.next();
                text.push('$');
                continue;
            }
            Some('@') => Piece::Others,
            Some(digit @ '1'..='9') => Piece::Numbered(digit as usize - '0' as usize),
            _ => {
                text.push(letter);
                continue;
            }
        };
        letters.next();
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(piece);
    }
    if !text.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

fn joined(pieces: &[Piece], arguments: &[OsString], others: &[&OsString]) -> OsString {
    let mut word = OsString::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => word.push(text),
            Piece::Numbered(n) => word.push(arguments.get(n - 1).map_or(OsStr::new(""), |a| a)),
            Piece::Others => {
                for (at, other) in others.iter().enumerate() {
                    word.push(if at == 0 { "" } else { " " });
                    word.push(other);
                }
            }
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(words: &[&str], arguments: &[&str]) -> Result<Vec<OsString>, String> {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let arguments = arguments.iter().map(OsString::from).collect();
        place("a", words, arguments).map_err(|e| e.to_string())
    }

    #[test]
    fn arguments_take_their_places_or_follow() {
        for (words, arguments, expected) in [
            (&["x"][..], &["1", "2"][..], &["x", "1", "2"][..]),
            (&["x", "$1"], &["a b"], &["x", "a b"]),
            (&["x", "n='$1'"], &["a", "b"], &["x", "n='a'", "b"]),
            (&["$2", "$1"], &["a", "b", "c"], &["b", "a", "c"]),
            (&["x", "$@", "y"], &["a", "b"], &["x", "a", "b", "y"]),
            (&["x", "$@", "$1"], &["a", "b"], &["x", "b", "a"]),
            (&["x", "<$@>"], &["a", "b"], &["x", "<a b>"]),
            (&["x", "$@"], &[], &["x"]),
            (
                &["x", "$$1", "$", "$x", "$0"],
                &[],
                &["x", "$1", "$", "$x", "$0"],
            ),
            (&["x", ""], &[], &["x", ""]),
            // What an argument holds is never looked at again.
            (&["x", "$1", "$2"], &["$2", "b"], &["x", "$2", "b"]),
        ] {
            let expected: Vec<OsString> = expected.iter().map(OsString::from).collect();
            assert_eq!(placed(words, arguments), Ok(expected), "{words:?}");
        }
    }

    #[test]
    fn missing_arguments_are_counted() {
        assert_eq!(
            placed(&["x", "$1", "$3"], &["a"]),
            Err("the alias `a` needs 3 arguments and got 1".to_owned())
        );
    }
}
