//! `omero config edit` loses nothing: neither what the user wrote nor what others wrote meanwhile.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::PathBuf,
};

use omero_tests::output::Output;

use crate::stage::Stage;

/// A stage whose editor is this script; `$1` is the copy and `$CONFIG` the file.
fn editor(script: &str) -> Stage {
    let mut stage = Stage::new();
    stage.configure("report: with-key\n");
    stage.program("bin/editor", script);
    stage.sandbox.set("EDITOR", "editor");
    let config = stage.sandbox.path("config.yaml");
    stage.sandbox.set("CONFIG", config);
    stage
}

fn edit(stage: &Stage, code: i32) -> Output {
    stage.run(&["config", "edit"]).expect_code(code)
}

/// What the user wrote and was told to be kept.
#[track_caller]
fn kept(stage: &Stage, said: &str) -> String {
    let path = said.split("what you wrote is kept in ").nth(1);
    let path = PathBuf::from(path.unwrap().lines().next().unwrap().trim());
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    assert_eq!(copies(stage), 1);
    fs::read_to_string(path).unwrap()
}

/// How many copies of the configuration lie beside it.
fn copies(stage: &Stage) -> usize {
    let names = stage.sandbox.tree("");
    names.keys().filter(|n| n.starts_with("config-")).count()
}

#[test]
fn a_file_that_was_changed_meanwhile_is_not_overwritten() {
    // Another editor, and another `omero`.
    for other in [
        "echo 'fallback: /other' >> \"$CONFIG\"",
        "\"$OMERO\" config set fallback /other",
    ] {
        let script = format!("{other}; echo 'report: without-key' > \"$1\"");
        let mut stage = editor(&script);
        let omero = stage.sandbox.command([""; 0]).get_program().to_owned();
        stage.sandbox.set("OMERO", omero);
        let output = edit(&stage, 1);
        assert!(
            output.stderr.contains("config.yaml was changed meanwhile"),
            "{output:?}"
        );
        assert_eq!(kept(&stage, &output.stderr), "report: without-key\n");
        assert_eq!(
            stage.sandbox.read("config.yaml"),
            "report: with-key\nfallback: /other\n"
        );
    }
}

#[test]
fn of_two_edits_at_once_both_texts_are_there() {
    // The editor's first run starts a second edit, which finishes before it.
    let script = "if [ -e inner ]; then echo 'report: without-key' > \"$1\"; exit; fi\n\
                  touch inner; \"$OMERO\" config edit; echo 'fallback: /outer' > \"$1\"";
    let mut stage = editor(script);
    let omero = stage.sandbox.command([""; 0]).get_program().to_owned();
    stage.sandbox.set("OMERO", omero);
    let output = edit(&stage, 1);
    assert_eq!(stage.sandbox.read("config.yaml"), "report: without-key\n");
    assert_eq!(kept(&stage, &output.stderr), "fallback: /outer\n");
}

#[test]
fn both_ways_to_write_and_no_change_at_all_leave_nothing_behind() {
    for script in [
        "echo 'report: without-key' > \"$1\"",
        "echo 'report: without-key' > new; mv new \"$1\"",
    ] {
        let stage = editor(script);
        assert_eq!(edit(&stage, 0).stderr, "");
        assert_eq!(stage.sandbox.read("config.yaml"), "report: without-key\n");
        assert_eq!(copies(&stage), 0);
    }
    let stage = editor("touch \"$1\"; echo 'fallback: /other' >> \"$CONFIG\"");
    let before = stage.sandbox.path("config.yaml").metadata().unwrap().ino();
    assert_eq!(edit(&stage, 0).stderr, "");
    let after = stage.sandbox.path("config.yaml").metadata().unwrap().ino();
    assert_eq!(after, before, "it was not written");
    assert_eq!(copies(&stage), 0);
}

