//! Names that two things have.

use std::fs;

use omero_tests::artifacts::Artifacts;

use crate::room::{Room, hello};

#[test]
fn name_with_underscore_is_no_plugin() {
    let room = Room::with_hello();
    room.put("x_y", &fs::read(hello()).unwrap());
    let refused = room.omero(&["x-y"]).expect_code(78);
    assert!(refused.stderr.contains("not of `x-y`"), "{refused:?}");
    let unknown = room.omero(&["x_y"]).expect_code(2);
    assert!(
        unknown.stderr.contains("did you mean `x-y`?"),
        "{unknown:?}"
    );
    let info = room.omero(&["plugin", "info", "x_y"]).expect_code(2);
    assert!(info.stderr.contains("letters, digits and `-`"), "{info:?}");
    // A program is found by its whole name.
    room.sandbox.program(
        "home/.local/share/omero/plugins/omero-x_y",
        "#!/bin/sh\necho program\n",
    );
    assert_eq!(room.omero(&["x_y"]).success(), "program\n");
}

#[test]
fn plugin_that_hides_another_one_needs_force() {
    let room = Room::new();
    let built = Artifacts::build(&["omero-group", "omero-sessions"]).unwrap();
    for (name, hidden) in [
        ("group", "the plugin"),
        ("sessions", "the session provider"),
    ] {
        let library = built.library(&format!("omero_{name}")).to_str().unwrap();
        let refused = room.omero(&["plugin", "install", library]).expect_code(1);
        let said = format!("omero: error: `{name}` would hide {hidden} ");
        assert!(refused.stderr.starts_with(&said), "{refused:?}");
        assert!(!room.library(name).exists());
        room.omero(&["plugin", "install", "--force", library])
            .success();
        // An update of what is installed hides nothing new.
        room.omero(&["plugin", "install", library]).success();
    }
    let room = Room::new();
    room.sandbox
        .program("home/.local/share/omero/plugins/omero-hello", "#!/bin/sh\n");
    let refused = room.omero(&["plugin", "install", hello().to_str().unwrap()]);
    let refused = refused.expect_code(1);
    assert!(
        refused.stderr.contains("`hello` would hide the program "),
        "{refused:?}"
    );
}

#[test]
fn proposed_alias_shows_what_it_hides_and_goes_with_the_plugin() {
    let room = Room::new();
    room.omero(&["alias", "set", "hi", "version"]).success();
    let source = hello().to_str().unwrap();
    let mut terminal = room.sandbox.terminal(["plugin", "install", source]);
    terminal.expect("Set the alias `hi` for `hello say` (hides your alias for `version`)? [y/N] ");
    terminal.send("y");
    assert_eq!(terminal.finish().code, 0);
    assert_eq!(room.omero(&["hi", "Ana"]).success(), "Hello Ana.\n");
    let again = room.omero(&["plugin", "install", source]).expect_stderr("");
    assert_eq!(again.code, 0);
    let removed = room.omero(&["plugin", "remove", "hello"]).success();
    assert!(removed.ends_with("Removed the alias hi\n"), "{removed}");
    room.refuses(&["hi", "Ana"], 2);
}

#[test]
fn alias_that_the_user_changed_stays() {
    let room = Room::with_hello();
    room.omero(&["alias", "set", "hi", "version"]).success();
    room.omero(&["plugin", "remove", "hello"]).success();
    room.omero(&["hi"]).success();
}
