//! `omero plugin install PATH`: from a library, an archive or a cargo project to a plugin that runs.

mod aliases;
mod archive;
mod place;
mod project;

use std::path::{Path, PathBuf};

use omero_plugin_api::{Error, manifest::Manifest};
use tempfile::TempDir;

use super::{Task, failed, survey};
use crate::{
    error::{self, UNUSABLE},
    load::abi,
    locate, manifest,
    resolve::{self, Meaning},
};

/// A library that was found or built, and what has to stay until it is copied.
struct Library {
    path: PathBuf,
    _unpacked: Option<TempDir>,
}

/// Installs a plugin, or replaces the one of that name.
pub fn run(task: &Task) -> Result<i32, Error> {
    let source = task.path("path").unwrap_or_default();
    let library = library_of(task, &source)?;
    let manifest = described(&library.path)?;
    let placed = place::place(&library.path, &manifest, &source)?;
    let (name, version) = (&manifest.name, &manifest.version);
    let path = placed.path.display();
    task.say(&match &placed.before {
        Some(before) if before != version => {
            format!("Updated {name} from {before} to {version} ({path})")
        }
        Some(_) => format!("Installed {name} {version} again ({path})"),
        None => format!("Installed {name} {version} ({path})"),
    })?;
    if let Some(lost) = &placed.lost {
        let reason = error::bare(lost);
        task.host.warn(
            task.quiet,
            &format!("{name} has a new record, and is enabled even if it was disabled: {reason}"),
        );
    }
    tell_of_clashes(task, name, &placed.path)?;
    aliases::propose(task, &manifest)?;
    Ok(0)
}

/// The library that a path stands for.
fn library_of(task: &Task, source: &Path) -> Result<Library, Error> {
    let metadata = source
        .metadata()
        .map_err(|e| failed("cannot be installed", source, &e))?;
    if metadata.is_dir() {
        return Ok(Library {
            path: project::build(task, source)?,
            _unpacked: None,
        });
    }
    if !archive::is_one(source) {
        return Ok(Library {
            path: source.to_owned(),
            _unpacked: None,
        });
    }
    let unpacked = archive::unpack(source)?;
    let path = match archive::content(source, unpacked.path())? {
        archive::Content::Library(path) => path,
        archive::Content::Project(folder) => project::build(task, &folder)?,
    };
    Ok(Library {
        path,
        _unpacked: Some(unpacked),
    })
}

/// The manifest of a library that may be installed under its name.
fn described(library: &Path) -> Result<Manifest, Error> {
    let manifest = manifest::read(library).map_err(|problem| {
        let path = library.display();
        error::fatal(
            UNUSABLE,
            format!("{path} cannot be installed\nomero: reason: {problem}"),
        )
        .hint(problem.remedy())
    })?;
    let name = &manifest.name;
    abi::check(&manifest).map_err(|misfit| {
        let path = library.display();
        error::fatal(
            UNUSABLE,
            format!("{path} cannot be installed\nomero: reason: {misfit}"),
        )
        .hint(misfit.remedy(name))
    })?;
    if locate::file_name(name).is_none() {
        let sentence = format!("its name, {name:?}, cannot be that of a command");
        return Err(failed("cannot be installed", library, &sentence).with_code(UNUSABLE));
    }
    if resolve::meaning(name) != Meaning::Plugin {
        let sentence = format!("`{name}` is a command of omero itself, so it would never run");
        return Err(failed("cannot be installed", library, &sentence).with_code(UNUSABLE));
    }
    Ok(manifest)
}

/// Says what has the same name, and whether the new plugin is the one that runs.
fn tell_of_clashes(task: &Task, name: &str, path: &Path) -> Result<(), Error> {
    let libraries = survey::libraries(task.host, task.quiet)?;
    let mut same = libraries.iter().filter(|library| library.is_called(name));
    let Some(first) = same.next() else {
        return Ok(());
    };
    let installed = first.found.path == path;
    if first.record.disabled {
        task.note(&format!(
            "`{name}` is disabled; run: omero plugin enable {name}"
        ));
    }
    let other = same.next().map(|other| other.found.path.display());
    match other {
        _ if !installed => task.host.warn(
            task.quiet,
            &format!(
                "`omero {name}` still runs {}, which comes first on the search path",
                first.found.path.display()
            ),
        ),
        Some(other) => task.note(&format!("it comes before {other}, which has the same name")),
        None => {}
    }
    Ok(())
}
