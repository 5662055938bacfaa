//! Where plugins are looked for, in this order: `--path`, `OMERO_PLUGIN_PATH`, `plugin-path` of the
//! configuration, the user's plugin directory, the installation's, the program's own directory.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use crate::{environment::Environment, records};

/// One place of the search path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// All plugins of a directory.
    Directory(PathBuf),
    /// One file.
    File(PathBuf),
}

impl Place {
    /// The path itself.
    pub fn path(&self) -> &Path {
        match self {
            Self::Directory(path) | Self::File(path) => path,
        }
    }
}

/// The places that `--path P` names: a file, a directory, or what a glob matches.
pub fn places_of_option(value: &OsStr) -> Vec<Place> {
    let literal = Path::new(value);
    if literal.exists() {
        return vec![place(literal.to_owned())];
    }
    // Patterns are text.
    match value.to_str().map(glob::glob) {
        Some(Ok(matches)) => matches.flatten().map(place).collect(),
        _ => Vec::new(),
    }
}

/// Why nothing is at the value of `--path`: the pattern is wrong, or nothing has its name.
pub fn why_no_place(value: &OsStr) -> String {
    match value.to_str().map(glob::Pattern::new) {
        Some(Err(error)) => format!(
            "the pattern is wrong at character {}: {}; in a pattern, [[] stands for [, [?] for ? and \
             [*] for *",
            error.pos + 1,
            error.msg
        ),
        _ => "there is no such file or directory".to_owned(),
    }
}

/// The places of `OMERO_PLUGIN_PATH`, separated as in `PATH`.
pub fn places_of_variable(environment: &Environment) -> Vec<Place> {
    let value = environment.filled("OMERO_PLUGIN_PATH").unwrap_or_default();
    std::env::split_paths(value)
        .filter(|p| !p.as_os_str().is_empty())
        .map(place)
        .collect()
}

/// The places that are there without being named.
pub fn standard_places() -> Vec<Place> {
    let user = records::plugin_directory();
    let program = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.canonicalize().ok());
    let directory = program.as_deref().and_then(Path::parent);
    let installed = directory
        .and_then(Path::parent)
        .map(|prefix| prefix.join("lib/omero/plugins"));
    [user, installed, directory.map(Path::to_owned)]
        .into_iter()
        .flatten()
        .map(Place::Directory)
        .collect()
}

/// A path as a place: a file is itself, anything else is taken for a directory. It becomes
/// absolute: the dynamic linker looks for a bare file name elsewhere.
pub fn place(path: PathBuf) -> Place {
    let path = std::path::absolute(&path).unwrap_or(path);
    if path.is_file() {
        Place::File(path)
    } else {
        Place::Directory(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{ffi::OsStr, fs};

    #[test]
    fn an_option_names_files_directories_and_globs() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a.so", "b.so", "odd[1].so"] {
            fs::write(root.path().join(name), "").unwrap();
        }
        fs::create_dir(root.path().join("dir")).unwrap();
        let of = |name: &str| {
            let mut names: Vec<_> = places_of_option(root.path().join(name).as_os_str())
                .into_iter()
                .map(|p| {
                    let kind = if matches!(p, Place::File(_)) {
                        "file"
                    } else {
                        "dir"
                    };
                    format!("{kind} {}", p.path().file_name().unwrap().display())
                })
                .collect();
            names.sort();
            names.join(", ")
        };
        assert_eq!(of("a.so"), "file a.so");
        assert_eq!(of("dir"), "dir dir");
        assert_eq!(of("?.so"), "file a.so, file b.so");
        assert_eq!(
            of("odd[1].so"),
            "file odd[1].so",
            "a name that exists is no pattern"
        );
        assert_eq!(of("nothing"), "");
        assert_eq!(of("[").as_str(), "", "a broken pattern matches nothing");
    }

    #[test]
    fn the_variable_is_a_list() {
        let places = |value| {
            places_of_variable(&Environment::of(&[(
                "OMERO_PLUGIN_PATH",
                OsStr::new(value),
            )]))
        };
        let joined = std::env::join_paths(["/one", "", "/two"]).unwrap();
        assert_eq!(
            places(joined.to_str().unwrap()),
            [
                Place::Directory("/one".into()),
                Place::Directory("/two".into())
            ]
        );
        assert_eq!(places(""), []);
    }
}
