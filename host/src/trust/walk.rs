//! Every file system entry that decides what a path leads to: the directories from the root on, the
//! symbolic links, and the directories on the way to what these lead to.

use std::{
    ffi::OsString,
    fs::{self, Metadata},
    io,
    path::{Component, Path, PathBuf},
};

/// As many links as Linux follows in one path.
const LINKS_MAX: usize = 40;

/// What an entry is on the way to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The file itself.
    File,
    /// The directory that holds the file, or a link to it.
    Directory,
    /// A directory further up.
    Ancestor,
    /// A symbolic link.
    Link,
}

/// An entry on the way.
#[derive(Debug)]
pub struct Step {
    /// Its path.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Its own metadata, not those of what a link leads to.
    pub metadata: Metadata,
}

/// All entries that decide what a path leads to, in the order in which the system looks at them.
///
/// # Errors
///
/// The path and reason of an entry that cannot be looked at.
pub fn steps(file: &Path) -> Result<Vec<Step>, (PathBuf, io::Error)> {
    let absolute = std::path::absolute(file).map_err(|error| (file.to_owned(), error))?;
    let mut rest: Vec<OsString> = components(&absolute);
    let mut at = PathBuf::from("/");
    let mut steps = vec![step(&at)?];
    let mut links = 0;
    while let Some(name) = rest.pop() {
        if name == ".." {
            at.pop();
            continue;
        }
        let path = at.join(&name);
        let entry = step(&path)?;
        let is_link = entry.kind == Kind::Link;
        if rest.is_empty() {
            // What holds the file or a link to it: new files there are plugins, too.
            mark_directory(&mut steps, &at);
        }
        steps.push(entry);
        if !is_link {
            at = path;
            continue;
        }
        links += 1;
        if links > LINKS_MAX {
            return Err((path, io::Error::other("too many symbolic links")));
        }
        let target = fs::read_link(&path).map_err(|error| (path, error))?;
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        rest.extend(components(&target));
    }
    if let Some(last) = steps.last_mut() {
        last.kind = Kind::File;
    }
    Ok(steps)
}

/// The names of a path, the last one first.
fn components(path: &Path) -> Vec<OsString> {
    let names = path
        .components()
        .rev()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        });
    names.collect()
}

fn mark_directory(steps: &mut [Step], directory: &Path) {
    for step in steps.iter_mut().filter(|step| step.path == directory) {
        step.kind = Kind::Directory;
    }
}

fn step(path: &Path) -> Result<Step, (PathBuf, io::Error)> {
    let metadata = fs::symlink_metadata(path).map_err(|error| (path.to_owned(), error))?;
    Ok(Step {
        path: path.to_owned(),
        kind: match metadata.is_symlink() {
            true => Kind::Link,
            false => Kind::Ancestor,
        },
        metadata,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_followed_step_by_step() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for directory in ["real/lib", "elsewhere"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        fs::write(root.join("elsewhere/p.so"), "").unwrap();
        symlink("real", root.join("alias")).unwrap();
        symlink("../../elsewhere/p.so", root.join("real/lib/p.so")).unwrap();
        let steps = steps(&root.join("alias/lib/p.so")).unwrap();
        let inside = steps.iter().filter_map(|step| {
            let path = step.path.strip_prefix(&root).ok()?.to_str()?.to_owned();
            (!path.is_empty()).then_some((path, step.kind))
        });
        let expected = [
            ("alias", Kind::Link),
            ("real", Kind::Ancestor),
            ("real/lib", Kind::Directory),
            ("real/lib/p.so", Kind::Link),
            ("elsewhere", Kind::Directory),
            ("elsewhere/p.so", Kind::File),
        ];
        let expected = expected.map(|(path, kind)| (path.to_owned(), kind));
        assert_eq!(inside.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn loops_end() {
        let root = tempfile::tempdir().unwrap();
        symlink("loop", root.path().join("loop")).unwrap();
        let (path, error) = steps(&root.path().join("loop")).unwrap_err();
        assert!(path.ends_with("loop") && error.to_string().contains("links"));
    }
}
