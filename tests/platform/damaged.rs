//! Files that are no plugins any more. Two of these kinds kill a program that opens them.

use std::fs;

use crate::room::{Room, hello};

/// Each kind of damage, with what is said about it.
fn damages() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let whole = fs::read(hello()).unwrap();
    let cut = |bytes: usize| whole[..whole.len() - bytes].to_vec();
    let mut zeros = whole.clone();
    let half = zeros.len() / 2;
    zeros[half..].fill(0);
    let mut foreign = whole.clone();
    foreign[18] ^= 0xff;
    vec![
        ("empty", Vec::new(), "it is no shared library"),
        (
            "text",
            b"#!/bin/sh\necho this is a script\n".repeat(9),
            "it is no shared library",
        ),
        ("first", whole[..64].to_vec(), "it is damaged or incomplete"),
        (
            "half",
            whole[..half].to_vec(),
            "it is damaged or incomplete",
        ),
        ("byte", cut(1), "it is damaged or incomplete"),
        ("zeros", zeros, "it is damaged or incomplete"),
        ("cpu", foreign, "it was built for another processor"),
    ]
}

#[test]
fn they_are_refused_and_hide_nothing() {
    let room = Room::new();
    for (name, bytes, _) in &damages() {
        room.put(name, bytes);
    }
    for (name, _, reason) in damages() {
        let path = room.library(name);
        let state = room.state(&path);
        assert!(
            state.starts_with(&format!("broken: {reason}")),
            "{name}: {state}"
        );
        let refused = room.omero(&[name]).expect_code(78);
        assert!(
            refused.stderr.contains(&format!("omero: reason: {reason}")),
            "{refused:?}"
        );
        assert!(refused.stderr.contains("omero: hint: "), "{refused:?}");
    }
    let list = room
        .omero(&["plugin", "list"])
        .expect_code(0)
        .expect_stderr("");
    assert!(list.stdout.contains("\n sessions "), "{list:?}");
    room.omero(&["sessions", "list"]).success();
    let help = room.omero(&["--help"]).success();
    assert!(help.contains("\n  zeros"), "{help}");
    assert!(
        help.contains("(!) cannot be used: it is no shared library"),
        "{help}"
    );
}

#[test]
fn they_are_not_installed_and_the_old_one_stays() {
    let room = Room::with_hello();
    let before = room.record("hello");
    for (name, bytes, reason) in damages() {
        let path = room
            .sandbox
            .write(format!("{name}/libomero_hello.so"), bytes);
        let refused = room.omero(&["plugin", "install", path.to_str().unwrap()]);
        let refused = refused.expect_code(78);
        assert!(
            refused.stderr.contains(&format!("omero: reason: {reason}")),
            "{refused:?}"
        );
    }
    assert_eq!(fs::read_dir(room.plugins()).unwrap().count(), 1);
    assert_eq!(room.record("hello"), before);
    room.omero(&["hello", "say"]).success();
}
