//! Which directory is the session store.
//!
//! From the first that applies (`--help` states the same rule). A variable that is set but empty
//! counts as unset, as in `VAR=${OTHER:-}` of a compose file:
//!
//! 1. `OMERO_SESSIONDIR`, as it stands;
//! 2. `OMERO_SESSION_DIR` + `/omero/sessions` (deprecated since OMERO 5.1.1);
//! 3. `--session-dir` + `/omero/sessions` (deprecated);
//! 4. `OMERO_USERDIR`: `/sessions` in it if that directory exists, because the OMERO.py of today
//!    makes that one, otherwise `/omero/sessions` in it, as OMERO's documentation shows;
//! 5. `omero/sessions` in the home directory.
//!
//! A value that begins with `~/` is refused: only a shell replaces it, so it came from a file, and
//! a directory named `~` in the working directory is not what was meant.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// All that decides about the directory. The caller collects it, so that nothing here reads the
/// environment. Empty values count as not set.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct LocationInputs {
    /// `OMERO_SESSIONDIR`.
    pub omero_sessiondir: Option<OsString>,
    /// `OMERO_SESSION_DIR`.
    pub omero_session_dir: Option<OsString>,
    /// The option `--session-dir`.
    pub session_dir_option: Option<OsString>,
    /// `OMERO_USERDIR`.
    pub omero_userdir: Option<OsString>,
    /// Windows: the folder for roaming application data, which stands for the home directory.
    pub roaming_app_data: Option<OsString>,
    /// The home directory.
    pub home: Option<PathBuf>,
}

/// The directory, and what the user should hear about how it was named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// The store's directory; relative ones are relative to the working directory.
    pub dir: PathBuf,
    /// Whether it is the default, below the home directory.
    pub in_home: bool,
    /// The child store that was named, if `dir` is the store it was made for.
    pub child: Option<PathBuf>,
    /// Deprecated ways that were used.
    pub deprecated: Vec<Deprecated>,
}

/// A deprecated way to name the directory; the `Display` text is the warning's, without prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deprecated {
    /// `--session-dir` was given.
    SessionDirOption,
    /// `OMERO_SESSION_DIR` is set.
    OmeroSessionDir,
}

impl fmt::Display for Deprecated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::SessionDirOption => "--session-dir",
            Self::OmeroSessionDir => "OMERO_SESSION_DIR",
        };
        write!(f, "{name} is deprecated. Use OMERO_SESSIONDIR instead.")
    }
}

/// Finds the directory; looks at the disk only to see whether `OMERO_USERDIR` has a directory
/// `sessions`. Fails with exit code 155.
pub fn locate(inputs: &LocationInputs) -> Result<Location, StoreError> {
    decide(inputs, cfg!(windows), Path::is_dir)
}

fn decide(
    inputs: &LocationInputs,
    windows: bool,
    is_dir: impl Fn(&Path) -> bool,
) -> Result<Location, StoreError> {
    let option = filled(&inputs.session_dir_option);
    let old = filled(&inputs.omero_session_dir);
    let mut deprecated = Vec::new();
    if option.is_some() {
        deprecated.push(Deprecated::SessionDirOption);
    }
    if old.is_some() {
        deprecated.push(Deprecated::OmeroSessionDir);
    }
    let mut in_home = false;
    let dir = if let Some(dir) = filled(&inputs.omero_sessiondir) {
        whole("OMERO_SESSIONDIR", dir)?
    } else if let Some(base) = old {
        in_omero(&whole("OMERO_SESSION_DIR", base)?)
    } else if let Some(base) = option {
        in_omero(&whole("--session-dir", base)?)
    } else if let Some(base) = filled(&inputs.omero_userdir) {
        let base = whole("OMERO_USERDIR", base)?;
        let of_today = base.join("sessions");
        match is_dir(&of_today) {
            true => of_today,
            false => in_omero(&base),
        }
    } else {
        in_home = true;
        in_omero(&home(inputs, windows)?)
    };
    Ok(Location {
        dir,
        in_home,
        child: None,
        deprecated,
    })
}

/// A directory that was named by `name`, unless only a shell could find it.
pub fn whole(name: &'static str, value: &OsStr) -> Result<PathBuf, StoreError> {
    let path = Path::new(value);
    match path.components().next() {
        Some(first) if first.as_os_str() == "~" => Err(StoreError::Tilde {
            name,
            path: path.to_owned(),
        }),
        _ => Ok(path.to_owned()),
    }
}

fn home(inputs: &LocationInputs, windows: bool) -> Result<PathBuf, StoreError> {
    if windows && let Some(roaming) = filled(&inputs.roaming_app_data) {
        return Ok(PathBuf::from(roaming));
    }
    let known = inputs
        .home
        .as_ref()
        .filter(|home| !home.as_os_str().is_empty());
    known.cloned().ok_or(StoreError::NoHome)
}

fn in_omero(base: &Path) -> PathBuf {
    base.join("omero").join("sessions")
}

/// A value that is set and not empty.
fn filled(value: &Option<OsString>) -> Option<&OsStr> {
    value.as_deref().filter(|value| !value.is_empty())
}

#[cfg(test)]
#[path = "tests/location.rs"]
mod tests;
