//! `omero config`.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::stage::Stage;

#[test]
fn values_are_set_got_and_unset() {
    let stage = Stage::new();
    let path = stage.sandbox.path("config.yaml");
    assert_eq!(
        stage.run(&["config", "path"]).success(),
        format!("{}\n", path.display())
    );
    let _ = stage
        .run(&["config", "get", "report"])
        .expect_code(1)
        .expect_stdout("");
    stage.configure("# mine\nreport: with-key # so far\n");
    let _ = stage
        .run(&["config", "set", "report", "without-key"])
        .success();
    let _ = stage
        .run(&["config", "set", "plugin-path", "[/a, /b]"])
        .success();
    let _ = stage.run(&["config", "set", "tls-verify", "off"]).success();
    let _ = stage
        .run(&["config", "set", "aliases.x", "-s h login"])
        .success();
    let _ = stage
        .run(&["config", "set", "executables.y.session-key", "true"])
        .success();
    assert_eq!(
        stage.sandbox.read("config.yaml"),
        "# mine\nreport: without-key\nplugin-path:\n- /a\n- /b\ntls-verify: off\n\
         aliases:\n  x: -s h login\nexecutables:\n  y:\n    session-key: true\n"
    );
    assert_eq!(
        stage.run(&["config", "list"]).success(),
        "report=without-key\nplugin-path=[\"/a\",\"/b\"]\ntls-verify=off\naliases.x=-s h login\n\
         executables.y.session-key=true\n"
    );
    assert_eq!(
        stage.run(&["config", "get", "tls-verify"]).success(),
        "off\n"
    );
    assert_eq!(
        stage.run(&["config", "get", "aliases.x"]).success(),
        "-s h login\n"
    );
    let _ = stage.run(&["config", "unset", "aliases.x"]).success();
    let _ = stage.run(&["config", "unset", "aliases.x"]).expect_code(1);
    assert!(!stage.sandbox.read("config.yaml").contains("aliases"));
}

#[test]
fn unknown_keys_and_wrong_types_are_refused() {
    let stage = Stage::new();
    for (key, value, part) in [
        ("reprot", "x", "there is no configuration key `reprot`"),
        ("report", "maybe", "has to be one of with-key, without-key"),
        ("aliases", "text", "has to be names with a command each"),
        ("aliases.x", "a 'b", "a quote in it is not closed"),
        ("executables.x.session-key", "maybe", "session-key"),
        ("omero.data.dir", "/OMERO", "settings of OMERO.server"),
    ] {
        let output = stage.run(&["config", "set", key, value]).expect_code(2);
        assert!(output.stderr.contains(part), "{output:?}");
    }
    assert_eq!(stage.sandbox.read("config.yaml"), "");
    stage.configure("# c\n\nodd: 1\nreport: maybe\n");
    let output = stage.run(&["config", "list"]).expect_code(0);
    assert!(
        output
            .stderr
            .contains("config.yaml line 3: unknown configuration key `odd`"),
        "{output:?}"
    );
    assert!(
        output.stderr.contains("`report` has to be one of"),
        "{output:?}"
    );
    // What is unknown can be removed.
    let _ = stage.run(&["config", "unset", "odd"]).success();
    assert_eq!(stage.sandbox.read("config.yaml"), "# c\n\nreport: maybe\n");
    stage.configure("a: [\n");
    let output = stage
        .run(&["config", "set", "report", "with-key"])
        .expect_code(78);
    assert!(output.stderr.contains("line"), "{output:?}");
    assert_eq!(
        stage.sandbox.read("config.yaml"),
        "a: [\n",
        "a broken file is left alone"
    );
}

#[test]
fn the_file_is_private_whole_and_stays_a_link() {
    let mut stage = Stage::new();
    stage.sandbox.unset("OMERO_CONFIG");
    let _ = stage
        .run(&["config", "set", "report", "with-key"])
        .success();
    let path = stage.sandbox.path("home/.config/omero/config.yaml");
    assert_eq!(
        stage.run(&["config", "path"]).success(),
        format!("{}\n", path.display())
    );
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let target = stage.sandbox.path("dotfiles.yaml");
    fs::rename(&path, &target).unwrap();
    std::os::unix::fs::symlink(&target, &path).unwrap();
    let _ = stage
        .run(&["config", "set", "report", "without-key"])
        .success();
    assert!(path.symlink_metadata().unwrap().is_symlink());
    assert_eq!(stage.sandbox.read("dotfiles.yaml"), "report: without-key\n");
    let left = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "no temporary file stays behind");
}