#[test]
fn an_editor_that_fails_loses_nothing() {
    let stage = editor("echo 'report: without-key' > \"$1\"; exit 3");
    let output = edit(&stage, 1);
    assert!(
        output.stderr.contains("ended with 3; nothing is changed"),
        "{output:?}"
    );
    assert_eq!(kept(&stage, &output.stderr), "report: without-key\n");
    assert_eq!(stage.sandbox.read("config.yaml"), "report: with-key\n");
    let stage = editor("exit 3");
    assert!(!edit(&stage, 1).stderr.contains("kept"));
    assert_eq!(copies(&stage), 0);
}

#[test]
fn a_refused_text_can_be_edited_again() {
    let script = "if [ -e again ]; then echo 'report: without-key' > \"$1\"; cat \"$1\" >seen; exit; fi\n\
                  touch again; echo 'report: [' > \"$1\"";
    let stage = editor(script);
    let mut terminal = stage.sandbox.terminal(["config", "edit"]);
    terminal.expect("Edit again? [Y/n] ");
    terminal.send("");
    let ended = terminal.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert_eq!(stage.sandbox.read("config.yaml"), "report: without-key\n");
    assert_eq!(copies(&stage), 0);
    // Whoever gives up keeps the text, with Ctrl-C and at the end of the input as well.
    for key in ["n\r", "\x03", "\x04"] {
        let stage = editor("echo 'report: maybe' > \"$1\"");
        let mut terminal = stage.sandbox.terminal(["config", "edit"]);
        terminal.expect("Edit again? [Y/n] ");
        terminal.type_keys(key);
        let ended = terminal.finish();
        assert_ne!(ended.code, 0, "{}", ended.screen);
        assert_eq!(kept(&stage, &unwrapped(&ended.screen)), "report: maybe\n");
        assert_eq!(stage.sandbox.read("config.yaml"), "report: with-key\n");
    }
}

/// The screen's text; messages hold no line ends of the terminal's own.
fn unwrapped(screen: &str) -> String {
    screen.replace('\r', "")
}

#[test]
fn links_mode_and_owner_stay() {
    let mut stage = editor("echo 'report: without-key' > \"$1\"");
    let target = stage
        .sandbox
        .write("dotfiles/omero.yaml", "report: with-key\n");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    let link = stage.sandbox.path("link.yaml");
    symlink("dotfiles/omero.yaml", &link).unwrap();
    stage.sandbox.set("OMERO_CONFIG", &link);
    let _ = edit(&stage, 0);
    let _ = stage
        .run(&["config", "set", "fallback", "/other"])
        .success();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(
        fs::read_to_string(&target).unwrap(),
        "report: without-key\nfallback: /other\n"
    );
    assert_eq!(target.metadata().unwrap().mode() & 0o777, 0o640);
    // A link to a file that is not there yet.
    let link = stage.sandbox.path("new.yaml");
    symlink("dotfiles/new.yaml", &link).unwrap();
    stage.sandbox.set("OMERO_CONFIG", &link);
    let _ = stage
        .run(&["config", "set", "fallback", "/other"])
        .success();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(
        stage.sandbox.read("dotfiles/new.yaml"),
        "fallback: /other\n"
    );
    // Root who changes the file of a user.
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&target, Some(65534), Some(65534)).unwrap();
        stage.sandbox.set("OMERO_CONFIG", &target);
        let _ = stage
            .run(&["config", "set", "fallback", "/third"])
            .success();
        let owner = target.metadata().unwrap();
        assert_eq!((owner.uid(), owner.gid()), (65534, 65534));
    }
}

#[test]
fn an_editor_that_removes_the_file() {
    let stage = editor("rm \"$1\"");
    let output = edit(&stage, 1);
    assert!(
        output
            .stderr
            .starts_with("omero: error: the editor left no file "),
        "{output:?}"
    );
    assert!(
        output.stderr.contains(
            "; the configuration is unchanged\nomero: hint: save the file under the name that the \
             editor was given\n"
        ),
        "{output:?}"
    );
    assert_eq!(stage.sandbox.read("config.yaml"), "report: with-key\n");
}
