//! The files of an index.
//!
//! | file | holds |
//! |---|---|
//! | `index.json` | [`Root`]: serial, expiry, and the SHA-256 of every other file |
//! | `index.json.minisig` | the signature of `index.json` by the key of the index |
//! | `plugins/NAME.json` | [`Entry`]: one plugin with its versions |
//!
//! Because `index.json` is signed and names the hash of each plugin's file, which names the hash of
//! each archive, its signature covers everything.

use std::collections::BTreeMap;

use omero_registry_protocol::Failure;
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

use crate::failure::untrusted;

/// The file that everything hangs on.
pub const ROOT: &str = "index.json";
/// Its signature.
pub const SIGNATURE: &str = "index.json.minisig";
/// The version of this format. A reader refuses a higher one and ignores unknown fields.
pub const FORMAT: u32 = 1;

/// `index.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Root {
    /// The version of the format.
    pub format: u32,
    /// Grows with each signature.
    pub serial: u64,
    /// The state is not used after this moment.
    pub expires: jiff::Timestamp,
    /// The files below `plugins/`, by the name of the plugin.
    pub plugins: BTreeMap<String, Listed>,
}

/// What `index.json` says of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
}

/// `plugins/NAME.json`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Entry {
    /// The plugin's name.
    pub name: String,
    /// One line about it.
    #[serde(default)]
    pub description: String,
    /// Its versions, in any order.
    pub versions: Vec<Release>,
}

/// One version of a plugin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// The ABI versions of omero that it runs with, such as `^1.0`.
    pub abi: VersionReq,
    /// Whether it is no longer to be installed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yanked: bool,
    /// The author's public key, if the author signs the archives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The archives, by Rust target.
    pub targets: BTreeMap<String, Archive>,
}

/// An archive to download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// `https://…`, or a path below the directory of the index.
    pub url: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// The author's signature: the text of the `.minisig` file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

/// The path of a plugin's file in an index.
pub fn entry_path(name: &str) -> String {
    format!("plugins/{name}.json")
}

/// Whether this can be the name of a plugin or index: such a name is a safe file name too.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

/// Whether two names are those of the same library: `-` and `_` are one character in its file name.
pub fn same_name(one: &str, other: &str) -> bool {
    one.replace('-', "_") == other.replace('-', "_")
}

/// Whether a path stays below the directory that it is relative to.
pub fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':', '?', '#', '%'])
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

impl Root {
    /// Reads `index.json`.
    ///
    /// # Errors
    ///
    /// It is damaged, newer than this program, or holds a name that is none.
    pub fn parse(text: &[u8]) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let broken = |e: serde_json::Error| untrusted(format!("its {ROOT} is damaged: {e}"));
        let Format { format } = serde_json::from_slice(text).map_err(broken)?;
        if format > FORMAT {
            return Err(crate::failure::unusable(format!(
                "its format is {format}; this omero reads {FORMAT}"
            )));
        }
        let root: Self = serde_json::from_slice(text).map_err(broken)?;
        match root.plugins.keys().find(|name| !is_name(name)) {
            Some(name) => Err(untrusted(format!("its {ROOT} names a plugin {name:?}"))),
            None => Ok(root),
        }
    }
}

impl Entry {
    /// Reads the file of the plugin `name`.
    ///
    /// # Errors
    ///
    /// It is damaged, or of another plugin.
    pub fn parse(name: &str, text: &[u8]) -> Result<Self, Failure> {
        let path = entry_path(name);
        let entry: Self = serde_json::from_slice(text)
            .map_err(|e| untrusted(format!("its {path} is damaged: {e}")))?;
        if entry.name != name {
            let other = entry.name;
            return Err(untrusted(format!("its {path} is about {other:?}")));
        }
        Ok(entry)
    }
}
