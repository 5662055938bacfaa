//! Finding the library of a command by its file name, with one look per directory however many
//! plugins it holds.

use std::{
    collections::BTreeMap,
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs,
    path::PathBuf,
};

use crate::search::Place;

/// Whether a word can be the name of a command, whatever provides it.
pub fn is_command(word: &str) -> bool {
    let mut letters = word.chars();
    let first_fits = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    first_fits && letters.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// The file name of the library that provides a command: `libomero_foo.so` provides `foo`; a `-`
/// in the command is a `_` in the file. `None` for what cannot be the name of a plugin: one with
/// `_` would share its file with another name.
pub fn file_name(command: &str) -> Option<String> {
    (is_command(command) && !command.contains('_')).then(|| {
        format!(
            "{DLL_PREFIX}omero_{}{DLL_SUFFIX}",
            command.replace('-', "_")
        )
    })
}

/// The command that a file name promises, with `_` for its `-`.
pub fn command_of(file_name: &str) -> Option<&str> {
    let stem = file_name
        .strip_prefix(DLL_PREFIX)?
        .strip_suffix(DLL_SUFFIX)?;
    stem.strip_prefix("omero_")
        .filter(|command| !command.is_empty())
}

/// Looks for the library of a command; the first place that has it wins.
pub fn find<'a>(command: &str, mut places: impl Iterator<Item = &'a Place>) -> Option<PathBuf> {
    let file_name = file_name(command)?;
    places.find_map(|place| match place {
        Place::Directory(directory) => {
            let path = directory.join(&file_name);
            path.is_file().then_some(path)
        }
        Place::File(path) => path
            .file_name()
            .filter(|n| **n == *file_name)
            .map(|_| path.clone()),
    })
}

/// All plugin libraries by the names that their files promise. Reads directories, so only help and
/// suggestions use it.
pub fn all<'a>(places: impl Iterator<Item = &'a Place>) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut add = |path: PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(command_of);
        if let Some(command) = name.map(str::to_owned) {
            found.entry(command).or_insert(path);
        }
    };
    for place in places {
        match place {
            Place::File(path) => add(path.clone()),
            Place::Directory(directory) => {
                let entries = fs::read_dir(directory).into_iter().flatten().flatten();
                entries
                    .map(|entry| entry.path())
                    .filter(|path| path.is_file())
                    .for_each(&mut add);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_files() {
        let file = |middle: &str| format!("{DLL_PREFIX}omero_{middle}{DLL_SUFFIX}");
        assert_eq!(file_name("sessions"), Some(file("sessions")));
        assert_eq!(file_name("foo-bar"), Some(file("foo_bar")));
        for bad in [
            "", "../x", "a/b", "-x", "1a", "a b", "é", "a.b", "_x", "x_y",
        ] {
            assert_eq!(file_name(bad), None, "{bad}");
        }
        assert_eq!(command_of(&file("foo_bar")), Some("foo_bar"));
        assert_eq!(command_of("libc.so.6"), None);
        assert_eq!(command_of(&format!("{DLL_PREFIX}omero_{DLL_SUFFIX}")), None);
    }

    #[test]
    fn the_first_place_wins_and_files_match_by_name() {
        let root = tempfile::tempdir().unwrap();
        let make = |directory: &str, command: &str| {
            let directory = root.path().join(directory);
            fs::create_dir_all(&directory).unwrap();
            let path = directory.join(file_name(command).unwrap());
            fs::write(&path, "").unwrap();
            path
        };
        let (first, second, only) = (make("a", "x"), make("b", "x"), make("b", "y"));
        let directory = |name| Place::Directory(root.path().join(name));
        let places = [directory("missing"), directory("a"), directory("b")];
        assert_eq!(find("x", places.iter()), Some(first.clone()));
        assert_eq!(find("x", places.iter().rev()), Some(second.clone()));
        assert_eq!(find("y", places.iter()), Some(only.clone()));
        assert_eq!(find("z", places.iter()), None);
        let file = [Place::File(second.clone())];
        assert_eq!(find("x", file.iter()), Some(second));
        assert_eq!(find("y", file.iter()), None);
        let all = all(places.iter());
        assert_eq!(
            all.into_iter().collect::<Vec<_>>(),
            [("x".to_owned(), first), ("y".to_owned(), only)]
        );
    }
}
