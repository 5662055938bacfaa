//! A plugin's own data directory.

use std::{
    io,
    path::{Path, PathBuf},
};

use omero_plugin_api::Error;

use crate::{error, private_files::make_private};

/// The directory of a plugin below the user's data directory, made if it is missing.
///
/// # Errors
///
/// There is no data directory, or the directory cannot be made private.
pub fn directory(plugin: &str) -> Result<PathBuf, Error> {
    let data = dirs::data_dir()
        .ok_or_else(|| error::fatal(1, "there is no data directory: set HOME or XDG_DATA_HOME"))?;
    directory_below(&data, plugin)
}

/// Where the data of a plugin is, whether there is any or not; `None` without a data directory.
pub fn path_of(plugin: &str) -> Option<PathBuf> {
    dirs::data_dir().map(|data| path_below(&data, plugin))
}

fn path_below(data: &Path, plugin: &str) -> PathBuf {
    data.join("omero").join("data").join(plugin)
}

fn directory_below(data: &Path, plugin: &str) -> Result<PathBuf, Error> {
    let path = path_below(data, plugin);
    make_and_close(&path).map_err(|reason| {
        error::fatal(
            1,
            format!(
                "the data directory {} cannot be made: {reason}",
                path.display()
            ),
        )
    })?;
    Ok(path)
}

/// As [`make_private`]; one that was there before may be open to others, and is closed.
fn make_and_close(path: &Path) -> io::Result<()> {
    make_private(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if path.metadata()?.permissions().mode() & 0o077 != 0 {
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o700))?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt};

    #[test]
    fn it_is_private_whatever_it_was() {
        let root = tempfile::tempdir().unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let path = directory_below(root.path(), "hello").unwrap();
        assert!(path.ends_with("omero/data/hello"));
        assert_eq!(mode(&path), 0o700);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(mode(&directory_below(root.path(), "hello").unwrap()), 0o700);
    }

    #[test]
    fn a_file_in_its_place_is_reported() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("omero/data")).unwrap();
        fs::write(root.path().join("omero/data/hello"), "").unwrap();
        let error = directory_below(root.path(), "hello").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("omero/data/hello cannot be made"),
            "{error}"
        );
    }
}
