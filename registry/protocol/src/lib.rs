//! The requests that `omero plugin` sends to its helper `omero-registry`, and the answers.
//!
//! The helper reads one [`Task`] as JSON from its standard input and writes one
//! `Result<ANSWER, Failure>` as JSON to its standard output. Each variant of [`Request`] names its
//! answer. Passwords travel in the task, never in arguments or environment variables.

mod answers;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use answers::{
    Chosen, Cloned, Downloaded, Failure, FailureKind, IndexState, ListedPlugin, ListedVersion,
    Packaged, Signed, Unpacked,
};

/// A request with what every request needs.
#[derive(Serialize, Deserialize)]
pub struct Task {
    /// The user's data directory of omero. The helper keeps the indexes in `indexes` below it.
    pub data: PathBuf,
    /// The plugin ABI version that this omero offers, such as `1.0.0`.
    pub abi: String,
    /// What to do.
    pub request: Request,
}

/// What the helper does.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Fetches and checks a new index and remembers it. Answer: [`IndexState`].
    AddIndex {
        /// The user's name for it.
        name: String,
        /// Where it is: `https://…`, `file:…` or a directory, `git+URL` or `….git`.
        url: String,
        /// The public key that signs it, or the file that holds the key.
        key: String,
    },
    /// Forgets an index. Answer: `()`.
    RemoveIndex {
        /// The user's name for it.
        name: String,
    },
    /// Lists the indexes without fetching them. Answer: `Vec<IndexState>`.
    Indexes,
    /// Fetches the newest state of one index or of all. Answer: `Vec<IndexState>`.
    UpdateIndexes {
        /// The only index to update.
        name: Option<String>,
    },
    /// Finds plugins whose name or description contains all words. Answer: `Vec<ListedPlugin>`.
    Search {
        /// The words; without any, all plugins are found.
        words: Vec<String>,
    },
    /// Describes the plugin of this name in every index. Answer: `Vec<ListedPlugin>`.
    Describe {
        /// The plugin's name, or `INDEX/NAME`.
        name: String,
    },
    /// Chooses the build to install on this machine. Answer: [`Chosen`].
    Choose {
        /// The plugin's name, or `INDEX/NAME`.
        name: String,
        /// This version, even if it is yanked; the newest that fits otherwise.
        version: Option<String>,
        /// The version that is installed, to be compared with.
        installed: Option<String>,
    },
    /// Copies a file from a URL or a path, and checks it. Answer: [`Downloaded`].
    Download(Download),
    /// Unpacks an archive into a directory. Answer: [`Unpacked`].
    Unpack {
        /// A `.tar.gz`, `.tgz`, `.tar.xz`, `.txz` or `.zip`.
        archive: PathBuf,
        /// An existing, empty directory.
        directory: PathBuf,
    },
    /// Clones a git repository. Answer: [`Cloned`].
    Clone {
        /// The repository.
        url: String,
        /// A branch or tag; the repository's default branch otherwise.
        revision: Option<String>,
        /// An existing, empty directory.
        directory: PathBuf,
    },
    /// Makes a key pair in `path` and `path.pub`. Answer: the public key, a `String`.
    NewKey {
        /// The file of the secret key.
        path: PathBuf,
        /// Encrypts the secret key; without a password it is stored as it is.
        password: Option<String>,
    },
    /// Makes archive, checksum, signature and index entry of a library. Answer: [`Packaged`].
    Package(Package),
    /// Signs the index in a directory with the next serial. Answer: [`Signed`].
    SignIndex {
        /// The directory of the index.
        directory: PathBuf,
        /// The key to sign with.
        key: SecretKey,
        /// How many days the signature is valid.
        days: u32,
    },
    /// Yanks a version in the index in a directory, or takes that back. Answer: `()`.
    Yank {
        /// The directory of the index.
        directory: PathBuf,
        /// The plugin.
        name: String,
        /// Its version.
        version: String,
        /// Whether the version becomes yanked.
        yanked: bool,
    },
}

/// A file to download.
#[derive(Debug, Serialize, Deserialize)]
pub struct Download {
    /// `https://…`, or the path of a file.
    pub url: String,
    /// The SHA-256 that it must have.
    pub sha256: Option<String>,
    /// The size in bytes that it must have.
    pub size: Option<u64>,
    /// Its signature; otherwise the file of the same name with `.minisig` is looked for.
    pub signature: Option<String>,
    /// The public key, or the file that holds it. Without a key no signature is checked.
    pub key: Option<String>,
    /// The directory to put the file into.
    pub directory: PathBuf,
}

/// A secret key and what opens it.
#[derive(Serialize, Deserialize)]
pub struct SecretKey {
    /// Its file.
    pub path: PathBuf,
    /// Its password; `None` if it is not encrypted.
    pub password: Option<String>,
}

/// A built library to share.
#[derive(Serialize, Deserialize)]
pub struct Package {
    /// The library.
    pub library: PathBuf,
    /// Further files for the archive, such as licences.
    pub extra: Vec<PathBuf>,
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// One line about it.
    pub description: String,
    /// The target it was built for.
    pub target: String,
    /// The ABI versions that it runs with, as a semver requirement.
    pub abi: String,
    /// The author's key.
    pub key: Option<SecretKey>,
    /// Where to put the files.
    pub output: PathBuf,
    /// The directory of an index to add it to.
    pub index: Option<PathBuf>,
    /// The address of the directory that the archive will be downloaded from. Without it the archive
    /// is copied into the index.
    pub url: Option<String>,
}
