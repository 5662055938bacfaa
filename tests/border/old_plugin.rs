//! Plugins that were built against ABI 1.0.0 and the synthetic 1.1.0 in today's host.

use omero_plugin_api::manifest::Manifest;

use crate::{
    outside::{of_abi_1_0, of_abi_1_1},
    room::{Room, server},
};

fn room() -> Room {
    let room = Room::with_test_plugins();
    room.put(of_abi_1_0().library("omero_oldtimer"));
    room
}

#[test]
fn everything_that_a_host_of_1_0_offered_is_still_there() {
    room()
        .run("--debug=1 oldtimer")
        .expect_code(7)
        .expect_stdout(
            "program omero oldtimer\n\
             quiet false debug 1\n\
             login options 0\n\
             terminal false\n\
             zone Some(\"UTC\")\n\
             report None\n\
             own directory true\n\
             cancelled false\n\
             width RNone\n\
             input 0\n\
             host 1.0.0\n",
        )
        .expect_stderr("an old debug message\n")
        .and_no_more();
}

#[test]
fn it_asks_fails_and_panics_as_it_always_did() {
    let room = room();
    let asked = room.sandbox.run_with_input(["oldtimer", "ask"], "Ada\n");
    assert!(
        asked.stdout.ends_with("Hello Ada\nsecret read false\n"),
        "{asked:?}"
    );
    room.run("oldtimer fail")
        .expect_code(523 % 256)
        .expect_stderr("of a kind that nobody knows\nomero: hint: an old hint\n")
        .and_no_more();
    let panicked = room.run("oldtimer panic").expect_code(70);
    assert!(
        panicked
            .stderr
            .ends_with("libomero_oldtimer.so) panicked: an old panic\n"),
        "{panicked:?}"
    );
}

#[test]
fn it_uses_the_session_that_login_made() {
    let (room, server) = (room(), server());
    room.log_in(&server);
    let said = room.run("oldtimer session").success();
    assert!(said.contains(r#""user":"root""#), "{said}");
    assert!(said.contains("\nkey of 36 bytes\n"), "{said}");
    assert!(said.ends_with("\nstatus 0, an answer true\n"), "{said}");
}

#[test]
fn plugins_of_both_versions_share_one_process() {
    let room = room();
    room.run("oldtimer invoke hello host")
        .expect_stdout("ABI 1.0\ncode 0\n")
        .success();
    room.run("hello invoke -- oldtimer invoke hello say")
        .expect_stdout("Hello world.\ncode 0\ncode 0\n")
        .success();
    room.run("oldtimer capture hello say")
        .expect_stdout("code 0 output 13 errors 0\n")
        .success();
}

#[test]
fn a_newer_plugin_runs_in_an_older_host() {
    let room = Room::with_test_plugins();
    room.put(of_abi_1_1().library("omero_oldtimer"));
    let output = room.run("oldtimer").expect_code(7);
    assert!(
        output.stdout.ends_with("\nhost 1.0.0\nweather unknown\n"),
        "{output:?}"
    );
    // A kind of failure that this host does not know.
    room.run("oldtimer fail")
        .expect_code(523 % 256)
        .expect_stderr("of a kind that nobody knows\nomero: hint: an old hint\n")
        .and_no_more();
    room.provider("oldtimer");
    room.run("hello who -s far.away")
        .expect_stdout("Hello ada of far.away\n")
        .success();
}

#[test]
fn todays_plugins_borrow_the_session_that_it_makes() {
    let room = room();
    room.provider("oldtimer");
    room.run("hello who -s far.away -t 2")
        .expect_stdout("Hello ada of far.away\nHello ada of far.away\n")
        .success();
    room.run("hello who")
        .expect_code(564 % 256)
        .expect_stderr("which server?\nomero: hint: an old hint\n")
        .and_no_more();
}

#[test]
fn unreadable_session_description_is_an_error() {
    let room = room();
    room.provider("oldtimer");
    for (server, reason) in [
        ("no.user", "missing field `user`"),
        ("no.json", "expected value at line 1"),
    ] {
        let output = room.run(&format!("hello who -s {server}")).expect_code(1);
        assert_eq!(output.stdout, "", "{server}: {output:?}");
        let words =
            "omero: error: the session provider's description of the session cannot be read";
        assert!(
            output.stderr.starts_with(&format!("{words}: {reason}")),
            "{server}: {output:?}"
        );
    }
    // Without any description the host itself refuses the session: a provider that panics gives none.
    let output = room.run("hello who -s nothing").expect_code(70);
    assert_eq!(output.stdout, "", "{output:?}");
    assert!(
        output.stderr.contains("does not tell whose session it is"),
        "{output:?}"
    );
}

#[test]
fn only_the_hosts_own_output_ends_it_quietly() {
    room()
        .run("oldtimer pipe")
        .expect_code(1)
        .expect_stdout("")
        .expect_stderr("omero: error: a pipe is broken: its reader has gone\n")
        .and_no_more();
}

#[test]
fn it_is_described_with_the_version_it_was_built_for() {
    let library = std::fs::read(of_abi_1_0().library("omero_oldtimer")).unwrap();
    let text = br#"{"manifest":1,"name":"oldtimer""#;
    let start = library.windows(text.len()).position(|w| w == text).unwrap();
    let length = library[start..]
        .windows(3)
        .position(|w| w == b"]}}")
        .unwrap()
        + 3;
    let manifest = Manifest::from_section(&library[start..start + length]).unwrap();
    assert_eq!((manifest.abi.as_str(), manifest.needs_abi), ("1.0.0", None));
}
