//! Unpacking a `.tar.gz`: plain files and folders only, inside a folder of its own, and not without
//! end.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Component, Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use omero_plugin_api::Error;
use tar::{Archive, EntryType};
use tempfile::TempDir;

use crate::{builtin::plugin::failed, locate};

/// The most bytes that an archive may become: a small file can unpack to any size.
const LARGEST: u64 = 1 << 30;
/// The most files and folders.
const MOST: usize = 50_000;

/// What an archive holds.
pub enum Content {
    /// One plugin library.
    Library(PathBuf),
    /// A cargo project.
    Project(PathBuf),
}

/// Whether a file is such an archive, by its name.
pub fn is_one(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    name.ends_with(".tar.gz") || name.ends_with(".tgz")
}

/// Unpacks into a new temporary folder.
///
/// # Errors
///
/// The archive is damaged, too large, or holds what no plugin needs.
pub fn unpack(path: &Path) -> Result<TempDir, Error> {
    let unpack = || -> io::Result<TempDir> {
        let folder = tempfile::Builder::new().prefix("omero-plugin-").tempdir()?;
        let bytes = MultiGzDecoder::new(BufReader::new(File::open(path)?)).take(LARGEST);
        let mut archive = Archive::new(bytes);
        for (number, entry) in archive.entries()?.enumerate() {
            if number >= MOST {
                return Err(io::Error::other("it holds too many files"));
            }
            unpack_one(&mut entry?, folder.path())?;
        }
        if archive.into_inner().limit() == 0 {
            return Err(io::Error::other("it is too large"));
        }
        Ok(folder)
    };
    unpack().map_err(|e| failed("cannot be unpacked", path, &e))
}

fn unpack_one(entry: &mut tar::Entry<impl Read>, folder: &Path) -> io::Result<()> {
    let kind = entry.header().entry_type();
    let name = entry.path()?.into_owned();
    let refused = |why: &str| Err(io::Error::other(format!("{}: {why}", name.display())));
    let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !name.components().all(plain) {
        return refused("the path leads out of the archive");
    }
    let target = folder.join(&name);
    match kind {
        EntryType::Directory => fs::create_dir_all(target),
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            target.parent().map_or(Ok(()), fs::create_dir_all)?;
            let mut file = File::create_new(&target)?;
            io::copy(entry, &mut file).map(|_| ())
        }
        EntryType::XGlobalHeader | EntryType::XHeader => Ok(()),
        _ => refused("links and devices are not unpacked"),
    }
}

/// Finds out what was unpacked: a project at the top or in the only folder there, or else one
/// library anywhere.
///
/// # Errors
///
/// It is neither, or several libraries.
pub fn content(archive: &Path, folder: &Path) -> Result<Content, Error> {
    let broken = |e: io::Error| failed("cannot be unpacked", archive, &e);
    let mut top = folder.to_owned();
    if let [only] = entries(folder).map_err(broken)?.as_slice()
        && only.is_dir()
    {
        top.clone_from(only);
    }
    if top.join("Cargo.toml").is_file() {
        return Ok(Content::Project(top));
    }
    let libraries = libraries_below(folder).map_err(broken)?;
    match libraries.as_slice() {
        [library] => Ok(Content::Library(library.clone())),
        [] => {
            let wanted = locate::file_name("NAME").unwrap_or_default();
            let reason = format!("it holds neither a file {wanted} nor a cargo project");
            Err(failed("cannot be installed", archive, &reason))
        }
        [first, second, ..] => {
            let name = |path: &Path| {
                path.strip_prefix(folder)
                    .unwrap_or(path)
                    .display()
                    .to_string()
            };
            let reason = format!(
                "it holds several libraries ({}, {}): unpack it and install them one by one",
                name(first),
                name(second)
            );
            Err(failed("cannot be installed", archive, &reason))
        }
    }
}

fn libraries_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)? {
            let name = path.file_name().and_then(|name| name.to_str());
            if path.is_dir() {
                folders.push(path);
            } else if name.and_then(locate::command_of).is_some() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect()
}

#[cfg(test)]
mod tests;
