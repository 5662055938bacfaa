//! Files and directories that only the user may see, made so from the first byte.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// Writes a file under a temporary name beside it, private from the first byte, and renames it.
///
/// # Errors
///
/// The directory cannot be made or written.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    make_private(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Makes a directory that only the user may enter, with those above it; one that exists stays as it
/// is.
///
/// # Errors
///
/// It cannot be made.
pub fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
