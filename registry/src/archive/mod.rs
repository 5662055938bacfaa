//! Unpacking archives: plain files and directories only, inside one directory, and not without end.
//!
//! What an archive says of itself (sizes, names, types) is not trusted. Bytes and entries are counted
//! while they are written, so that it does not matter what the headers declare.

mod tar;
mod zip;

#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Component, Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use omero_registry_protocol::{Failure, Unpacked};

use crate::failure::with_file;

/// The most bytes that an archive may become: a small file can unpack to any size.
const LARGEST: u64 = 1 << 30;
/// The most files and directories.
const MOST: usize = 50_000;
/// The most memory that the decoder of `.xz` may take, in KiB: `xz -9` needs 65 MiB.
const MEMORY: u32 = 128 * 1024;

/// Unpacks an archive into a directory.
///
/// # Errors
///
/// The archive is damaged, too large, or holds what no plugin needs.
pub fn unpack(archive: &Path, directory: &Path) -> Result<Unpacked, Failure> {
    let unpack = || -> io::Result<usize> {
        let mut output = Output::new(directory, LARGEST, MOST);
        let file = BufReader::new(File::open(archive)?);
        let name = archive.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_ascii_lowercase();
        let ends = |endings: [&str; 2]| endings.iter().any(|ending| name.ends_with(ending));
        if ends([".tar.gz", ".tgz"]) {
            tar::unpack(MultiGzDecoder::new(file), &mut output)?;
        } else if ends([".tar.xz", ".txz"]) {
            tar::unpack(XzReader::new_mem_limit(file, true, MEMORY), &mut output)?;
        } else if name.ends_with(".zip") {
            zip::unpack(file, &mut output)?;
        } else {
            return Err(refusal("only .tar.gz, .tar.xz and .zip are unpacked"));
        }
        Ok(output.files)
    };
    let files = unpack().map_err(|e| with_file("cannot be unpacked", archive, e))?;
    Ok(Unpacked { files })
}

/// Where an archive goes, and how much of it may still come.
struct Output {
    directory: PathBuf,
    bytes: u64,
    entries: usize,
    files: usize,
}

impl Output {
    fn new(directory: &Path, bytes: u64, entries: usize) -> Self {
        Self {
            directory: directory.to_owned(),
            bytes,
            entries,
            files: 0,
        }
    }

    /// Counts an entry.
    fn entry(&mut self) -> io::Result<()> {
        self.entries = self
            .entries
            .checked_sub(1)
            .ok_or_else(|| refusal("it holds too many files"))?;
        Ok(())
    }

    /// Makes a directory.
    fn directory(&mut self, name: &Path) -> io::Result<()> {
        fs::create_dir_all(self.target(name)?)
    }

    /// Writes a file. One name must not come twice.
    fn file(&mut self, name: &Path, from: impl Read) -> io::Result<()> {
        let target = self.target(name)?;
        target.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = File::create_new(&target)?;
        let written = io::copy(&mut from.take(self.bytes + 1), &mut file)?;
        self.bytes = self
            .bytes
            .checked_sub(written)
            .ok_or_else(|| refusal("it is too large"))?;
        self.files += 1;
        Ok(())
    }

    fn target(&self, name: &Path) -> io::Result<PathBuf> {
        let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if name.components().all(plain) {
            Ok(self.directory.join(name))
        } else {
            Err(about(name, "the path leads out of the archive"))
        }
    }
}

fn refusal(why: &str) -> io::Error {
    io::Error::other(why.to_owned())
}

fn about(name: &Path, why: &str) -> io::Error {
    io::Error::other(format!("{}: {why}", name.display()))
}
