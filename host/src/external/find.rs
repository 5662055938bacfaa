//! Where the programs are: `omero-foo` in a directory of the plugin search path, then of `PATH`.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use omero_plugin_api::Error;

use super::{
    obstacle::{self, Obstacle},
    unusable,
};
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

/// What provides a command.
pub enum Found {
    /// This program.
    Program(PathBuf),
    /// A file of the program's name in `PATH`, which cannot be run, and nothing else.
    Unusable(Error),
    /// Nothing.
    Nothing,
}

/// A program `omero-NAME`.
pub struct Program {
    /// The command that it provides.
    pub command: String,
    /// The program.
    pub path: PathBuf,
    /// Why it cannot be run, if it cannot.
    pub obstacle: Option<Obstacle>,
}

/// The program that provides a command; the first place that has it wins.
///
/// It has to be executable and trusted, as a library: it runs with the user's session. On the plugin
/// search path it is refused otherwise; what cannot be run in `PATH` hides nothing.
///
/// # Errors
///
/// A program on the plugin search path is not executable or not trusted; the configuration cannot be
/// used.
pub fn search(host: &Host, command: &str, quiet: bool) -> Result<Found, Error> {
    // The rules for names of commands; nothing leads out of a directory.
    if !locate::is_command(command) {
        return Ok(Found::Nothing);
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
        return match obstacle::of_file(&found) {
            Some(obstacle) => Err(unusable(&found, &obstacle)),
            None => Ok(Found::Program(found)),
        };
    }
    let mut first = Found::Nothing;
    let in_path = directories_of_path(host)
        .flat_map(|directory| names.iter().map(move |name| directory.join(name)));
    for path in in_path.filter(|path| path.symlink_metadata().is_ok() && !ours(path)) {
        let refused = match obstacle::of_file(&path) {
            Some(obstacle) => unusable(&path, &obstacle),
            None => match trust::check(&path, &host.trusted_owners(quiet)?) {
                Ok(()) => return Ok(Found::Program(path)),
                Err(distrust) => untrusted(&path, &distrust),
            },
        };
        if matches!(first, Found::Nothing) {
            first = Found::Unusable(refused);
        }
    }
    Ok(first)
}

/// As [`search`], for a program that can be run.
///
/// # Errors
///
/// As [`search`]; also, what is in `PATH` cannot be run.
pub fn find(host: &Host, command: &str, quiet: bool) -> Result<Option<PathBuf>, Error> {
    match search(host, command, quiet)? {
        Found::Program(path) => Ok(Some(path)),
        Found::Unusable(error) => Err(error),
        Found::Nothing => Ok(None),
    }
}

/// Another `omero` on the `PATH`: a script, as Python installs it, and not this program.
pub fn other_omero(host: &Host) -> Option<PathBuf> {
    let itself = Identity::of_this_program();
    let is_script = |path: &PathBuf| {
        let mut start = [0; 2];
        let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
        read.is_ok() && start == *b"#!"
    };
    directories_of_path(host)
        .map(|directory| directory.join("omero"))
        .find(|path| {
            obstacle::of_file(path).is_none()
                && !itself.as_ref().is_some_and(|it| it.is(path))
                && is_script(path)
        })
}

/// All commands that programs provide. Reads directories, so only help and completion use it.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn all(host: &Host) -> Result<BTreeMap<String, PathBuf>, Error> {
    let mut found = BTreeMap::new();
    for program in survey(host)? {
        if program.obstacle.is_none() {
            found.entry(program.command).or_insert(program.path);
        }
    }
    Ok(found)
}

/// All files that are called as programs, in the order of the search, with what keeps them from
/// running.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn survey(host: &Host) -> Result<Vec<Program>, Error> {
    let itself = Identity::of_this_program();
    let owners = host.trusted_owners(true)?;
    let mut found: Vec<Program> = Vec::new();
    let mut add = |path: PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(command) = name.and_then(command_of).map(str::to_owned) else {
            return;
        };
        let known = found.iter().any(|program| program.path == path);
        if known || path.is_dir() || itself.as_ref().is_some_and(|it| it.is(&path)) {
            return;
        }
        let distrust = || {
            let distrust = trust::check(&path, &owners).err()?;
            Some(Obstacle {
                reason: format!("it is not trusted: {distrust}"),
                remedy: distrust.remedy(),
            })
        };
        found.push(Program {
            obstacle: obstacle::of_program(&path).or_else(distrust),
            command,
            path,
        });
    };
    let mut directories = Vec::new();
    for place in host.places(true)? {
        match place {
            Place::File(path) => add(path),
            Place::Directory(directory) => directories.push(directory),
        }
    }
    directories.extend(directories_of_path(host));
    for directory in directories {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths.into_iter().for_each(&mut add);
    }
    Ok(found)
}

/// The directories of plugins and of `PATH` that this user may not look into.
pub fn closed_directories(host: &Host) -> Vec<PathBuf> {
    let closed = |directory: &PathBuf| {
        let looked = directory.join(PREFIX).symlink_metadata();
        looked.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    };
    let places = host.places(true).unwrap_or_default().into_iter();
    let of_plugins = places.filter_map(|place| match place {
        Place::Directory(directory) => Some(directory),
        Place::File(_) => None,
    });
    let mut found: Vec<PathBuf> = Vec::new();
    for directory in of_plugins.chain(directories_of_path(host)).filter(closed) {
        if !found.contains(&directory) {
            found.push(directory);
        }
    }
    found
}

fn command_of(file_name: &str) -> Option<&str> {
    let rest = file_name.strip_prefix(PREFIX)?;
    ENDINGS
        .iter()
        .find_map(|ending| rest.strip_suffix(ending))
        .filter(|command| locate::is_command(command))
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
fn untrusted(program: &Path, distrust: &Distrust) -> Error {
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
