//! Every plugin on the search path with its description, for help, completion and `omero plugin`.
//! Running a command never comes here.
//!
//! The descriptions are remembered in the user's cache directory, so that reading them again costs
//! one look at each file instead of opening it. Whatever is wrong with that memory, it is made
//! anew: nothing depends on it. Owner and mode of each file are always looked at.

mod store;

use std::path::{Path, PathBuf};

use omero_plugin_api::manifest::Manifest;

use crate::{
    load::{LoadError, Step, abi},
    locate, manifest,
    search::Place,
    trust::{self, Owners},
};
use store::Store;

/// A library on the search path.
#[derive(Debug)]
pub struct Found {
    /// The command that its file name promises, with `_` where it may be `-`.
    pub promised: String,
    /// The library.
    pub path: PathBuf,
    /// What it says of itself, or why it cannot be used.
    pub described: Result<Manifest, LoadError>,
}

impl Found {
    /// Its command: what the manifest says, or the file name where the manifest cannot be had.
    pub fn name(&self) -> &str {
        self.described
            .as_ref()
            .map_or(&self.promised, |manifest| &manifest.name)
    }
}

/// All libraries in the order of the search path, also those that others shadow. Opens none.
pub fn libraries(places: &[Place], owners: &Owners) -> Vec<Found> {
    let mut store = Store::read(store::standard_file());
    let found = libraries_with(&mut store, places, owners);
    store.write();
    found
}

fn libraries_with(store: &mut Store, places: &[Place], owners: &Owners) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for place in places {
        let paths = match place {
            Place::File(path) => vec![path.clone()],
            Place::Directory(directory) => store.libraries_of(directory),
        };
        for path in paths {
            let promised = path.file_name().and_then(|name| name.to_str());
            let Some(promised) = promised.and_then(locate::command_of).map(str::to_owned) else {
                continue;
            };
            if found.iter().any(|other| other.path == path) {
                continue;
            }
            let described = describe(store, &path, &promised, owners);
            found.push(Found {
                promised,
                path,
                described,
            });
        }
    }
    found
}

/// As `load::describe`, with what the store remembers instead of reading the file where that is
/// the same.
fn describe(
    store: &mut Store,
    path: &Path,
    promised: &str,
    owners: &Owners,
) -> Result<Manifest, LoadError> {
    let at = |step| LoadError {
        path: path.to_owned(),
        step,
    };
    trust::check(path, owners).map_err(|distrust| at(Step::Trust(distrust)))?;
    let described = store.manifest_of(path, || manifest::read(path));
    let described = described.map_err(|problem| at(Step::Manifest(problem)))?;
    let file = path.file_name().and_then(|name| name.to_str());
    if locate::file_name(&described.name).as_deref() != file {
        return Err(at(Step::Name {
            wanted: promised.replace('_', "-"),
            found: described.name,
        }));
    }
    match abi::check(&described) {
        Ok(()) => Ok(described),
        Err(misfit) => Err(at(Step::Abi {
            command: described.name,
            misfit,
        })),
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
