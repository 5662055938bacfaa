//! What this program remembers of a plugin: how it was installed, and whether the user disabled it.
//!
//! Each plugin has a small file of its own, so that running a command reads at most one, however
//! many plugins are installed, and two installations do not write to the same file.

pub mod admit;

use std::{
    fs,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use omero_plugin_api::Error;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    error::{self, UNUSABLE},
    private_files::{is_absent, replace},
    stamp::Stamp,
    text_file,
};

/// The record of one plugin. A plugin that was never installed or disabled here has an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Whether the user switched it off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Whether `omero plugin upgrade` leaves it as it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// What `omero plugin install` put there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installed: Option<Installed>,
    /// What was installed before, kept for `omero plugin rollback`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Installed>,
    /// The aliases that the plugin proposed and the user was asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proposed: Vec<String>,
}

/// What `omero plugin install` put there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The ABI version it was built against.
    pub abi: String,
    /// The SHA-256 of the library, in hexadecimal.
    pub sha256: String,
    /// What was installed: a path, or the URL of an archive or repository.
    pub source: String,
    /// The index that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// The public key that vouched for it. The next version needs the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The installed library.
    pub path: PathBuf,
    /// How the library looked when its SHA-256 was last checked.
    pub stamp: Stamp,
}

/// Whether a library is the one that was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integrity {
    /// Nothing is recorded about this file.
    Unrecorded,
    /// It is.
    Unchanged,
    /// It is another one.
    Changed,
}

/// The directory of the records, below the user's data directory; `None` without one.
pub fn directory() -> Option<PathBuf> {
    dirs::data_dir().map(|data| data.join("omero").join("installed"))
}

/// The directory that plugins are installed into.
pub fn plugin_directory() -> Option<PathBuf> {
    dirs::data_dir().map(|data| data.join("omero").join("plugins"))
}

/// The directory of the libraries that were installed before; not on the search path.
pub fn previous_directory() -> Option<PathBuf> {
    dirs::data_dir().map(|data| data.join("omero").join("previous"))
}

/// The names of the plugins that have a record, sorted.
///
/// # Errors
///
/// The directory of the records cannot be read.
pub fn names() -> io::Result<Vec<String>> {
    let Some(directory) = directory() else {
        return Ok(Vec::new());
    };
    let entries = match fs::read_dir(&directory) {
        Err(e) if is_absent(&directory, &e) => return Ok(Vec::new()),
        other => other?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let name = name.to_str().and_then(|name| name.strip_suffix(".yaml"));
        names.extend(name.map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// The file that holds the record of a plugin, by the name that its library's file promises.
fn file(promised: &str) -> Option<PathBuf> {
    directory().map(|directory| directory.join(format!("{}.yaml", promised.replace('-', "_"))))
}

impl Record {
    /// Reads the record of a plugin; an empty one if there is none, or if it is below a home
    /// directory that cannot be entered.
    ///
    /// # Errors
    ///
    /// There is one that cannot be read.
    pub fn read(name: &str) -> Result<Self, Error> {
        let Some(path) = file(name) else {
            return Ok(Self::default());
        };
        let unusable = |reason: &dyn std::fmt::Display| {
            let path = path.display();
            error::fatal(
                UNUSABLE,
                format!("the record {path} cannot be used: {reason}"),
            )
            .hint(format!(
                "install the plugin `{name}` again, or remove that file"
            ))
        };
        match text_file::read(&path) {
            Ok(text) => serde_yaml::from_str::<Option<Self>>(&text)
                .map(Option::unwrap_or_default)
                .map_err(|e| unusable(&e)),
            Err(e) if is_absent(&path, &e) => Ok(Self::default()),
            Err(e) => Err(unusable(&e)),
        }
    }

    /// Replaces the record of a plugin; an empty one is no file.
    ///
    /// # Errors
    ///
    /// There is no data directory, or it cannot be written.
    pub fn write(&self, name: &str) -> Result<(), Error> {
        let write = || -> io::Result<()> {
            let path = file(name).ok_or(ErrorKind::NotFound)?;
            if *self == Self::default() {
                return match fs::remove_file(&path) {
                    Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
                    _ => Ok(()),
                };
            }
            let text = serde_yaml::to_string(self).map_err(io::Error::other)?;
            replace(&path, text.as_bytes())
        };
        write().map_err(|e| {
            error::fatal(
                1,
                format!("the record of the plugin `{name}` cannot be written: {e}"),
            )
        })
    }

    /// Whether this library is the one that was installed. The file is read only if its stamp is
    /// another than the one remembered.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn integrity(&self, name: &str, library: &Path) -> io::Result<Integrity> {
        let Some(installed) = self.installed.as_ref().filter(|i| i.is_at(library)) else {
            return Ok(Integrity::Unrecorded);
        };
        let stamp = Stamp::of(&library.metadata()?);
        if stamp == installed.stamp {
            return Ok(Integrity::Unchanged);
        }
        if digest(library)? != installed.sha256 {
            return Ok(Integrity::Changed);
        }
        let mut refreshed = self.clone();
        refreshed.installed = Some(Installed {
            stamp,
            ..installed.clone()
        });
        // Without the new stamp the next run reads the file again, that is all.
        let _ = refreshed.write(name);
        Ok(Integrity::Unchanged)
    }
}

impl Installed {
    /// Whether it is about this file, by whatever path it is reached.
    pub fn is_at(&self, library: &Path) -> bool {
        let canonical = |path: &Path| path.canonicalize().ok();
        self.path == library
            || canonical(library).is_some_and(|found| Some(found) == canonical(&self.path))
    }
}

/// Whether the user disabled the plugin. False if its record cannot be read, which is an error
/// wherever the plugin is used.
pub fn is_disabled(name: &str) -> bool {
    Record::read(name).is_ok_and(|record| record.disabled)
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
///
/// The file cannot be read.
pub fn digest(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut fs::File::open(path)?, &mut HashWriter(&mut hash))?;
    let bytes = hash.finalize();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

struct HashWriter<'a>(&'a mut Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
