//! What was typed in earlier shells. Only the user can read it, and it holds no passwords or keys.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::Lines;
use crate::{host::Host, private_files, script::secrets};

/// How many lines are kept.
pub const LONGEST: usize = 1000;

/// The file of the history; none where it cannot be used.
pub struct History {
    path: Option<PathBuf>,
}

impl History {
    /// Reads the history of earlier shells. Without one the shell works as well: `complain` hears why
    /// there is none.
    pub fn open(lines: &mut Lines, complain: impl FnOnce(&str)) -> Self {
        let Some(data) = dirs::data_dir() else {
            return Self { path: None };
        };
        let path = data.join("omero").join("history");
        // Said once for all of the user's files, when the configuration was read.
        if private_files::unreachable(&path).is_some() {
            return Self { path: None };
        }
        let read =
            prepare(&path).and_then(|()| lines.load_history(&path).map_err(io::Error::other));
        match read {
            Ok(()) => Self { path: Some(path) },
            Err(reason) => {
                complain(&format!(
                    "the history {} cannot be used: {reason}",
                    path.display()
                ));
                Self { path: None }
            }
        }
    }

    /// Remembers a line, for this shell and later ones, unless it holds a secret.
    pub fn add(&self, host: &Host, lines: &mut Lines, line: &str) {
        if secrets::masked(host, line).is_some() {
            return;
        }
        if let (Ok(true), Some(path)) = (lines.add_history_entry(line), &self.path) {
            // At once: a shell may end in many ways. One that cannot be written is no reason to
            // stop typing.
            let _ = lines.append_history(path);
        }
    }
}

/// Makes sure that the file is there and private before a line comes into it.
fn prepare(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        private_files::make_private(directory)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // One that was there before may be open to others.
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    drop(file);
    Ok(())
}
