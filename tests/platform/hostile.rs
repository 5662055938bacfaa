//! Libraries that describe themselves well and then do harm while they are loaded.

use std::{path::PathBuf, process::Command, time::Instant};

use crate::room::Room;

/// A library with a proper manifest that runs this C code when it is opened.
fn library(room: &Room, name: &str, code: &str) -> PathBuf {
    let manifest = format!(
        r#"{{\"manifest\":1,\"name\":\"{name}\",\"version\":\"1.0\",\"abi\":\"1.0.0\",\"target\":\"any\",\"command\":{{\"name\":\"{name}\"}}}}"#
    );
    let source = format!(
        "#include <stdlib.h>\n#include <unistd.h>\n\
         __attribute__((section(\".omero\"), used)) static const char text[] = \"{manifest}\";\n\
         __attribute__((constructor)) static void begin(void) {{ {code} }}\n"
    );
    let source = room.sandbox.write(format!("{name}.c"), source);
    let library = room.sandbox.path(format!("libomero_{name}.so"));
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source);
    assert!(cc.status().unwrap().success());
    library
}

#[test]
fn what_does_not_load_is_not_installed() {
    for (name, code, reason) in [
        (
            "nothing",
            "",
            "it cannot be loaded: it has no plugin inside",
        ),
        (
            "leaves",
            "_exit(0);",
            "it ends the program while it is loaded (exit code 0)",
        ),
        (
            "aborts",
            "abort();",
            "it ends the program while it is loaded (signal 6)",
        ),
        (
            "pretends",
            "write(1, \"omero: the library loads\\n\", 25); abort();",
            "it ends the program while it is loaded (signal 6)",
        ),
    ] {
        let room = Room::new();
        let library = library(&room, name, code);
        let refused = room.omero(&["plugin", "install", library.to_str().unwrap()]);
        let refused = refused.expect_code(78);
        assert!(
            refused.stderr.contains(&format!("omero: reason: {reason}")),
            "{refused:?}"
        );
        assert!(!room.library(name).exists());
        room.refuses(&[name], 2);
    }
}

#[test]
fn what_never_finishes_loading_is_given_up() {
    let room = Room::new();
    let library = library(&room, "sleeps", "for (;;) pause();");
    let start = Instant::now();
    let refused = room.omero(&["plugin", "install", library.to_str().unwrap()]);
    let refused = refused.expect_code(78);
    let reason = "it does not finish loading within 10 seconds";
    assert!(refused.stderr.contains(reason), "{refused:?}");
    assert!(start.elapsed().as_secs() < 600);
    assert!(!room.library("sleeps").exists());
}

#[test]
fn doctor_finds_what_was_put_there_by_hand() {
    let room = Room::new();
    let library = library(&room, "aborts", "abort();");
    room.put("aborts", &std::fs::read(library).unwrap());
    assert_eq!(
        room.state(&room.library("aborts")),
        "ok",
        "the list opens nothing"
    );
    let doctor = room
        .omero(&["plugin", "doctor", "--style", "csv"])
        .expect_code(1);
    let line = doctor
        .stdout
        .lines()
        .find(|line| line.starts_with("plugin aborts,"));
    let line = line.unwrap();
    assert!(
        line.contains(",problem,") && line.contains("signal 6"),
        "{line}"
    );
    assert!(
        doctor.stdout.contains("\nplugin sessions,ok,"),
        "{doctor:?}"
    );
}
