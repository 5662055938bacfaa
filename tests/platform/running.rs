//! Changes of plugins while a script or the shell is running: they count from the next line on.

use std::{fs, path::PathBuf};

use crate::room::{Room, hello};

/// A build of `hello` with another version and greeting, as long as the real ones.
fn newer(room: &Room) -> PathBuf {
    let mut bytes = fs::read(hello()).unwrap();
    for (old, new) in [
        ("\"version\":\"0.1.0\"", "\"version\":\"0.2.0\""),
        ("Hello ", "Salve "),
    ] {
        let places: Vec<usize> = bytes
            .windows(old.len())
            .enumerate()
            .filter_map(|(at, window)| (window == old.as_bytes()).then_some(at))
            .collect();
        assert!(!places.is_empty(), "no {old}");
        for at in places {
            bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
        }
    }
    room.sandbox.write("newer/libomero_hello.so", bytes)
}

#[test]
fn a_script_sees_that_a_plugin_is_disabled_and_enabled() {
    let room = Room::with_hello();
    let script = "hello say\nplugin disable hello\nhello say\nplugin enable hello\nhello say\n";
    let script = room.sandbox.write("script", script);
    let output = room.omero(&["load", "-k", script.to_str().unwrap()]);
    assert_eq!(
        output.stdout,
        "Hello world.\nThe plugin hello is disabled\nThe plugin hello is enabled\nHello world.\n"
    );
    assert!(
        output.stderr.contains("the plugin `hello` is disabled"),
        "{output:?}"
    );
}

#[test]
fn a_script_sees_that_a_plugin_is_removed_and_installed() {
    let room = Room::with_hello();
    let source = hello().display();
    let script = format!(
        "hello say\nplugin remove -q hello\nhello say\nplugin install {source}\nhello say\n"
    );
    let script = room.sandbox.write("script", script);
    let output = room.omero(&["load", "-k", script.to_str().unwrap()]);
    let path = room.library("hello");
    let path = path.display();
    assert_eq!(
        output.stdout,
        format!("Hello world.\nRemoved {path}\nInstalled hello 0.1.0 ({path})\nHello world.\n")
    );
    assert!(
        output.stderr.contains("there is no command `hello`"),
        "{output:?}"
    );
}

#[test]
fn a_script_runs_the_new_version_of_a_plugin_that_it_has_used() {
    let room = Room::with_hello();
    let newer = newer(&room);
    let (old, new) = (hello().display(), newer.display());
    let path = room.library("hello");
    let path = path.display();
    let script = format!(
        "hello say\nplugin install {new}\nhello say\nplugin info hello --style csv\n\
         plugin install {old}\nhello say\n"
    );
    let output = room.sandbox.run_with_input(["-q"], &script).expect_code(0);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "Hello world.",
            &format!("Updated hello from 0.1.0 to 0.2.0 ({path})"),
            "Salve world.",
        ]
    );
    assert!(lines.contains(&"Version,0.2.0"), "{lines:?}");
    assert_eq!(
        lines[lines.len() - 2..],
        [
            &format!("Updated hello from 0.2.0 to 0.1.0 ({path})"),
            "Hello world.",
        ]
    );
}

#[test]
fn another_process_changes_plugins_of_a_script() {
    let room = Room::with_hello();
    // A program of the script, as a user in another window.
    let program = room.sandbox.program(
        "home/bin/omero-other",
        "#!/bin/sh\nexec \"$OMERO_BIN\" plugin disable hello\n",
    );
    let directory = program.parent().unwrap().display();
    let script = "hello say\nother\nhello say\n";
    let output = room
        .sandbox
        .run_with_input(["--path", &directory.to_string()], script);
    let output = output.expect_code(78);
    assert_eq!(
        output.stdout,
        "Hello world.\nThe plugin hello is disabled\n"
    );
}

#[test]
fn the_shell_offers_and_explains_what_was_installed() {
    let room = Room::new();
    let mut terminal = room.sandbox.terminal([""; 0]);
    terminal.expect("omero> ");
    terminal.type_keys("hel\t");
    terminal.expect("help");
    terminal.type_keys("\x15");
    terminal.send(&format!("plugin install -q {}", hello().display()));
    terminal.expect("Installed hello");
    terminal.expect("omero> ");
    terminal.send("help hello");
    terminal.expect("Fail with code 523");
    terminal.expect("omero> ");
    terminal.type_keys("hello sa\t");
    terminal.expect("hello say ");
    terminal.type_keys("\r");
    terminal.expect("Hello world.\n");
    terminal.expect("omero> ");
    terminal.send("plugin disable hello");
    terminal.expect("is disabled");
    terminal.expect("omero> ");
    terminal.send("hello say");
    terminal.expect("the plugin `hello` is disabled");
    terminal.expect("omero> ");
    terminal.send("quit");
    assert_eq!(terminal.finish().code, 0);
}
