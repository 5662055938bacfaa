//! Which directory is the session store, as variables and the deprecated option say.

use crate::stage::Stage;

const LOGIN: &str = "login root@servername -w omero";

/// Variables, the option, and the directory below the sandbox.
type Row = (
    &'static [(&'static str, &'static str)],
    Option<&'static str>,
    &'static str,
);

/// OMERO.py's table of what goes before what, with the directory of the documentation for
/// `OMERO_USERDIR`, and with empty variables as unset.
const ROWS: [Row; 14] = [
    (&[], None, "home/omero/sessions"),
    (&[], Some("x"), "x/omero/sessions"),
    (&[("OMERO_SESSIONDIR", "new")], None, "new"),
    (&[("OMERO_SESSIONDIR", "new")], Some("x"), "new"),
    (&[("OMERO_SESSIONDIR", "")], None, "home/omero/sessions"),
    (&[("OMERO_SESSIONDIR", "")], Some("x"), "x/omero/sessions"),
    (&[("OMERO_SESSION_DIR", "old")], None, "old/omero/sessions"),
    (
        &[("OMERO_SESSION_DIR", "old")],
        Some("x"),
        "old/omero/sessions",
    ),
    (&[("OMERO_SESSION_DIR", "")], Some("x"), "x/omero/sessions"),
    (
        &[("OMERO_SESSION_DIR", "old"), ("OMERO_SESSIONDIR", "new")],
        None,
        "new",
    ),
    (&[("OMERO_USERDIR", "u")], None, "u/omero/sessions"),
    (&[("OMERO_USERDIR", "u")], Some("x"), "x/omero/sessions"),
    (&[("OMERO_USERDIR", "")], None, "home/omero/sessions"),
    (
        &[("OMERO_USERDIR", "u"), ("OMERO_SESSIONDIR", "new")],
        None,
        "new",
    ),
];

#[test]
fn every_way_to_name_the_directory_has_its_rank() {
    for (variables, option, directory) in ROWS {
        let mut stage = Stage::new();
        for (name, value) in variables {
            // Relative ones are relative to the working directory, which is the sandbox.
            stage.sandbox.set(name, value);
        }
        let option = option.map_or(String::new(), |value| format!(" --session-dir {value}"));
        let output = stage.run(&format!("{LOGIN}{option}"));
        let output = output.expect_code(0);
        let deprecated = !option.is_empty()
            || variables
                .iter()
                .any(|(name, value)| *name == "OMERO_SESSION_DIR" && !value.is_empty());
        let warned = output
            .stderr
            .contains(" is deprecated. Use OMERO_SESSIONDIR instead.\n");
        assert_eq!(warned, deprecated, "{variables:?}{option}: {output:?}");
        let files = stage.sandbox.tree(directory);
        assert_eq!(
            files.get("._LASTHOST_"),
            Some(&stage.host),
            "{variables:?}{option}"
        );
    }
}

#[test]
fn a_directory_that_omero_py_made_in_the_user_directory_is_shared() {
    let mut stage = Stage::new();
    stage.sandbox.set("OMERO_USERDIR", stage.sandbox.path("u"));
    stage.sandbox.write("u/sessions/._LASTPORT_", "4064");
    stage.run(LOGIN).expect_code(0).success();
    assert!(stage.sandbox.tree("u/sessions").contains_key("._LASTHOST_"));
    assert!(!stage.sandbox.path("u/omero").exists());
}

#[test]
fn the_deprecated_option_works_where_it_did() {
    let stage = Stage::new();
    stage
        .run(&format!("{LOGIN} --session-dir x"))
        .expect_code(0)
        .success();
    let file = stage.run("sessions file --session-dir x").success();
    assert!(file.contains("x/omero/sessions/"), "{file}");
    let key = stage.run("sessions key --session-dir x").success();
    assert!(file.trim_end().ends_with(key.trim()), "{file}");
    assert_eq!(stage.key(), "");
    for (line, words) in [
        ("sessions list", " Logged in "),
        ("sessions group", "ExperimenterGroup:0\n"),
        ("sessions keepalive", "Running keep alive"),
    ] {
        // Enter, for those that wait for it.
        let arguments = stage.arguments(&format!("{line} --session-dir x"));
        let output = stage.sandbox.run_with_input(arguments, "\n").expect_code(0);
        assert!(output.stdout.contains(words), "{line}: {output:?}");
        assert!(
            output
                .stderr
                .starts_with("omero: warning: --session-dir is deprecated."),
            "{output:?}"
        );
    }
    for line in ["timeout", "who", "open --user-name test", "close"] {
        let output = stage.run(&format!("sessions {line} --session-dir x"));
        assert_eq!(output.code, 2, "{line}: {output:?}");
    }
    assert_eq!(stage.run("logout --session-dir x").success(), "");
    assert_eq!(
        stage.run("sessions clear --session-dir x").success(),
        "0 session(s) cleared\n"
    );
    assert!(stage.server.sessions().is_empty());
}
