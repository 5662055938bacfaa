//! Commands that are not there: where they were looked for, and what was probably meant.

use std::path::PathBuf;

use omero_plugin_api::{Error, Kind};

use crate::{error, search::Place};

/// A missing command: the sentence, each place where it was looked for on its own line, and the
/// directories that could not be looked into.
pub fn not_found(sentence: &str, places: &[Place], closed: &[PathBuf]) -> Error {
    let mut text = sentence.to_owned();
    let open = |place: &&Place| closed.iter().all(|closed| closed != place.path());
    for place in places.iter().filter(open) {
        text.push_str(&format!("\nomero: looked in {}", place.path().display()));
    }
    for directory in closed {
        let directory = directory.display();
        text.push_str(&format!(
            "\nomero: could not look in {directory}: permission denied"
        ));
    }
    Error::of_kind(Kind::Usage, error::USAGE, text)
        .labelled()
        .hint("install its plugin, or name it in --path")
}

/// The known name that was probably meant: at most a third of its letters differ.
pub fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let near = known.map(|known| (distance(name, &known), known));
    near.filter(|(far, known)| *far <= (known.len() / 3).max(1))
        .min()
        .map(|(_, known)| known)
}

/// How many letters have to be inserted, deleted, replaced or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![(0..=to.len()).collect::<Vec<_>>()];
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut least = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let known = || {
            ["login", "logout", "sessions", "group", "help"]
                .map(str::to_owned)
                .into_iter()
        };
        for (typed, meant) in [
            ("logn", Some("login")),
            ("lgoin", Some("login")),
            ("session", Some("sessions")),
            ("gruop", Some("group")),
            ("hepl", Some("help")),
            ("import", None),
            ("x", None),
        ] {
            assert_eq!(nearest(typed, known()).as_deref(), meant, "{typed}");
        }
    }

    #[test]
    fn closed_directory_is_not_said_to_be_searched() {
        let places = ["/a", "/d"].map(|path| Place::Directory(path.into()));
        let error = not_found("there is no command `x`", &places, &[PathBuf::from("/d")]);
        assert_eq!(
            error.to_string(),
            "there is no command `x`\nomero: looked in /a\nomero: could not look in /d: permission denied"
        );
    }

    #[test]
    fn a_missing_command_names_each_place() {
        let places = [Place::Directory("/a".into()), Place::File("/b/c.so".into())];
        let error = not_found("there is no command `x`", &places, &[PathBuf::from("/d")]);
        assert_eq!(error.code(), 2);
        assert_eq!(
            error.to_string(),
            "there is no command `x`\nomero: looked in /a\nomero: looked in /b/c.so\nomero: could not look in /d: permission denied"
        );
    }
}
