//! `omero plugin new NAME`: a project that builds, passes its tests and can be installed as it is.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::Path,
};

use omero_plugin_api::Error;

use super::{Task, api, failed, setup};
use crate::{
    error,
    resolve::{self, Meaning},
    trust::quoted,
};

/// The files of a project, with `{name}`, `{crate}` and `{api}` where its names and the version of the API crate go.
const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("template/Cargo.toml.in")),
    ("build.rs", include_str!("template/build.rs.in")),
    ("src/command.rs", include_str!("template/command.rs.in")),
    ("src/lib.rs", include_str!("template/lib.rs.in")),
    ("src/tests.rs", include_str!("template/tests.rs.in")),
    ("README.md", include_str!("template/README.md.in")),
    (
        ".github/workflows/plugin.yml",
        include_str!("template/workflow.yml.in"),
    ),
    (".gitignore", "/target\n/dist\n/.cargo/config.toml\n"),
];

/// Makes the project.
///
/// # Errors
///
/// The name is no good, the folder is not empty, or there is no API crate.
pub fn run(task: &Task) -> Result<i32, Error> {
    let name = task.plugin_name()?;
    check_name(name)?;
    let api = api::named(task.path("api-path"))?;
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
    let fill = |text: &str| {
        text.replace("{name}", name)
            .replace("{crate}", &name.replace('-', "_"))
            .replace("{api}", api::version())
    };
    for (path, text) in FILES {
        write(&folder.join(path), fill(text).as_bytes())?;
    }
    setup::write(folder, api)?;
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
