//! The file itself: read as a whole, replaced as a whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::TrustError;
use super::{Servers, failure};

/// The largest file that is read, in bytes: thousands of servers.
const SIZE_MAX: u64 = 4 * 1024 * 1024;

const HEADING: &str = "\
# OMERO servers whose certificates are remembered. Written by omero: change it with
# `omero sessions server list`, `accept` and `remove`.
";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    servers: Servers,
}

/// The servers in the file; none if there is no file.
pub(super) fn read(path: &Path) -> Result<Servers, TrustError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Servers::new()),
        Err(error) => return Err(failure(path, error)),
    };
    check_mode(&file, path)?;
    let mut text = String::new();
    let mut limited = file.take(SIZE_MAX);
    limited
        .read_to_string(&mut text)
        .map_err(|error| failure(path, error))?;
    if limited.limit() == 0 {
        return Err(failure(path, "it is too big"));
    }
    let contents: Contents = serde_yaml::from_str(&text).map_err(|error| {
        failure(
            path,
            format!("{error}. Mend or remove it; it has not been changed"),
        )
    })?;
    Ok(contents.servers)
}

/// Whoever can write the file decides whom this user trusts.
#[cfg(unix)]
fn check_mode(file: &File, path: &Path) -> Result<(), TrustError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file
        .metadata()
        .map_err(|error| failure(path, error))?
        .permissions()
        .mode();
    match mode & 0o002 {
        0 => Ok(()),
        _ => Err(failure(
            path,
            "everyone can write it. Check its contents, then run: chmod 600",
        )),
    }
}

#[cfg(not(unix))]
fn check_mode(_file: &File, _path: &Path) -> Result<(), TrustError> {
    Ok(())
}

/// Replaces the file. Whatever happens, either the old or the new one is there, complete.
pub(super) fn write(path: &Path, servers: &Servers) -> Result<(), TrustError> {
    let contents = Contents {
        servers: servers.clone(),
    };
    let yaml = serde_yaml::to_string(&contents).map_err(|error| failure(path, error))?;
    let temporary = path.with_file_name(format!(".known_servers.{}.tmp", uuid::Uuid::new_v4()));
    let written = write_new(&temporary, &format!("{HEADING}{yaml}"))
        .and_then(|()| fs::rename(&temporary, path))
        .and_then(|()| sync_directory(path));
    written.map_err(|error| {
        // The error that is told is the first one.
        let _ = fs::remove_file(&temporary);
        failure(path, error)
    })
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the new name last through a power cut.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        #[cfg(unix)]
        Some(directory) => File::open(directory)?.sync_all(),
        _ => Ok(()),
    }
}

/// Makes the directory, for this user alone, unless it is there.
pub(super) fn make_directory(directory: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
