//! Reading and writing the configuration file: whole or not at all, and private.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use omero_plugin_api::Error;

use crate::{
    error::{self, UNUSABLE},
    host::Host,
    private_files::make_private,
    text_file,
};

/// The file, and a lock that keeps other processes from changing it meanwhile.
pub struct Held {
    /// The file itself, behind links: a link stays one.
    path: PathBuf,
    /// What it says; empty if it does not exist.
    pub text: String,
    /// On the directory; not every system can lock one.
    _lock: Option<File>,
}

/// The path of the file.
///
/// # Errors
///
/// There is no home directory.
pub fn path(host: &Host) -> Result<PathBuf, Error> {
    crate::configuration::file(&host.environment).ok_or_else(|| {
        error::fatal(UNUSABLE, "there is no configuration directory")
            .hint("set HOME, XDG_CONFIG_HOME or OMERO_CONFIG")
    })
}

/// Reads the file to change it.
///
/// # Errors
///
/// The file or its directory cannot be used.
pub fn hold(host: &Host) -> Result<Held, Error> {
    let path = path(host)?;
    let path = path.canonicalize().unwrap_or(path);
    let directory = path.parent().unwrap_or(Path::new("."));
    make_private(directory).map_err(|e| failed(directory, &e))?;
    let lock = File::open(directory)
        .ok()
        .filter(|file| file.lock().is_ok());
    let text = match text_file::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
        Err(e) => return Err(failed(&path, &e)),
    };
    Ok(Held {
        path,
        text,
        _lock: lock,
    })
}

impl Held {
    /// The file itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the file, readable and writable by the user alone.
    ///
    /// # Errors
    ///
    /// It cannot be written; the old one is still there.
    pub fn write(&self, text: &str) -> Result<(), Error> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        // Made with mode 0600.
        let write = || -> io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
            Ok(())
        };
        write().map_err(|e| failed(&self.path, &e))
    }
}

/// A file that cannot be read or written.
pub fn failed(path: &Path, error: &io::Error) -> Error {
    let sentence = format!("{} cannot be used: {error}", path.display());
    let failed = error::fatal(UNUSABLE, sentence);
    match error.kind() {
        ErrorKind::InvalidData => failed,
        _ => failed.hint("check its permissions"),
    }
}
