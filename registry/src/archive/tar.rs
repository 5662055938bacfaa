//! `.tar`, decompressed.

use std::io::{self, Read};

use tar::{Archive, EntryType};

use super::{Output, about, refusal};

/// What a tar file may hold beside the contents: headers, padding, long names.
const HEADERS: u64 = 256 << 20;

pub fn unpack(bytes: impl Read, output: &mut Output) -> io::Result<()> {
    let mut archive = Archive::new(bytes.take(output.bytes + HEADERS));
    for entry in archive.entries()? {
        output.entry()?;
        let mut entry = entry?;
        let name = entry.path()?.into_owned();
        match entry.header().entry_type() {
            EntryType::Directory => output.directory(&name)?,
            EntryType::Regular | EntryType::Continuous => output.file(&name, &mut entry)?,
            EntryType::XGlobalHeader | EntryType::XHeader => {}
            // A few bytes can declare a terabyte of zeros.
            EntryType::GNUSparse => return Err(about(&name, "sparse files are not unpacked")),
            _ => return Err(about(&name, "links and devices are not unpacked")),
        }
    }
    if archive.into_inner().limit() == 0 {
        return Err(refusal("it is too large"));
    }
    Ok(())
}
