use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use super::{
    platform::{Entry, is_private_in, judge},
    *,
};

const USERS: &str = "root:x:0:0:root:/root:/bin/sh\nana:x:1000:1000::/home/ana:/bin/sh\n\
                     bob:x:1001:100::/home/bob:/bin/sh\neve:x:1002:1003::/:/bin/sh\n\
                     sam:x:1003:1003::/:/bin/sh\n";
const GROUPS: &str = "root:x:0:\nana:x:1000:ana\nusers:x:100:\nlab:x:200:ana,bob\n\
                      bob:x:1001:eve\neve:x:1003:\n";

#[test]
fn private_groups() {
    for (group, user, private) in [
        (1000, 1000, true),
        (0, 0, true),
        (100, 1001, false),  // another name
        (200, 1000, false),  // several members
        (1001, 1001, false), // a stranger in the user's own group
        (1003, 1002, false), // somebody else's primary group too
        (9999, 1000, false), // unknown group
        (1000, 9999, false), // unknown user
    ] {
        assert_eq!(
            is_private_in(USERS, GROUPS, group, user),
            private,
            "{group} {user}"
        );
    }
}

#[test]
fn owners_and_modes() {
    let verdict = |owner, mode, private| {
        let entry = Entry {
            owner,
            group: 7,
            mode,
        };
        match judge(
            Path::new("f"),
            entry,
            |o| [0, 1000].contains(&o),
            |_| private,
        ) {
            Ok(()) => "ok",
            Err(Distrust::Owner { .. }) => "owner",
            Err(Distrust::Writable { mode, .. }) => mode,
            Err(Distrust::Unknown { .. }) => "unknown",
        }
    };
    for (owner, mode, private, expected) in [
        (1000, 0o100644, false, "ok"),
        (0, 0o100755, false, "ok"),
        (1001, 0o100644, true, "owner"),
        (1000, 0o100646, true, "o-w"),
        (0, 0o041777, true, "o-w"),
        (1000, 0o100664, true, "ok"),
        (1000, 0o100664, false, "g-w"),
        (0, 0o040775, false, "g-w"),
    ] {
        assert_eq!(
            verdict(owner, mode, private),
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
