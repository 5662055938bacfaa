//! The checks, and what mends what they find.

use std::fs;

use crate::room::{Room, hello};

fn doctor(room: &Room, code: i32) -> String {
    let output = room.omero(&["plugin", "doctor", "--style", "csv"]);
    room.show(&output.expect_code(code).stdout)
}

#[test]
fn nothing_is_wrong_with_a_fresh_installation() {
    let text = doctor(&Room::with_hello(), 0);
    for line in [
        "configuration,ok,,",
        "plugin hello,ok,,",
        "session provider sessions,ok,,",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    assert!(!text.contains(",problem,"), "{text}");
}

#[test]
fn each_trouble_comes_with_its_remedy() {
    let mut room = Room::with_hello();
    fs::remove_file(room.library("hello")).unwrap();
    let text = doctor(&room, 1);
    let remedy = format!("omero plugin install {}", hello().display());
    assert!(
        text.contains("libomero_hello.so was installed, but is gone"),
        "{text}"
    );
    assert!(text.contains(&remedy), "{text}");
    room.omero(&["plugin", "remove", "hello"]).success();
    assert!(!doctor(&room, 0).contains("hello"));

    let file = room
        .sandbox
        .write("c.yaml", "session-provider: group\nplugin-paths: /x\n");
    room.sandbox.set("OMERO_CONFIG", &file);
    let text = doctor(&room, 1);
    assert!(
        text.contains("unknown configuration key `plugin-paths`"),
        "{text}"
    );
    assert!(
        text.contains("session provider,problem,") && text.contains("makes no sessions"),
        "{text}"
    );
    fs::write(&file, "a: [\n").unwrap();
    let text = doctor(&room, 1);
    assert!(
        text.contains("configuration,problem,") && text.contains("cannot be used"),
        "{text}"
    );
}

#[test]
fn what_may_be_on_purpose_is_only_noted() {
    let mut room = Room::with_hello();
    room.omero(&["plugin", "disable", "hello"]).success();
    let text = doctor(&room, 0);
    assert!(
        text.contains("plugin hello,note,") && text.contains("omero plugin enable hello"),
        "{text}"
    );
    room.omero(&["plugin", "enable", "hello"]).success();
    room.sandbox
        .write("other/libomero_hello.so", fs::read(hello()).unwrap());
    let other = format!(
        "{}:{}",
        room.sandbox.path("other").display(),
        omero_tests::artifacts::installation().plugins.display()
    );
    room.sandbox.set("OMERO_PLUGIN_PATH", other);
    let text = doctor(&room, 0);
    assert!(
        text.contains("never runs: {TMP}/other/libomero_hello.so has its name"),
        "{text}"
    );
    assert!(text.contains("omero plugin which hello"), "{text}");
}

#[test]
fn unreadable_directory_of_records_is_a_problem() {
    let room = Room::with_hello();
    let records = room.sandbox.path("home/.local/share/omero/installed");
    fs::remove_dir_all(&records).unwrap();
    fs::write(&records, "").unwrap();
    let text = doctor(&room, 1);
    assert!(
        text.contains("records,problem,") && text.contains("installed cannot be read: "),
        "{text}"
    );
}
