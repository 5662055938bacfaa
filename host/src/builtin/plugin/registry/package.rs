//! `omero plugin package` and `key`: what an author publishes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use omero_plugin_abi::{Stream, loader::numbers};
use omero_plugin_api::{Error, manifest::Manifest};
use omero_registry_protocol::{Failure, FailureKind, Package, Packaged, Request, SecretKey};

use super::helper::{self, call, error_of};
use crate::{
    builtin::plugin::{
        Task, failed,
        install::{described, project},
        trial,
    },
    error::{self, UNUSABLE},
    life::Life,
    terminal,
};

/// Files of a project that go into the archive beside the library, by the beginning of their names.
const EXTRA: [&str; 4] = ["LICENSE", "LICENCE", "COPYING", "README"];

/// Builds and packs a plugin.
///
/// # Errors
///
/// It does not build or load, or a file cannot be written.
pub fn run(task: &Task) -> Result<i32, Error> {
    let source = task.path("path").unwrap_or_default();
    let (library, extra) = if source.is_dir() {
        (project::build(task, &source)?, extra_files(&source)?)
    } else {
        (source, Vec::new())
    };
    let manifest = described(&library)?;
    trial::try_to_load(&library).map_err(|reason| {
        let library = library.display();
        error::fatal(
            UNUSABLE,
            format!("{library} cannot be published: it {reason}"),
        )
    })?;
    let output = task.path("output").unwrap_or_default();
    let key = task.path("key");
    let package = |password| Package {
        library: library.clone(),
        extra: extra.clone(),
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        description: manifest.command.about.clone(),
        target: manifest.target.clone(),
        abi: abi_range(&manifest),
        key: key.clone().map(|path| SecretKey { path, password }),
        output: output.clone(),
        index: task.path("index"),
        url: task.matches.get_one::<String>("url").cloned(),
    };
    let packaged: Packaged = with_password(task, key.as_deref().unwrap_or(&output), |password| {
        helper::ask(task, Request::Package(package(password)))
    })?;
    for file in &packaged.files {
        task.say(&format!("Made {}", file.display()))?;
    }
    if key.is_none() {
        task.note("the archive is not signed by you; to sign it: --key FILE");
    }
    if task.path("index").is_some() {
        task.note("sign the index to publish it: omero plugin index sign DIR --key FILE");
    }
    Ok(0)
}

/// Makes a key pair.
///
/// # Errors
///
/// There is no terminal to ask for a password; a file exists or cannot be written.
pub fn key(task: &Task) -> Result<i32, Error> {
    let path = task.path("path").unwrap_or_default();
    let password = if task.matches.get_flag("no-password") {
        None
    } else {
        let password = password(task, "Password for the new key: ")?;
        if password.is_empty() {
            return Err(error::usage("the password is empty")
                .hint("to store the key without one: --no-password"));
        }
        if self::password(task, "The same again: ")? != password {
            return Err(error::fatal(1, "the passwords differ"));
        }
        Some(password)
    };
    let request = Request::NewKey {
        path: path.clone(),
        password,
    };
    let public: String = call(task, request)?;
    task.say(&format!("Made {0} and {0}.pub", path.display()))?;
    task.note(&format!("the public key is {public}"));
    Ok(0)
}

/// Sends a request that opens a secret key; asks for its password if it has one.
///
/// # Errors
///
/// The request fails, or there is no terminal to ask on.
pub fn with_password<T>(
    task: &Task,
    key: &Path,
    ask: impl Fn(Option<String>) -> Result<Result<T, Failure>, Error>,
) -> Result<T, Error> {
    match ask(None)? {
        Ok(answer) => Ok(answer),
        Err(failure) if failure.kind == FailureKind::Locked && task.asks() => {
            let password = password(task, &format!("Password of {}: ", key.display()))?;
            ask(Some(password))?.map_err(|failure| error_of(&failure))
        }
        Err(failure) => Err(error_of(&failure)),
    }
}

fn password(task: &Task, prompt: &str) -> Result<String, Error> {
    let host = task.host;
    if !host.streams.is_terminal(Stream::INPUT) {
        return Err(
            error::fatal(1, "there is no terminal to ask for the password on")
                .hint("for a key without a password: --no-password"),
        );
    }
    let life = Life::default();
    let secret = terminal::read_secret(&host.input, &host.streams, &host.interrupt, &life, prompt)?;
    Ok(secret.map_or(String::new(), |secret| secret.expose().to_owned()))
}

/// The ABI versions of omero that a library runs with: from the one that it needs on, within its
/// major version.
fn abi_range(manifest: &Manifest) -> String {
    match &manifest.needs_abi {
        Some(needs) => format!("^{needs}"),
        None => format!("^{}", numbers(&manifest.abi).0),
    }
}

fn extra_files(project: &Path) -> Result<Vec<PathBuf>, Error> {
    let broken = |e: std::io::Error| failed("cannot be read", project, &e);
    let mut files = Vec::new();
    for entry in fs::read_dir(project).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_extra = EXTRA.iter().any(|extra| name.starts_with(extra));
        if is_extra && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
