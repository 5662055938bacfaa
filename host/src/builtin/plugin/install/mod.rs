//! `omero plugin install`: from a library, an archive, a project, a URL or a name to a plugin that runs.

pub mod aliases;
mod clash;
mod content;
mod place;
pub mod project;
pub mod source;

use std::path::Path;

use omero_plugin_api::{Error, manifest::Manifest};

use self::source::Found;
use super::{Task, failed, survey};
use crate::{
    error::{self, UNTRUSTED, UNUSABLE},
    load::abi,
    locate, manifest,
    records::Record,
    resolve::{self, Meaning},
};

/// Installs what the command line names, or replaces the plugin of that name.
pub fn run(task: &Task) -> Result<i32, Error> {
    install(task, &source::find(task)?)
}

/// Installs a library, or replaces the plugin of that name.
pub fn install(task: &Task, found: &Found) -> Result<i32, Error> {
    let manifest = described(&found.library)?;
    check_expected(found, &manifest)?;
    check_key(task, found, &manifest.name)?;
    clash::check(task, &manifest)?;
    let placed = place::place(&manifest, found)?;
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
        task.host.warn(
            task.quiet,
            &format!("{name} has a new record, and is enabled even if it was disabled: {lost}"),
        );
    }
    tell_of_clashes(task, name, &placed.path)?;
    aliases::propose(task, &manifest)?;
    Ok(0)
}

/// An index says what an archive holds: nothing else is installed under that name.
fn check_expected(found: &Found, manifest: &Manifest) -> Result<(), Error> {
    let Some((name, version)) = &found.expected else {
        return Ok(());
    };
    if (name, version) == (&manifest.name, &manifest.version) {
        return Ok(());
    }
    let sentence = format!(
        "{} has to hold {name} {version}, but holds {} {}",
        found.source, manifest.name, manifest.version
    );
    Err(error::fatal(UNTRUSTED, sentence).hint("tell its publisher"))
}

/// Compares the key with that of the installed version. Another key is refused; a version without a
/// key needs the user's consent.
fn check_key(task: &Task, found: &Found, name: &str) -> Result<(), Error> {
    // A record that cannot be read is replaced, which `place` reports.
    let before = Record::read(name).unwrap_or_default().installed;
    let Some(before) = before.filter(|before| !found.is_trusted && !before.is_at(&found.library))
    else {
        return Ok(());
    };
    let Some(wanted) = &before.key else {
        return Ok(());
    };
    let has = match &found.key {
        Some(key) if key == wanted => return Ok(()),
        Some(key) => format!("this one with {key}"),
        None => "this one is not".to_owned(),
    };
    let sentence = format!(
        "{name} {} was signed with the key {wanted}, {has}",
        before.version
    );
    if found.key.is_none() {
        let question = format!("{sentence}.\nInstall it anyway?");
        if task.flag("allow-unsigned") || task.agrees(&question)? {
            return Ok(());
        }
        return Err(error::fatal(UNTRUSTED, sentence).hint(format!(
            "name the key, --key {wanted}, or trust it as it is: --allow-unsigned"
        )));
    }
    Err(error::fatal(UNTRUSTED, sentence).hint(format!(
        "if you know that its publisher has a new key: omero plugin remove {name}, and install it again"
    )))
}

/// The manifest of a library that may be installed under its name.
pub fn described(library: &Path) -> Result<Manifest, Error> {
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
        let sentence = format!("its name, {name:?}, cannot be that of a plugin");
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
