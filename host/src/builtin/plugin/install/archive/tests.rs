use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use tar::{Builder, Header};

use super::*;

/// An archive with these entries, in a folder of its own.
fn archive(entries: &[(EntryType, &str, &str)]) -> (TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.tar.gz");
    let file = File::create(&path).unwrap();
    let mut builder = Builder::new(GzEncoder::new(file, Compression::fast()));
    for (kind, name, content) in entries {
        let mut header = Header::new_old();
        // The library's own way refuses the names that this test is about.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o4777);
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap();
    (root, path)
}

fn verdict(entries: &[(EntryType, &str, &str)]) -> String {
    let (_root, path) = archive(entries);
    let result = unpack(&path).and_then(|folder| match content(&path, folder.path())? {
        Content::Library(found) => Ok(format!(
            "library {}",
            found.strip_prefix(folder.path()).unwrap().display()
        )),
        Content::Project(found) => Ok(format!(
            "project {}",
            found.strip_prefix(folder.path()).unwrap().display()
        )),
    });
    result.unwrap_or_else(|error| error.to_string())
}

const FILE: EntryType = EntryType::Regular;

#[test]
fn libraries_and_projects_are_told_apart() {
    let library = locate::file_name("hello").unwrap();
    let inside = format!("omero-hello-1.0/{library}");
    let other = format!("omero-hello-1.0/{}", locate::file_name("other").unwrap());
    assert_eq!(
        verdict(&[(FILE, &library, "x")]),
        format!("library {library}")
    );
    let entries = [(FILE, "README.md", ""), (FILE, inside.as_str(), "x")];
    assert_eq!(verdict(&entries), format!("library {inside}"));
    let entries = [(FILE, "p/Cargo.toml", ""), (FILE, inside.as_str(), "x")];
    assert!(
        verdict(&entries).starts_with("library"),
        "two folders at the top"
    );
    assert_eq!(verdict(&[(FILE, "p/Cargo.toml", "")]), "project p");
    assert_eq!(verdict(&[(FILE, "Cargo.toml", "")]), "project ");
    assert!(verdict(&[(FILE, "README", "")]).contains("holds neither"));
    let entries = [(FILE, inside.as_str(), "x"), (FILE, other.as_str(), "x")];
    assert!(verdict(&entries).contains("holds several libraries"));
}

#[test]
fn nothing_leaves_the_folder() {
    for (kind, name) in [
        (FILE, "../evil"),
        (FILE, "/tmp/omero-evil"),
        (FILE, "a/../../evil"),
        (EntryType::Symlink, "link"),
        (EntryType::Link, "link"),
        (EntryType::Char, "device"),
        (EntryType::Fifo, "fifo"),
        (EntryType::Directory, "../evil"),
    ] {
        let said = verdict(&[(kind, name, "")]);
        assert!(said.contains("cannot be unpacked"), "{name}: {said}");
    }
    assert!(verdict(&[(FILE, "twice", "1"), (FILE, "twice", "2")]).contains("cannot be unpacked"));
}

#[test]
fn damaged_archives_are_refused() {
    let library = locate::file_name("hello").unwrap();
    let (_root, path) = archive(&[(FILE, &library, &"content ".repeat(500))]);
    let whole = fs::read(&path).unwrap();
    for bytes in [&whole[..whole.len() / 2], b"no archive", &[0; 600]] {
        File::create(&path).unwrap().write_all(bytes).unwrap();
        let error = unpack(&path).unwrap_err();
        assert!(error.to_string().contains("cannot be unpacked"), "{error}");
    }
}

#[test]
fn archives_are_known_by_their_names() {
    for (name, is) in [
        ("a.tar.gz", true),
        ("A.TGZ", true),
        ("a.so", false),
        ("a.gz", false),
    ] {
        assert_eq!(is_one(Path::new(name)), is, "{name}");
    }
}
