//! From a file to a running plugin. The steps, each with its own error:
//!
//! 1. **trust**: nobody but the user and root can have written the file ([`crate::trust`]);
//! 2. **manifest**: the file is a whole library for this machine and describes itself
//!    ([`crate::manifest`]); so far none of its code has run;
//! 3. **name**: it is the plugin of the command that was asked for;
//! 4. **ABI**: it was built for a version of the plugin ABI that this host serves ([`abi`]);
//! 5. **open**: the dynamic linker maps it and finds what it depends on;
//! 6. **symbol**: it exports the root symbol;
//! 7. **root**: its ABI version and types really fit, and its root module can be had.
//!
//! A library is never unloaded: its threads and thread-local destructors may outlive any call.
//! The files of this folder are the only ones of the host with `unsafe` in them.

pub mod abi;
pub mod at_exit;
mod library;
pub mod patience;

use std::path::{Path, PathBuf};

use omero_plugin_abi::{PluginModule_Ref, loader::RootError};
use omero_plugin_api::{Error, manifest::Manifest};

use crate::{
    error,
    manifest::{self, Problem},
    noexec,
    trust::{self, Distrust, Owners},
};

/// Why a plugin cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {step}", path.display())]
pub struct LoadError {
    /// The library.
    pub path: PathBuf,
    /// The step that failed.
    pub step: Step,
}

/// The step that failed, and why.
#[derive(Debug, thiserror::Error)]
pub enum Step {
    /// Step 1.
    #[error("{0}")]
    Trust(Distrust),
    /// Step 2.
    #[error("{0}")]
    Manifest(Problem),
    /// Step 3.
    #[error("it is the plugin of the command `{found}`, not of `{wanted}`")]
    Name {
        /// The command that was asked for.
        wanted: String,
        /// The command that the manifest names.
        found: String,
    },
    /// Step 4.
    #[error("{misfit}")]
    Abi {
        /// Its command.
        command: String,
        /// What does not fit.
        misfit: abi::Misfit,
    },
    /// Step 5.
    #[error("it cannot be opened ({0})")]
    Open(String),
    /// Step 5, where the file system forbids it.
    #[error("nothing may be run from the file system {}, which is mounted with `noexec`", .0.display())]
    NoExec(PathBuf),
    /// Step 6.
    #[error("it has no plugin inside ({0})")]
    Symbol(String),
    /// Step 7.
    #[error("{0}")]
    Root(RootError),
}

impl LoadError {
    fn at(path: &Path) -> impl Fn(Step) -> Self + '_ {
        |step| Self {
            path: path.to_owned(),
            step,
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        match &self.step {
            Step::Trust(distrust) => distrust.remedy(),
            Step::Manifest(problem) => problem.remedy().to_owned(),
            Step::Name { found, .. } => {
                format!("run `omero {found}`, or rename the file to what its command needs")
            }
            Step::Open(_) => "install what it depends on, or install the plugin again".to_owned(),
            Step::NoExec(_) => {
                "put it on another file system, and name its directory in OMERO_PLUGIN_PATH or --path"
                    .to_owned()
            }
            Step::Symbol(_) => "rebuild it with omero-plugin-api's `export_plugin!`".to_owned(),
            Step::Abi { command, misfit } => misfit.remedy(command),
            Step::Root(RootError::Major(versions)) => abi::other_major(versions, "it"),
            Step::Root(_) => {
                "build it again with an unmodified omero-plugin-api: omero plugin install DIRECTORY"
                    .to_owned()
            }
        }
    }
}

impl From<LoadError> for Error {
    /// Three lines: which file, why, what mends it. The checker's raw report goes under `--debug`.
    fn from(load: LoadError) -> Self {
        let path = load.path.display();
        let (code, verdict) = match load.step {
            Step::Trust(_) => (error::UNTRUSTED, "is not trusted"),
            _ => (error::UNUSABLE, "cannot be used"),
        };
        let error = error::plugin(
            code,
            format!("the plugin {path} {verdict}\nomero: reason: {}", load.step),
        )
        .hint(load.remedy());
        match load.step {
            Step::Root(RootError::Layout { report, .. }) => error.detail(report),
            _ => error,
        }
    }
}

/// Steps 1 to 4: what the library says of itself. Runs none of its code.
///
/// # Errors
///
/// The first step that failed.
pub fn describe(path: &Path, command: &str, owners: &Owners) -> Result<Manifest, LoadError> {
    let at = LoadError::at(path);
    trust::check(path, owners).map_err(|distrust| at(Step::Trust(distrust)))?;
    let manifest = manifest::read(path).map_err(|problem| at(Step::Manifest(problem)))?;
    if manifest.name != command {
        let (wanted, found) = (command.to_owned(), manifest.name);
        return Err(at(Step::Name { wanted, found }));
    }
    abi::check(&manifest).map_err(|misfit| {
        let command = command.to_owned();
        at(Step::Abi { command, misfit })
    })?;
    Ok(manifest)
}

/// Steps 5 to 7, for a library that [`describe`] accepted.
///
/// # Errors
///
/// The first step that failed.
pub fn open(path: &Path) -> Result<PluginModule_Ref, LoadError> {
    open_again(path, 0)
}

/// As [`open`], for a file at a path from which other files were opened `times` times before. The
/// dynamic linker knows libraries by the path they were opened with, so that each needs its own.
///
/// # Errors
///
/// As [`open`].
pub fn open_again(path: &Path, times: usize) -> Result<PluginModule_Ref, LoadError> {
    let mut spelled = path.parent().map(Path::to_owned).unwrap_or_default();
    for _ in 0..times {
        spelled.push(".");
    }
    let spelled = path.file_name().map(|name| spelled.join(name));
    let spelled = spelled.filter(|_| times > 0);
    let step = |step| match (step, noexec::mount_point(path)) {
        // The dynamic linker only says that it could not map a segment.
        (Step::Open(_), Some(mount)) => Step::NoExec(mount),
        (step, _) => step,
    };
    library::root_module(spelled.as_deref().unwrap_or(path))
        .map_err(step)
        .map_err(LoadError::at(path))
}
