//! What is in an archive that was unpacked: a library or a cargo project.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use omero_plugin_api::Error;

use crate::{builtin::plugin::failed, locate};

/// What an archive holds.
pub enum Content {
    /// One plugin library.
    Library(PathBuf),
    /// A cargo project.
    Project(PathBuf),
}

/// Whether a file is an archive, by its name.
pub fn is_archive(path: &Path) -> bool {
    const ENDINGS: [&str; 5] = [".tar.gz", ".tgz", ".tar.xz", ".txz", ".zip"];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Finds out what was unpacked: a project at the top or in the only folder there, or else one
/// library anywhere.
///
/// # Errors
///
/// It is neither, or several libraries.
pub fn find(archive: &Path, folder: &Path) -> Result<Content, Error> {
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
mod tests {
    use super::*;

    /// What is found in a directory with these files.
    fn verdict(files: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let (kind, found) = match find(Path::new("a.zip"), folder.path()) {
            Ok(Content::Library(found)) => ("library", found),
            Ok(Content::Project(found)) => ("project", found),
            Err(error) => return error.to_string(),
        };
        let found = found.strip_prefix(folder.path()).unwrap().display();
        format!("{kind} {found}")
    }

    #[test]
    fn libraries_and_projects_are_told_apart() {
        let library = locate::file_name("hello").unwrap();
        let inside = format!("omero-hello-1.0/{library}");
        let other = format!("omero-hello-1.0/{}", locate::file_name("other").unwrap());
        assert_eq!(verdict(&[&library]), format!("library {library}"));
        let found = format!("library {inside}");
        assert_eq!(verdict(&["README.md", &inside]), found);
        // With two entries at the top, neither is the folder of a project.
        assert_eq!(verdict(&["p/Cargo.toml", &inside]), found);
        assert_eq!(verdict(&["p/Cargo.toml"]), "project p");
        assert_eq!(verdict(&["Cargo.toml"]), "project ");
        assert!(verdict(&["README"]).contains("holds neither"));
        assert!(verdict(&[&inside, &other]).contains("holds several libraries"));
    }

    #[test]
    fn archives_are_known_by_their_names() {
        for (name, is) in [
            ("a.tar.gz", true),
            ("A.TGZ", true),
            ("a.tar.xz", true),
            ("a.zip", true),
            ("a.so", false),
            ("a.gz", false),
        ] {
            assert_eq!(is_archive(Path::new(name)), is, "{name}");
        }
    }
}
