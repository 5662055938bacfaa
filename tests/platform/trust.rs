//! Who may write the files that are loaded.

use std::{fs, os::unix::fs::chown, path::Path};

use crate::room::{Room, set_mode};

#[test]
fn files_and_directories_that_others_may_write_are_refused() {
    let room = Room::with_hello();
    for (path, mode, safe, who) in [
        (
            room.library("hello"),
            0o602,
            0o600,
            "every user of this machine",
        ),
        (room.plugins(), 0o703, 0o700, "every user of this machine"),
    ] {
        set_mode(&path, mode);
        let refused = room.omero(&["hello", "say"]).expect_code(126);
        let shown = path.display();
        assert!(
            refused
                .stderr
                .contains(&format!("omero: reason: {shown} can be changed by {who}\n")),
            "{refused:?}"
        );
        let hint = format!("omero: hint: run: chmod o-w {shown}\n");
        assert!(refused.stderr.ends_with(&hint), "{refused:?}");
        let state = room.state(&room.library("hello"));
        assert!(
            state.starts_with("broken: ") && state.contains(who),
            "{state}"
        );
        room.omero(&["sessions", "list"]).success();
        let doctor = room.omero(&["plugin", "doctor"]).expect_code(1);
        assert!(doctor.stdout.contains("chmod o-w"), "{doctor:?}");
        set_mode(&path, safe);
        room.omero(&["hello", "say"]).success();
    }
}

#[test]
fn the_configuration_can_trust_other_owners() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can give a file to somebody else");
        return;
    }
    let mut room = Room::with_hello();
    let path = room.library("hello");
    chown(&path, Some(12345), None).unwrap();
    let refused = room.omero(&["hello", "say"]).expect_code(126);
    assert!(
        refused
            .stderr
            .contains("belongs to another user (uid 12345)"),
        "{refused:?}"
    );
    let file = room
        .sandbox
        .write("config.yaml", "trusted-owners: [12345]\n");
    room.sandbox.set("OMERO_CONFIG", &file);
    room.omero(&["hello", "say"]).success();
    assert_eq!(room.state(&path), "ok");
    fs::write(&file, "trusted-owners: [12346]\n").unwrap();
    room.refuses(&["hello", "say"], 126);
    fs::write(&file, "trusted-owners: [nobody-of-that-name]\n").unwrap();
    let wrong = room.omero(&["hello", "say"]).expect_code(78);
    assert!(wrong.stderr.contains("nobody-of-that-name"), "{wrong:?}");
    assert!(Path::new(&path).exists());
}
