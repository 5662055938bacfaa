//! The configuration key `fallback`: another `omero`, such as OMERO.py's, that runs every command
//! which nothing here provides, with the same words and the same session store.

use std::{
    ffi::OsString,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use omero_plugin_api::Error;

use super::{
    child,
    find::Identity,
    obstacle,
    surroundings::{self, ChildDirectory},
};
use crate::{
    arguments::Taken,
    error::{self, UNTRUSTED, UNUSABLE},
    host::Host,
    trust,
};

/// The configuration key.
const KEY: &str = "fallback";

/// The configured program.
///
/// # Errors
///
/// The configuration cannot be used; it names something that cannot be run (this program itself
/// would never end), or that another user could have written.
pub fn configured(host: &Host, quiet: bool) -> Result<Option<PathBuf>, Error> {
    let Some(text) = host.configuration(quiet)?.text(KEY)? else {
        return Ok(None);
    };
    let path = path_of(text);
    check(&path)?;
    let owners = host.trusted_owners(quiet)?;
    trust::check(&path, &owners).map_err(|distrust| {
        let text = format!("the fallback command is not trusted: {distrust}");
        error::fatal(UNTRUSTED, text).hint(distrust.remedy())
    })?;
    Ok(Some(path))
}

fn path_of(text: &str) -> PathBuf {
    match text.strip_prefix("~/").zip(dirs::home_dir()) {
        Some((rest, home)) => home.join(rest),
        None => PathBuf::from(text),
    }
}

/// Checks a value before it is stored under the configuration key. The program may be installed later.
///
/// # Errors
///
/// A relative path, which would name another program in each directory.
pub fn check_value(text: &str) -> Result<(), Error> {
    let path = path_of(text);
    if path.is_absolute() {
        return Ok(());
    }
    let error = error::usage(format!("the fallback command {text} is no absolute path"));
    let absolute = std::path::absolute(&path).unwrap_or(path);
    Err(match absolute.is_file() {
        true => error.hint(format!(
            "omero config set {KEY} {}",
            trust::quoted(&absolute)
        )),
        false => error.hint(format!("omero config set {KEY} /path/to/bin/omero")),
    })
}

fn check(path: &Path) -> Result<(), Error> {
    let wrong = if !path.is_absolute() {
        "is no absolute path".to_owned()
    } else if path
        .symlink_metadata()
        .is_err_and(|e| e.kind() == ErrorKind::NotFound)
    {
        "does not exist".to_owned()
    } else if let Some(obstacle) = obstacle::of_file(path) {
        format!("cannot be run: {}", obstacle.reason)
    } else if Identity::of_this_program().is_some_and(|it| it.is(path)) {
        "is this program itself".to_owned()
    } else {
        return Ok(());
    };
    let path = path.display();
    Err(
        error::fatal(UNUSABLE, format!("the fallback command {path} {wrong}")).hint(format!(
            "name another omero: omero config set {KEY} /path/to/bin/omero"
        )),
    )
}

/// The commands of OMERO.py 5.23 that this program leaves to it.
const OF_OMERO_PY: &[&str] = &[
    "admin",
    "certificates",
    "chgrp",
    "chown",
    "db",
    "delete",
    "download",
    "duplicate",
    "export",
    "fs",
    "import",
    "ldap",
    "metadata",
    "node",
    "obj",
    "perf",
    "script",
    "search",
    "server",
    "submit",
    "tag",
    "testengine",
    "upload",
    "user",
];

/// How to get a command from another `omero`.
pub fn advice(other: Option<&Path>, command: &str) -> Option<String> {
    if let Some(other) = other {
        let other = trust::quoted(other);
        return Some(format!(
            "another omero, {other}, is on the PATH; if that is OMERO.py, let it run what is missing \
             here: omero config set {KEY} {other}"
        ));
    }
    let first = command.split(' ').next().unwrap_or_default();
    let known = OF_OMERO_PY.contains(&first) || command.contains(' ');
    known.then(|| {
        format!(
            "`{command}` is a command of OMERO.py: install it (pip or conda: omero-py), then let it \
             run what is missing here: omero config set {KEY} /path/to/bin/omero"
        )
    })
}

/// Runs the whole line there, login options in their places; the password of the environment stays
/// in it. In a script it works on the script's session, otherwise it looks into the user's store
/// itself.
///
/// # Errors
///
/// The program cannot be started.
pub fn run(
    host: &Arc<Host>,
    program: &Path,
    taken: &Taken,
    line: Vec<OsString>,
) -> Result<i32, Error> {
    let mut command = child::with_password(program);
    command.args(line);
    let lent = match host.runs_script() {
        true => ChildDirectory::ask(host, taken, false)?,
        false => ChildDirectory::default(),
    };
    surroundings::set_store(host, &mut command, taken);
    lent.run(host, command, taken.quiet())
}
