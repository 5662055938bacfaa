//! Where the programs are: `omero-foo` in a directory of the plugin search path, then of `PATH`.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use omero_plugin_api::Error;

use super::unusable;
use crate::{
    error::{self, UNTRUSTED},
    host::Host,
    locate,
    search::Place,
    trust::{self, Distrust},
};

/// What the name of a program begins with.
const PREFIX: &str = "omero-";

/// The endings that make a file a program.
const ENDINGS: &[&str] = if cfg!(windows) {
    &[".exe", ".cmd", ".bat"]
} else {
    &[""]
};

/// The program that provides a command; the first place that has it wins.
///
/// On the plugin search path it has to be executable and trusted, as a library there. What `PATH`
/// holds the user runs anyway.
///
/// # Errors
///
/// The program is not executable or not trusted; the configuration cannot be used.
pub fn find(host: &Host, command: &str, quiet: bool) -> Result<Option<PathBuf>, Error> {
    // The rules for names of commands; nothing leads out of a directory.
    if locate::file_name(command).is_none() {
        return Ok(None);
    }
    let names: Vec<String> = ENDINGS
        .iter()
        .map(|ending| format!("{PREFIX}{command}{ending}"))
        .collect();
    let itself = Identity::of_this_program();
    let ours = |path: &Path| itself.as_ref().is_some_and(|it| it.is(path));
    for place in host.places(quiet)? {
        let candidates = match &place {
            Place::Directory(directory) => names.iter().map(|n| directory.join(n)).collect(),
            Place::File(path) => vec![path.clone()],
        };
        let named = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| names.iter().any(|n| n == name)) && path.is_file()
        };
        let Some(found) = candidates.into_iter().find(|p| named(p) && !ours(p)) else {
            continue;
        };
        let owners = host.trusted_owners(quiet)?;
        trust::check(&found, &owners).map_err(|distrust| untrusted(&found, &distrust))?;
        if !is_executable(&found) {
            let hint = format!("run: chmod +x {}", trust::quoted(&found));
            return Err(unusable(&found, "it is not executable").hint(hint));
        }
        return Ok(Some(found));
    }
    let in_path = directories_of_path(host)
        .flat_map(|directory| names.iter().map(move |name| directory.join(name)));
    let usable = |path: &PathBuf| path.is_file() && is_executable(path) && !ours(path);
    Ok(in_path.into_iter().find(usable))
}

/// All commands that programs provide. Reads directories, so only help and completion use it.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn all(host: &Host) -> Result<BTreeMap<String, PathBuf>, Error> {
    let itself = Identity::of_this_program();
    let mut found = BTreeMap::new();
    let mut add = |path: PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(command) = name.and_then(command_of).map(str::to_owned) else {
            return;
        };
        if is_executable(&path) && !itself.as_ref().is_some_and(|it| it.is(&path)) {
            found.entry(command).or_insert(path);
        }
    };
    let mut directories = Vec::new();
    for place in host.places(true)? {
        match place {
            Place::File(path) => add(path),
            Place::Directory(directory) => directories.push(directory),
        }
    }
    for directory in directories.into_iter().chain(directories_of_path(host)) {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        entries.for_each(|entry| add(entry.path()));
    }
    Ok(found)
}

fn command_of(file_name: &str) -> Option<&str> {
    let rest = file_name.strip_prefix(PREFIX)?;
    ENDINGS
        .iter()
        .find_map(|ending| rest.strip_suffix(ending))
        .filter(|command| locate::file_name(command).is_some())
}

/// The directories of `PATH`, without relative ones: what is in the current directory is not
/// installed.
fn directories_of_path(host: &Host) -> impl Iterator<Item = PathBuf> {
    let path: OsString = host.environment.get("PATH").unwrap_or_default().to_owned();
    let directories: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|directory| directory.is_absolute())
        .collect();
    directories.into_iter()
}

/// A program that others may have changed.
pub fn untrusted(program: &Path, distrust: &Distrust) -> Error {
    let program = program.display();
    error::fatal(
        UNTRUSTED,
        format!("the program {program} is not trusted\nomero: reason: {distrust}"),
    )
    .hint(distrust.remedy())
}

/// A file, whatever its name: `omero-sessions` may be a link to this very program.
pub struct Identity(FileId);

impl Identity {
    /// This program.
    pub fn of_this_program() -> Option<Self> {
        Some(Self(file_id(&std::env::current_exe().ok()?).ok()?))
    }

    /// Whether the path leads to the same file.
    pub fn is(&self, path: &Path) -> bool {
        file_id(path).is_ok_and(|id| id == self.0)
    }
}

#[cfg(unix)]
type FileId = (u64, u64);
#[cfg(not(unix))]
type FileId = PathBuf;

#[cfg(unix)]
fn file_id(path: &Path) -> io::Result<FileId> {
    use std::os::unix::fs::MetadataExt;
    path.metadata()
        .map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn file_id(path: &Path) -> io::Result<FileId> {
    path.canonicalize()
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_programs() {
        let ending = ENDINGS[0];
        assert_eq!(command_of(&format!("omero-foo{ending}")), Some("foo"));
        assert_eq!(command_of(&format!("omero-a-b{ending}")), Some("a-b"));
        for other in ["omero", "omero-", "xomero-foo", "omero-foo.py", "omero-1"] {
            assert_eq!(command_of(&format!("{other}{ending}")), None, "{other}");
        }
    }

    #[test]
    fn this_program_is_itself() {
        let itself = Identity::of_this_program().unwrap();
        assert!(itself.is(&std::env::current_exe().unwrap()));
        assert!(!itself.is(Path::new("/")));
    }
}
