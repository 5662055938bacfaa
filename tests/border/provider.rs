//! Session providers: named by the configuration, confirmed by their manifest, loaded when a plugin
//! asks.

use std::fs;

use crate::{
    outside::of_abi_1_0,
    room::{Room, server, test_plugins},
};

fn room() -> Room {
    let mut room = Room::with_test_plugins();
    room.sandbox.set("KEYCARD", "ada");
    room.provider("keycard");
    room
}

#[test]
fn another_provider_takes_the_place_of_sessions() {
    let room = room();
    // Not needed any more, so it may be broken.
    room.sandbox
        .write("home/.local/share/omero/plugins/libomero_sessions.so", "");
    room.run("hello who -s card.reader -t 2")
        .expect_stdout("Hello ada of card.reader\nHello ada of card.reader\n")
        .expect_stderr("")
        .success();
    room.run("-s early hello who")
        .expect_stdout("Hello ada of early\n")
        .success();
    room.run("hello who")
        .expect_stdout("Hello ada of reader\n")
        .success();
}

#[test]
fn the_doctor_asks_each_plugin_what_it_misses() {
    let mut room = room();
    room.put(of_abi_1_0().library("omero_oldtimer"));
    let healthy = room.run("plugin doctor").expect_code(0);
    assert!(!healthy.stdout.contains("problem"), "{healthy:?}");
    room.sandbox.unset("KEYCARD");
    let output = room.run("plugin doctor").expect_code(1);
    let ill: Vec<&str> = output
        .stdout
        .lines()
        .filter(|l| l.contains("problem"))
        .collect();
    assert_eq!(ill.len(), 1, "{output:?}");
    assert!(ill[0].contains("plugin keycard"), "{output:?}");
    assert!(ill[0].contains("no card: set KEYCARD"), "{output:?}");
}

#[test]
fn login_and_logout_lead_to_it() {
    let room = room();
    room.run("login")
        .expect_stdout("The card of ada\n")
        .success();
    room.run("logout").expect_stdout("Ejected\n").success();
    let missing = Room::with_test_plugins();
    missing.provider("keycard");
    missing
        .run("hello who")
        .expect_code(564 % 256)
        .expect_stderr("There is no card in the reader\n")
        .and_no_more();
}

#[test]
#[cfg(target_os = "linux")]
fn it_is_loaded_only_when_a_plugin_asks() {
    let mut room = room();
    // The dynamic linker tells which files it opens.
    room.sandbox.set("LD_DEBUG", "files");
    let opened = |line: &str| {
        let output = room.run(line).expect_code(0);
        assert!(output.stderr.contains("libomero_hello.so"), "{output:?}");
        output.stderr.contains("libomero_keycard.so")
    };
    assert!(!opened("hello say"));
    assert!(!opened("hello options -s somewhere"));
    assert!(opened("hello who"));
}

#[test]
fn a_name_that_is_nobodys() {
    let room = Room::with_test_plugins();
    room.provider("keykard");
    for (line, who) in [
        ("hello who", "the session of `omero hello`"),
        ("login", "login"),
    ] {
        let refused = room.run(line).expect_code(78);
        let first = format!(
            "omero: error: the session provider `keykard` (needed for {who}) is missing\n\
             omero: looked in "
        );
        let last = "\nomero: hint: install its plugin, or set the configuration key \
                    `session-provider` to one that is there\n";
        assert!(refused.stderr.starts_with(&first), "{refused:?}");
        assert!(refused.stderr.ends_with(last), "{refused:?}");
    }
    room.run("hello say").expect_stderr("").success();
}

#[test]
fn a_plugin_that_makes_no_sessions() {
    let room = Room::with_test_plugins();
    room.provider("hello");
    let path = room.plugins.join("libomero_hello.so");
    room.run("hello who")
        .expect_code(78)
        .expect_stderr(&format!(
            "omero: error: the plugin {} makes no sessions\n\
         omero: hint: set the configuration key `session-provider` to a plugin that does\n",
            path.display()
        ))
        .and_no_more();
}

#[test]
fn a_manifest_that_promises_too_much() {
    let room = Room::with_test_plugins();
    room.provider("hello");
    let path = room.plugins.join("libomero_hello.so");
    let mut bytes = fs::read(&path).unwrap();
    // As long as what it replaces, because its place in the file is fixed.
    let from = r#""provides":["completion"]"#;
    let to = r#""provides":["session"]"#;
    let mut windows = bytes.windows(from.len());
    let place = windows.position(|w| w == from.as_bytes()).unwrap();
    bytes[place..place + from.len()].copy_from_slice(format!("{to:0$}", from.len()).as_bytes());
    fs::write(&path, bytes).unwrap();
    room.run("hello who")
        .expect_code(78)
        .expect_stderr(&format!(
            "omero: error: the plugin {} offers no sessions after all\n\
         omero: hint: rebuild it with its `provider:` in `export_plugin!`\n",
            path.display()
        ))
        .and_no_more();
}

#[test]
fn a_provider_that_panics_is_blamed_itself() {
    let room = Room::with_test_plugins();
    room.provider("misbehave");
    // It asks for a session while it makes one, and panics about the answer.
    let refused = room.run("hello who").expect_code(78);
    assert_eq!(
        refused.stderr,
        "omero: error: the session provider asked itself for a session\n"
    );
    room.put(test_plugins().library("omero_misbehave"));
    let mut angry = Room::with_test_plugins();
    angry.provider("misbehave");
    angry.sandbox.set("MISBEHAVE_ATTACH", "panic");
    angry
        .run("hello who")
        .expect_code(70)
        .expect_stderr(&format!(
            "omero: error: the plugin misbehave ({}) panicked: no session today\n",
            angry.plugins.join("libomero_misbehave.so").display()
        ))
        .and_no_more();
    let detailed = angry.run("--debug=1 hello who").expect_code(70);
    assert!(
        detailed
            .stderr
            .contains("\nomero: debug: the panic was at tests/plugins/misbehave/src/lib.rs:"),
        "{detailed:?}"
    );
}

#[test]
fn the_standard_provider_needs_no_configuration() {
    let (room, server) = (Room::with_test_plugins(), server());
    room.log_in(&server);
    let said = room.run("hello who").success();
    assert_eq!(said, "Hello root of localhost\n");
}

#[test]
fn provider_that_panics_about_its_session_lends_none() {
    let mut room = room();
    assert_eq!(room.run("hello key").success(), "a-key-on-a-card\n");
    for (place, what) in [
        ("key", "the key of its session"),
        ("info", "whose session it is"),
    ] {
        room.sandbox.set("KEYCARD_PANICS_AT", place);
        for line in ["hello key", "hello who"] {
            let refused = room.run(line).expect_code(70);
            assert_eq!(refused.stdout, "", "{place}: {refused:?}");
            let said = format!(") does not tell {what}: it panicked, or has none\n");
            assert!(refused.stderr.contains(&said), "{place}: {refused:?}");
        }
    }
}
