//! Which directory is the session store.
//!
//! From the first that applies (`--help` states the same rule):
//!
//! 1. `OMERO_SESSIONDIR`, as it stands; set but empty is an error;
//! 2. `OMERO_SESSION_DIR` + `/omero/sessions` (deprecated since OMERO 5.1.1); set but empty, it
//!    still cancels 3;
//! 3. `--session-dir` + `/omero/sessions` (deprecated);
//! 4. `OMERO_USERDIR`: `/sessions` in it if that directory exists, because the OMERO.py of today
//!    makes that one, otherwise `/omero/sessions` in it, as OMERO's documentation shows;
//! 5. with `OMERO_USERDIR` set but empty: `sessions` in the platform's directory for program data;
//! 6. `omero/sessions` in the home directory.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// All that decides about the directory. The caller collects it, so that nothing here reads the
/// environment. `None` is "not set", which differs from "empty".
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct LocationInputs {
    /// `OMERO_SESSIONDIR`.
    pub omero_sessiondir: Option<OsString>,
    /// `OMERO_SESSION_DIR`.
    pub omero_session_dir: Option<OsString>,
    /// The option `--session-dir`; empty counts as not given.
    pub session_dir_option: Option<OsString>,
    /// `OMERO_USERDIR`.
    pub omero_userdir: Option<OsString>,
    /// `XDG_DATA_HOME` (Linux and the like; used only if absolute, as its specification says).
    pub xdg_data_home: Option<OsString>,
    /// Windows: the folder for local application data.
    pub local_app_data: Option<OsString>,
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

/// The platforms whose directories for program data differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Platform {
    Xdg,
    MacOs,
    Windows,
}

impl Platform {
    const THIS: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Xdg
    };
}

/// Finds the directory; looks at the disk only to see whether `OMERO_USERDIR` has a directory
/// `sessions`. Fails with exit code 155.
pub fn locate(inputs: &LocationInputs) -> Result<Location, StoreError> {
    decide(inputs, Platform::THIS, Path::is_dir)
}

fn decide(
    inputs: &LocationInputs,
    platform: Platform,
    is_dir: impl Fn(&Path) -> bool,
) -> Result<Location, StoreError> {
    let option = filled(&inputs.session_dir_option);
    let mut deprecated = Vec::new();
    if option.is_some() {
        deprecated.push(Deprecated::SessionDirOption);
    }
    if inputs.omero_session_dir.is_some() {
        deprecated.push(Deprecated::OmeroSessionDir);
    }
    let older = match &inputs.omero_session_dir {
        Some(_) => filled(&inputs.omero_session_dir),
        None => option,
    };
    let dir = match (&inputs.omero_sessiondir, older) {
        (Some(dir), _) if dir.is_empty() => return Err(StoreError::no_access(Path::new(""), None)),
        (Some(dir), _) => PathBuf::from(dir),
        (None, Some(base)) => in_omero(Path::new(base)),
        (None, None) => below_user_dir(inputs, platform, is_dir)?,
    };
    Ok(Location { dir, deprecated })
}

fn below_user_dir(
    inputs: &LocationInputs,
    platform: Platform,
    is_dir: impl Fn(&Path) -> bool,
) -> Result<PathBuf, StoreError> {
    let Some(user_dir) = &inputs.omero_userdir else {
        return Ok(in_omero(&home(inputs, platform)?));
    };
    if user_dir.is_empty() {
        return Ok(data_dir(inputs, platform)?.join("sessions"));
    }
    let of_today = Path::new(user_dir).join("sessions");
    Ok(if is_dir(&of_today) {
        of_today
    } else {
        in_omero(Path::new(user_dir))
    })
}

/// Where OMERO.py 5 keeps program data (it asks the `appdirs` library for "OMERO.py" by "OME").
fn data_dir(inputs: &LocationInputs, platform: Platform) -> Result<PathBuf, StoreError> {
    let base = match platform {
        Platform::Xdg => match filled(&inputs.xdg_data_home).map(Path::new) {
            Some(data) if data.is_absolute() => data.to_owned(),
            _ => home(inputs, platform)?.join(".local/share"),
        },
        Platform::MacOs => home(inputs, platform)?.join("Library/Application Support"),
        Platform::Windows => match filled(&inputs.local_app_data) {
            Some(local) => Path::new(local).join("OME"),
            None => return Err(StoreError::NoHome),
        },
    };
    Ok(base.join("OMERO.py").join("5"))
}

fn home(inputs: &LocationInputs, platform: Platform) -> Result<PathBuf, StoreError> {
    if platform == Platform::Windows
        && let Some(roaming) = filled(&inputs.roaming_app_data)
    {
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
