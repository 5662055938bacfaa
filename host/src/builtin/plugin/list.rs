//! `omero plugin list`: every plugin and program, and every place that is searched.

use std::{collections::BTreeSet, fs, path::Path};

use omero_plugin_api::{Error, table::Table};

use super::{Task, survey};
use crate::{
    locate,
    search::Place,
    trust::{self, Owners},
};

/// Lists the plugins and the programs; one that cannot be used says why and hides no other.
pub fn run(task: &Task) -> Result<i32, Error> {
    let mut libraries = survey::libraries(task.host, task.quiet)?;
    let mut programs = survey::programs(task.host, &libraries)?;
    // Of one name, the order of the search path stays.
    libraries.sort_by(|a, b| a.found.name().cmp(b.found.name()));
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    let mut table = Table::new(["Name", "Kind", "Version", "ABI", "State", "Path"]);
    for library in &libraries {
        let (version, abi) = match &library.found.described {
            Ok(manifest) => (manifest.version.as_str(), manifest.abi.as_str()),
            Err(_) => ("", ""),
        };
        table.row([
            library.found.name(),
            "plugin",
            version,
            abi,
            &library.state(),
            &library.found.path.display().to_string(),
        ]);
    }
    for program in &programs {
        table.row([
            &program.name,
            "program",
            "",
            "",
            &survey::state(&program.obstacles),
            &program.path.display().to_string(),
        ]);
    }
    task.show(&table)
}

/// Lists the places in the order of the search, each with what it holds or why it is skipped.
pub fn places(task: &Task) -> Result<i32, Error> {
    let owners = task.host.trusted_owners(task.quiet)?;
    let mut table = Table::new(["Order", "Path", "Plugins", "State"]);
    for (number, place) in (1..).zip(task.host.places(task.quiet)?) {
        let (count, state) = describe(&place, &owners);
        table.row([
            number.to_string(),
            place.path().display().to_string(),
            count.to_string(),
            state,
        ]);
    }
    task.show(&table)
}

fn describe(place: &Place, owners: &Owners) -> (usize, String) {
    match place {
        Place::File(path) => {
            let name = path.file_name().and_then(|name| name.to_str());
            match name.and_then(locate::command_of) {
                Some(_) => (1, trusted(path, owners)),
                None => (0, "skipped: its name is not that of a plugin".to_owned()),
            }
        }
        Place::Directory(directory) => match libraries_in(directory) {
            Ok(names) if names.is_empty() => (0, "ok".to_owned()),
            // The directory of any file in it is this one.
            Ok(names) => (names.len(), directory_state(directory, &names, owners)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                (0, "skipped: it does not exist".to_owned())
            }
            Err(e) => (0, format!("skipped: it cannot be read ({e})")),
        },
    }
}

fn directory_state(directory: &Path, names: &BTreeSet<String>, owners: &Owners) -> String {
    let refused = names.iter().find_map(|name| {
        let distrust = trust::check(&directory.join(name), owners).err()?;
        // A directory further up, or behind a link, keeps all of them from running.
        let is_file = distrust
            .path()
            .file_name()
            .is_some_and(|file| file == name.as_str());
        (!is_file).then(|| format!("not trusted: {distrust}"))
    });
    refused.unwrap_or_else(|| "ok".to_owned())
}

fn trusted(path: &Path, owners: &Owners) -> String {
    match trust::check(path, owners) {
        Ok(()) => "ok".to_owned(),
        Err(distrust) => format!("not trusted: {distrust}"),
    }
}

fn libraries_in(directory: &Path) -> std::io::Result<BTreeSet<String>> {
    let entries = fs::read_dir(directory)?.collect::<std::io::Result<Vec<_>>>()?;
    // A name that is not text is not that of a plugin.
    let names = entries
        .iter()
        .filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names
        .filter(|name| locate::command_of(name).is_some())
        .collect())
}
