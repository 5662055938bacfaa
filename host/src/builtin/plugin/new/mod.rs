//! `omero plugin new NAME`: a project that builds, passes its tests and can be installed as it is.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use omero_plugin_api::Error;

use super::{Task, failed};
use crate::{
    error::{self, UNUSABLE},
    resolve::{self, Meaning},
    trust::quoted,
};

/// The files of a project, with `{name}`, `{crate}` and `{api}` where its own names go.
const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("template/Cargo.toml.in")),
    ("build.rs", include_str!("template/build.rs.in")),
    ("src/command.rs", include_str!("template/command.rs.in")),
    ("src/lib.rs", include_str!("template/lib.rs.in")),
    ("src/tests.rs", include_str!("template/tests.rs.in")),
    ("README.md", include_str!("template/README.md.in")),
    (".gitignore", "/target\n"),
];

/// The package that plugins are written with, and its folder.
const API: (&str, &str) = ("omero-plugin-api", "plugin-api");

/// Makes the project.
///
/// # Errors
///
/// The name is no good, the folder is not empty, or there is no API crate.
pub fn run(task: &Task) -> Result<i32, Error> {
    let name = task.plugin_name()?;
    check_name(name)?;
    let api = match task.path("api-path") {
        Some(path) => api_at(&path).ok_or_else(|| {
            let reason = format!("the crate {} is not there", API.0);
            failed("cannot be used", &path, &reason)
        })?,
        None => shipped_api()?,
    };
    let folder = match task.path("directory") {
        Some(folder) => folder,
        None => std::path::absolute(format!("omero-{name}"))
            .map_err(|e| error::fatal(1, format!("the current directory is unknown: {e}")))?,
    };
    make(&folder, name, &api)?;
    task.say(&format!("Made {}", folder.display()))?;
    task.note(&format!(
        "next: cd {} && cargo test && omero plugin install .",
        quoted(&folder)
    ));
    Ok(0)
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        return Err(error::usage(format!(
            "`{name}` has capital letters: the names of commands are small"
        )));
    }
    if resolve::meaning(name) != Meaning::Plugin {
        return Err(error::usage(format!(
            "`{name}` is a command of omero itself, so a plugin of that name would never run"
        )));
    }
    Ok(())
}

/// The API crate of the installation, or of the source tree that this program was built in.
fn shipped_api() -> Result<PathBuf, Error> {
    let program = std::env::current_exe().and_then(|program| program.canonicalize());
    let program = program.unwrap_or_default();
    let installed = program.parent().and_then(Path::parent);
    let installed = installed.map(|prefix| prefix.join("share").join("omero"));
    let above = program.ancestors().skip(1).map(Path::to_owned);
    let mut places = installed.into_iter().chain(above);
    places.find_map(|place| api_at(&place)).ok_or_else(|| {
        error::fatal(
            UNUSABLE,
            format!("the crate {} is not part of this installation", API.0),
        )
        .hint("name its folder: --api-path PATH")
    })
}

/// The API crate in a folder, or one step below it.
fn api_at(folder: &Path) -> Option<PathBuf> {
    [folder.to_owned(), folder.join(API.1)]
        .into_iter()
        .find(|folder| {
            let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            let name = format!("name = \"{}\"", API.0);
            manifest.lines().any(|line| line.trim() == name)
        })
}

fn make(folder: &Path, name: &str, api: &Path) -> Result<(), Error> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(true) => {
            return Err(failed("cannot be used", folder, &"it is not empty")
                .hint("name another folder: omero plugin new NAME DIR"));
        }
        Err(e) if e.kind() != ErrorKind::NotFound => {
            return Err(failed("cannot be used", folder, &e));
        }
        _ => {}
    }
    // A JSON string is a TOML string.
    let api_text = serde_json::Value::from(api.display().to_string()).to_string();
    let fill = |text: &str| {
        text.replace("{name}", name)
            .replace("{crate}", &name.replace('-', "_"))
            .replace("{api}", &api_text)
    };
    for (path, text) in FILES {
        write(&folder.join(path), fill(text).as_bytes())?;
    }
    // The versions that the API crate was tested with.
    let Some(lock) = api.parent().map(|workspace| workspace.join("Cargo.lock")) else {
        return Ok(());
    };
    match fs::read(&lock) {
        Ok(text) => write(&folder.join("Cargo.lock"), &text),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(failed("cannot be read", &lock, &e)),
    }
}

fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let write = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        File::create_new(path)?.write_all(content)
    };
    write().map_err(|e| failed("cannot be written", path, &e))
}
