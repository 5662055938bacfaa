//! `.zip`.

use std::io::{self, Read, Seek};

use zip::ZipArchive;

use super::{Output, about, refusal};

/// The bits of a Unix mode that tell the type of a file.
const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;

pub fn unpack(bytes: impl Read + Seek, output: &mut Output) -> io::Result<()> {
    let mut archive = ZipArchive::new(bytes).map_err(io::Error::other)?;
    if archive.len() > output.entries {
        return Err(refusal("it holds too many files"));
    }
    for index in 0..archive.len() {
        output.entry()?;
        let entry = archive.by_index(index).map_err(io::Error::other)?;
        let raw = entry.name().map_err(io::Error::other)?.into_owned();
        let name = std::path::Path::new(&raw);
        if raw.contains(['\\', '\0']) {
            return Err(about(name, "the path leads out of the archive"));
        }
        let kind = entry.unix_mode().map_or(0, |mode| mode & TYPE);
        if ![0, REGULAR, DIRECTORY].contains(&kind) {
            return Err(about(name, "links and devices are not unpacked"));
        }
        if entry.is_dir() {
            output.directory(name)?;
        } else {
            output.file(name, entry)?;
        }
    }
    Ok(())
}
