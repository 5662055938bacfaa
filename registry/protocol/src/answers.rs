//! What the helper answers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it is; decides the exit code.
    pub kind: FailureKind,
    /// What failed and why: one sentence without a final dot.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// A request that cannot be fulfilled as it is.
    Failed,
    /// The server, file or program cannot be reached now.
    Unreachable,
    /// A hash, signature, serial or expiry is wrong.
    Untrusted,
    /// Nothing fits this omero or this machine.
    Unusable,
    /// A secret key needs its password.
    Locked,
}

/// An index as this machine knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IndexState {
    /// The user's name for it.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// The public key that signs it.
    pub key: String,
    /// The serial of the state that was fetched last; 0 before the first.
    pub serial: u64,
    /// When that state expires, in RFC 3339.
    pub expires: String,
    /// How many plugins it lists.
    pub plugins: usize,
    /// Why it could not be updated, or why its state cannot be used.
    pub problem: Option<Failure>,
}

/// A plugin in an index.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListedPlugin {
    /// The index.
    pub index: String,
    /// The plugin's name.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// The newest version that fits this machine.
    pub newest: Option<String>,
    /// All versions, the newest first.
    pub versions: Vec<ListedVersion>,
}

/// A version of a plugin in an index.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListedVersion {
    /// The version.
    pub version: String,
    /// The targets it was built for.
    pub targets: Vec<String>,
    /// Why it is not chosen on this machine.
    pub obstacle: Option<String>,
    /// The author's key, if the author signs it.
    pub key: Option<String>,
}

/// The build to install.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chosen {
    /// The index.
    pub index: String,
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether that version is yanked.
    pub yanked: bool,
    /// Whether it is newer than the version that is installed.
    pub is_newer: bool,
    /// `https://…`, or the path of a file.
    pub url: String,
    /// The SHA-256 of the archive.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// The author's signature of the archive.
    pub signature: Option<String>,
    /// The key that vouches for it: the author's, or else that of the index.
    pub key: String,
}

/// A file that was downloaded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Downloaded {
    /// The file.
    pub path: PathBuf,
    /// Its SHA-256.
    pub sha256: String,
    /// The public key whose signature was checked; `None` if there was no key to check with.
    pub key: Option<String>,
    /// Whether there is a signature, checked or not.
    pub signed: bool,
}

/// What an archive holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unpacked {
    /// How many files were unpacked.
    pub files: usize,
}

/// A repository that was cloned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cloned {
    /// The full name of the commit.
    pub commit: String,
}

/// The files that were made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Packaged {
    /// The archive, its checksum, its signature and its entry for an index.
    pub files: Vec<PathBuf>,
}

/// An index that was signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signed {
    /// Its new serial.
    pub serial: u64,
    /// When it expires, in RFC 3339.
    pub expires: String,
    /// How many plugins it lists.
    pub plugins: usize,
    /// The public key.
    pub key: String,
}
