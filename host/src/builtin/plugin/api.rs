//! The crate that plugins are written with, as it is shipped with this installation.
//!
//! Projects depend on it by version, as on a crate of a registry. On this machine cargo is told to
//! take it from the installation: nothing is fetched under its name, which could belong to others there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use omero_plugin_api::Error;

use super::failed;
use crate::error::{self, UNUSABLE};

/// The package that plugins are written with, and its folder.
pub const API: (&str, &str) = ("omero-plugin-api", "plugin-api");
/// The packages that must never come from a registry.
pub const OWN: [&str; 2] = ["omero-plugin-api", "omero-plugin-abi"];

/// The version that a project asks for: `X.Y` of the API crate, which has the version of omero.
pub fn version() -> &'static str {
    let version = env!("CARGO_PKG_VERSION");
    version.rsplit_once('.').map_or(version, |(minor, _)| minor)
}

/// The API crate of the installation, or of the source tree that this program was built in.
///
/// # Errors
///
/// There is none.
pub fn shipped() -> Result<PathBuf, Error> {
    let program = std::env::current_exe().and_then(|program| program.canonicalize());
    let program = program.unwrap_or_default();
    let installed = program.parent().and_then(Path::parent);
    let installed = installed.map(|prefix| prefix.join("share").join("omero"));
    let above = program.ancestors().skip(1).map(Path::to_owned);
    let mut places = installed.into_iter().chain(above);
    places.find_map(|place| at(&place)).ok_or_else(|| {
        error::fatal(
            UNUSABLE,
            format!("the crate {} is not part of this installation", API.0),
        )
        .hint("name its folder: --api-path PATH")
    })
}

/// The API crate that the user names, or else the shipped one.
///
/// # Errors
///
/// It is not there.
pub fn named(path: Option<PathBuf>) -> Result<PathBuf, Error> {
    match path {
        Some(path) => at(&path).ok_or_else(|| {
            let reason = format!("the crate {} is not there", API.0);
            failed("cannot be used", &path, &reason)
        }),
        None => shipped(),
    }
}

/// The API crate in a folder, or one step below it.
fn at(folder: &Path) -> Option<PathBuf> {
    [folder.to_owned(), folder.join(API.1)]
        .into_iter()
        .find(|folder| {
            let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            let name = format!("name = \"{}\"", API.0);
            manifest.lines().any(|line| line.trim() == name)
        })
}

/// The setting that makes cargo take the crate from this folder; TOML for `--config`.
pub fn patch(api: &Path) -> String {
    // A JSON string is a TOML string.
    let path = serde_json::Value::from(api.display().to_string());
    format!("patch.crates-io.{}.path = {path}", API.0)
}
