//! Reading and writing the configuration file: whole or not at all, and private.

use std::{
    fs::{self, File},
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
    let path = path.canonicalize().unwrap_or_else(|_| behind_links(path));
    let directory = path.parent().unwrap_or(Path::new("."));
    make_private(directory).map_err(|e| failed(directory, &e))?;
    let lock = File::open(directory)
        .ok()
        .filter(|file| file.lock().is_ok());
    let text = read(&path)?;
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

    /// Replaces the file. It keeps its mode and owner; a new one is readable and writable by the user
    /// alone.
    ///
    /// # Errors
    ///
    /// It was changed since it was read, or cannot be written; the old one is still there.
    pub fn write(&self, text: &str) -> Result<(), Error> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        // The lock keeps other processes of this program away, but not an editor.
        if read(&self.path)? != self.text {
            return Err(changed_meanwhile(&self.path));
        }
        // Made with mode 0600.
        let write = || -> io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            file.write_all(text.as_bytes())?;
            if let Ok(old) = self.path.metadata() {
                take_over(file.as_file(), &old)?;
            }
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
            Ok(())
        };
        write().map_err(|e| failed(&self.path, &e))
    }
}

fn read(path: &Path) -> Result<String, Error> {
    match text_file::read(path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(e) => Err(failed(path, &e)),
    }
}

/// The file that a link to a missing file stands for.
fn behind_links(mut path: PathBuf) -> PathBuf {
    // As many as systems follow.
    for _ in 0..40 {
        let Ok(target) = fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(Path::new(".")).join(target);
    }
    path
}

/// Gives a file the mode of another one, and its owner where that is allowed: root who changes the
/// file of a user must not take it away.
fn take_over(file: &File, old: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Without the right to give a file away the new one belongs to the user, as with editors.
        let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
    }
    file.set_permissions(old.permissions())
}

/// A file that is not the one that was read any more.
pub fn changed_meanwhile(path: &Path) -> Error {
    let path = path.display();
    error::fatal(
        1,
        format!("{path} was changed meanwhile, and is left as it is now"),
    )
    .hint("try again")
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
