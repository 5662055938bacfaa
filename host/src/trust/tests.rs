use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use super::{
    platform::{Entry, is_private_group, judge},
    walk::Kind,
    *,
};

#[test]
fn private_groups() {
    for (group, members, user, private) in [
        ("ana", &[][..], "ana", true),
        ("ana", &["ana"], "ana", true),
        ("users", &[], "ana", false),
        ("lab", &["ana", "bob"], "ana", false),
        ("bob", &["eve"], "bob", false), // another member of the user's own group
    ] {
        let members: Vec<String> = members.iter().map(|m| (*m).to_owned()).collect();
        assert_eq!(
            is_private_group(group, &members, user),
            private,
            "{group} {user}"
        );
    }
}

#[test]
fn owners_and_modes() {
    let verdict = |owner, mode, kind, private| {
        let entry = Entry {
            owner,
            group: 7,
            mode,
            kind,
        };
        match judge(
            Path::new("f"),
            entry,
            |o| [0, 1000].contains(&o),
            |_| private,
        ) {
            Ok(()) => "ok",
            Err(Distrust::Owner { .. }) => "owner",
            Err(Distrust::Writable { who, .. }) => match who {
                Writers::Group => "g-w",
                Writers::All => "o-w",
                Writers::Shared => "move",
            },
            Err(Distrust::Unknown { .. }) => "unknown",
        }
    };
    for (owner, mode, kind, private, expected) in [
        (1000, 0o100644, Kind::File, false, "ok"),
        (0, 0o100755, Kind::File, false, "ok"),
        (1001, 0o100644, Kind::File, true, "owner"),
        (1000, 0o100646, Kind::File, true, "o-w"),
        (0, 0o041777, Kind::Directory, true, "move"),
        (1000, 0o100664, Kind::File, true, "ok"),
        (1000, 0o100664, Kind::File, false, "g-w"),
        (0, 0o040775, Kind::Directory, false, "g-w"),
        (0, 0o041777, Kind::Ancestor, false, "ok"),
        (1001, 0o041777, Kind::Ancestor, false, "owner"),
        (0, 0o040777, Kind::Ancestor, true, "o-w"),
        (0, 0o040775, Kind::Ancestor, false, "g-w"),
        (1000, 0o120777, Kind::Link, false, "ok"),
        (1001, 0o120777, Kind::Link, false, "owner"),
    ] {
        assert_eq!(
            verdict(owner, mode, kind, private),
            expected,
            "{owner} {mode:o} {private}"
        );
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_and_its_directory_are_looked_at() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("it's");
    fs::create_dir(&directory).unwrap();
    set_mode(&directory, 0o755);
    let file = directory.join("p.so");
    fs::write(&file, "").unwrap();
    set_mode(&file, 0o644);
    assert_eq!(check(&file, &Owners::default()), Ok(()));

    set_mode(&file, 0o646);
    let distrust = check(&file, &Owners::default()).unwrap_err();
    assert_eq!(
        distrust.to_string(),
        format!(
            "{} can be changed by every user of this machine",
            file.display()
        )
    );
    assert!(
        distrust.remedy().starts_with("run: chmod o-w '/"),
        "{}",
        distrust.remedy()
    );
    assert!(
        distrust.remedy().ends_with(r"/it'\''s/p.so'"),
        "{}",
        distrust.remedy()
    );

    set_mode(&file, 0o644);
    set_mode(&directory, 0o777);
    assert!(
        matches!(check(&file, &Owners::default()), Err(Distrust::Writable { path, .. }) if path == directory)
    );
}

#[test]
fn a_link_is_followed_and_its_own_directory_counts() {
    let root = tempfile::tempdir().unwrap();
    let (links, files) = (root.path().join("links"), root.path().join("files"));
    for directory in [&links, &files] {
        fs::create_dir(directory).unwrap();
        set_mode(directory, 0o755);
    }
    let (link, file) = (links.join("p.so"), files.join("p.so"));
    fs::write(&file, "").unwrap();
    set_mode(&file, 0o644);
    symlink(&file, &link).unwrap();
    assert_eq!(check(&link, &Owners::default()), Ok(()));
    set_mode(&links, 0o757);
    assert!(
        matches!(check(&link, &Owners::default()), Err(Distrust::Writable { path, .. }) if path == links)
    );
    set_mode(&links, 0o755);
    set_mode(&files, 0o757);
    assert!(
        matches!(check(&link, &Owners::default()), Err(Distrust::Writable { path, .. }) if path.ends_with("files"))
    );
    fs::remove_file(&file).unwrap();
    assert!(matches!(
        check(&link, &Owners::default()),
        Err(Distrust::Unknown { .. })
    ));
}
