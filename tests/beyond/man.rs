//! Manual pages.

use crate::stage::Stage;

#[test]
fn pages_come_from_the_manifests() {
    let stage = Stage::new();
    let page = stage.run(&["man", "sessions", "login"]).success();
    for part in [
        ".TH OMERO-SESSIONS-LOGIN 1",
        "omero\\-sessions\\-login \\- Log in to a server, or join a session\n",
        "\\-\\-server",
        "\\-\\-timeout",
        "Log in to a server",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    // The host alias leads to the same page.
    assert_eq!(stage.run(&["man", "login"]).success(), page);
    let page = stage.run(&["man"]).success();
    for part in [".TH OMERO 1", "sessions", "group", "login", "config"] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let page = stage.run(&["man", "config", "set"]).success();
    assert!(page.contains(".TH OMERO-CONFIG-SET 1"), "{page}");
}

#[test]
fn what_is_no_command_has_no_page() {
    let stage = Stage::new();
    let output = stage.run(&["man", "sessions", "nonsense"]).expect_code(2);
    assert!(
        output
            .stderr
            .contains("there is no manual page of `nonsense`"),
        "{output:?}"
    );
    let output = stage.run(&["man", "nonsense"]).expect_code(2);
    assert!(
        output.stderr.contains("there is no command `nonsense`"),
        "{output:?}"
    );
}

#[test]
fn on_a_terminal_man_shows_the_page() {
    let stage = Stage::new();
    stage.program("bin/man", "grep ^.TH \"$1\"; exit 4");
    let ended = stage.sandbox.terminal(["man", "group"]).finish();
    assert!(
        ended.screen.contains(".TH OMERO-GROUP 1"),
        "{}",
        ended.screen
    );
    assert_eq!(ended.code, 4, "{}", ended.screen);
}
