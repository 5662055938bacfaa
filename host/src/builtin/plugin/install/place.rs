//! Putting a library where it runs: copied under another name, tried there, and renamed. What was
//! tried is what is installed, and a plugin that runs meanwhile keeps its old file.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use omero_plugin_api::{Error, manifest::Manifest};
use tempfile::NamedTempFile;

use crate::{
    builtin::plugin::{failed, install::source::Found, plugin_directory, trial},
    error::{self, UNUSABLE},
    locate,
    private_files::make_private,
    records::{self, Installed, Record, digest},
    stamp::Stamp,
    trust::{self, Owners},
};

/// How the names of copies begin that are not in their place yet.
const UNFINISHED: &str = ".unfinished-";

/// A library in its place.
pub struct Placed {
    /// The installed library.
    pub path: PathBuf,
    /// The version that was installed before.
    pub before: Option<String>,
    /// Why the record of the version before could not be read. It is replaced by a new one.
    pub lost: Option<Error>,
}

/// Copies, tries and records a library.
///
/// # Errors
///
/// It cannot be copied or does not load; the plugin that was installed before is still there.
pub fn place(manifest: &Manifest, found: &Found) -> Result<Placed, Error> {
    let library = &found.library;
    let name = &manifest.name;
    let directory = plugin_directory()?;
    let _lock = lock(&directory).map_err(|e| failed("cannot be written", &directory, &e))?;
    let path = directory.join(locate::file_name(name).unwrap_or_default());
    let copy = copy(library, &directory).map_err(|e| failed("cannot be copied", library, &e))?;
    trust::check(copy.path(), &Owners::default()).map_err(|distrust| {
        error::fatal(error::UNTRUSTED, distrust.to_string()).hint(distrust.remedy())
    })?;
    trial::try_to_load(copy.path()).map_err(|reason| {
        let library = library.display();
        error::fatal(
            UNUSABLE,
            format!("{library} cannot be installed\nomero: reason: it {reason}"),
        )
        .hint("rebuild it with the omero-plugin-api of this omero")
    })?;
    let sha256 = digest(copy.path()).map_err(|e| failed("cannot be read", library, &e))?;
    // Installing again is how to replace a record that cannot be read.
    let (before, lost) = match Record::read(name) {
        Ok(before) => (before, None),
        Err(unreadable) => (Record::default(), Some(unreadable)),
    };
    let previous = keep(&before, &path, &sha256)?;
    copy.persist(&path)
        .map_err(|e| failed("cannot be written", &path, &e.error))?;
    let metadata = path
        .metadata()
        .map_err(|e| failed("cannot be read", &path, &e))?;
    // Confirming an installed library is no new source.
    let known = before.installed.clone().filter(|_| *library == path);
    let (source, index, key) = match known {
        Some(known) => (known.source, known.index, known.key),
        None => (found.source.clone(), found.index.clone(), found.key.clone()),
    };
    let record = Record {
        disabled: before.disabled,
        pinned: before.pinned,
        proposed: before.proposed.clone(),
        installed: Some(Installed {
            name: name.clone(),
            version: manifest.version.clone(),
            abi: manifest.abi.clone(),
            sha256,
            source,
            index,
            key,
            path: path.clone(),
            stamp: Stamp::of(&metadata),
        }),
        previous,
    };
    record.write(name)?;
    Ok(Placed {
        path,
        before: before.installed.map(|installed| installed.version),
        lost,
    })
}

/// Keeps the library that is replaced, if it is the one that was installed; returns its record.
fn keep(before: &Record, path: &Path, sha256: &str) -> Result<Option<Installed>, Error> {
    let Some(installed) = &before.installed else {
        return Ok(before.previous.clone());
    };
    let is_whole = digest(path).is_ok_and(|digest| digest == installed.sha256);
    if !is_whole || installed.sha256 == sha256 {
        return Ok(before.previous.clone());
    }
    let Some(directory) = records::previous_directory() else {
        return Ok(None);
    };
    let kept = directory.join(path.file_name().unwrap_or_default());
    let keep = || -> io::Result<Stamp> {
        make_private(&directory)?;
        copy(path, &directory)?.persist(&kept)?;
        Ok(Stamp::of(&kept.metadata()?))
    };
    let stamp = keep().map_err(|e| failed("cannot be kept", path, &e))?;
    Ok(Some(Installed {
        path: kept,
        stamp,
        ..installed.clone()
    }))
}

/// Keeps two installations apart, and clears away what an interrupted one left.
fn lock(directory: &Path) -> io::Result<File> {
    make_private(directory)?;
    let records = records::directory().ok_or(io::ErrorKind::NotFound)?;
    make_private(&records)?;
    let file = File::create(records.join(".lock"))?;
    // Some file systems have no locks: there, two installations of one plugin at the same moment
    // leave one of the two.
    if let Err(error) = file.lock()
        && !has_no_locks(&error)
    {
        return Err(error);
    }
    for entry in fs::read_dir(directory)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            // One that stays is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(file)
}

#[cfg(unix)]
fn has_no_locks(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let unsupported = [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP, Errno::INVAL];
    Errno::from_io_error(error).is_some_and(|errno| unsupported.contains(&errno))
}

#[cfg(not(unix))]
fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

/// A copy that only the user may change, complete on the disk.
fn copy(library: &Path, directory: &Path) -> io::Result<NamedTempFile> {
    let mut copy = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .suffix(std::env::consts::DLL_SUFFIX)
        .tempfile_in(directory)?;
    io::copy(&mut File::open(library)?, copy.as_file_mut())?;
    copy.as_file().sync_all()?;
    Ok(copy)
}
