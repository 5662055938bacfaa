//! Who could replace the running program.
//!
//! An installation may belong to a software team, be writable by its group, or have been made by
//! pip in a user's directory. Whoever can write both the program's file and its directory could
//! have replaced the program that asks, so refusing their plugins would protect no one.

use std::{
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

const WRITABLE_BY_GROUP: u32 = 0o020;

/// The installation of the running program.
#[derive(Debug)]
pub struct Installation {
    /// The directory above that of the program: `PREFIX` of `PREFIX/bin/omero`.
    prefix: PathBuf,
    program: Rights,
    directory: Rights,
}

/// Owner and writing group of a file or directory.
#[derive(Debug, Clone, Copy)]
struct Rights {
    owner: u32,
    group: Option<u32>,
}

impl Rights {
    fn of(metadata: &Metadata) -> Self {
        let writes = metadata.mode() & WRITABLE_BY_GROUP != 0;
        Self {
            owner: metadata.uid(),
            group: writes.then(|| metadata.gid()),
        }
    }
}

impl Installation {
    /// The installation of this process; `None` where its file cannot be found.
    pub fn of_this_program() -> Option<&'static Self> {
        static THIS: OnceLock<Option<Installation>> = OnceLock::new();
        let find = || {
            let program = std::env::current_exe().ok()?.canonicalize().ok()?;
            Self::of(&program)
        };
        THIS.get_or_init(find).as_ref()
    }

    fn of(program: &Path) -> Option<Self> {
        let directory = program.parent()?;
        Some(Self {
            prefix: directory.parent().unwrap_or(directory).to_owned(),
            program: Rights::of(&fs::metadata(program).ok()?),
            directory: Rights::of(&fs::metadata(directory).ok()?),
        })
    }

    /// Whether a path is in the installation, or a directory on the way to it.
    pub fn covers(&self, path: &Path) -> bool {
        path.starts_with(&self.prefix) || self.prefix.starts_with(path)
    }

    /// The owner of both the program and its directory.
    pub fn owner(&self) -> Option<u32> {
        let owner = self.program.owner;
        (owner == self.directory.owner).then_some(owner)
    }

    /// The group that can write both the program and its directory.
    pub fn group(&self) -> Option<u32> {
        let group = self.program.group;
        group.filter(|_| group == self.directory.group)
    }
}