#[test]
fn many_writers_lose_nothing() {
    let stage = Stage::new();
    let children: Vec<_> = (0..8)
        .map(|n| {
            let name = format!("a{n}");
            stage
                .sandbox
                .command(["alias", "set", &name, "version"])
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let list = stage.run(&["alias", "list", "--style", "plain"]).success();
    assert_eq!(list.lines().count(), 8, "{list}");
}

#[test]
fn comments_that_cannot_be_kept_are_mentioned() {
    let stage = Stage::new();
    stage.configure("# mine\naliases: {a: version}\n");
    let output = stage.run(&["alias", "set", "b", "version"]).expect_code(0);
    assert!(output.stderr.contains("without its comments"), "{output:?}");
    assert_eq!(
        stage.sandbox.read("config.yaml"),
        "aliases:\n  a: version\n  b: version\n"
    );
}

#[test]
fn the_editor_works_on_a_copy() {
    let mut stage = Stage::new();
    stage.program("bin/editor", "printf 'report: %s\\n' \"$1\" > \"$2\"");
    stage.sandbox.set("EDITOR", "editor with-key");
    let _ = stage.run(&["config", "edit"]).success();
    assert_eq!(stage.sandbox.read("config.yaml"), "report: with-key\n");
    // $VISUAL comes first.
    stage.sandbox.set("VISUAL", "editor maybe");
    let output = stage.run(&["config", "edit"]).expect_code(78);
    assert!(
        output.stderr.contains("`report` has to be one of"),
        "{output:?}"
    );
    assert_eq!(stage.sandbox.read("config.yaml"), "report: with-key\n");
    let kept = output
        .stderr
        .split("what you wrote is kept in ")
        .nth(1)
        .unwrap()
        .trim();
    assert_eq!(fs::read_to_string(kept).unwrap(), "report: maybe\n");
    stage.sandbox.set("VISUAL", "false");
    let output = stage.run(&["config", "edit"]).expect_code(1);
    assert!(output.stderr.contains("nothing is changed"), "{output:?}");
    // A file that is broken can be mended.
    stage.configure("report: [\n");
    stage.sandbox.set("VISUAL", "editor without-key");
    let _ = stage.run(&["config", "edit"]).success();
    assert_eq!(stage.sandbox.read("config.yaml"), "report: without-key\n");
}

#[test]
fn a_script_sees_what_it_has_changed() {
    let stage = Stage::new();
    let script = "alias set k 'sessions key'\nk\nconfig set aliases.k version\nk\nconfig unset aliases.k\nk\n";
    let output = stage.sandbox.run_with_input([""; 0], script);
    assert!(output.stdout.starts_with(crate::stage::KEY), "{output:?}");
    assert!(output.stdout.contains("0.1.0"), "{output:?}");
    assert!(
        output.stderr.contains("there is no command `k`"),
        "{output:?}"
    );
}

#[test]
fn values_that_cannot_be_shown_are_errors() {
    let stage = Stage::new();
    stage.configure("executables:\n  x:\n    1: a\n    [b, c]: d\n");
    let listed = stage.run(&["config", "list"]).expect_code(0);
    assert_eq!(
        listed.stdout,
        "executables.x.1=a\nexecutables.x.[\"b\",\"c\"]=d\n"
    );
    stage.configure("plugin-path:\n- {[b, c]: d}\n");
    for line in [&["config", "list"][..], &["config", "get", "plugin-path"]] {
        let output = stage.run(line).expect_code(78);
        assert_eq!(output.stdout, "");
        let words = "omero: error: a value of the configuration cannot be shown: ";
        assert!(output.stderr.contains(words), "{output:?}");
    }
}
