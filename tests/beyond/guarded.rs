//! Who may write the configuration and the programs that it names, and which children get the
//! password.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
};

use omero_tests::{
    machine::{is_root, set_mode},
    output::Output,
};

use crate::stage::Stage;

/// A stage whose fallback and whose program `omero-show` say that they ran.
struct Guarded {
    stage: Stage,
    fallback: PathBuf,
    program: PathBuf,
}

impl Guarded {
    fn new() -> Self {
        let mut stage = Stage::new();
        let fallback = stage.program("python/bin/omero", "echo fallback ran");
        let program = stage.program("bin/omero-show", "echo program ran");
        let config = stage.sandbox.write(
            "etc/config.yaml",
            format!("fallback: {}\n", fallback.display()),
        );
        stage.sandbox.set("OMERO_CONFIG", config);
        Self {
            stage,
            fallback,
            program,
        }
    }

    /// The line is refused with this reason and hint, and so says the doctor.
    #[track_caller]
    fn refuses(&self, line: &[&str], code: i32, reason: &str, hint: &str) {
        let refused = self.stage.run(line).expect_code(code);
        assert_eq!(refused.stdout, "", "{refused:?}");
        assert!(refused.stderr.contains(reason), "{refused:?}");
        let last = format!("omero: hint: {hint}\n");
        assert!(refused.stderr.ends_with(&last), "{refused:?}");
        let doctor = ["plugin", "doctor", "--style", "json"];
        let doctor = self.stage.run(&doctor).expect_code(1);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&doctor.stdout).unwrap();
        let says = |row: &serde_json::Value| {
            row["Finding"].as_str().unwrap().contains(reason) && row["What mends it"] == hint
        };
        assert!(rows.iter().any(says), "{doctor:?}");
    }
}

/// A file or directory that others may change, and the mode that ends it.
fn writable(path: &Path) -> (String, String) {
    (
        format!(
            "{} can be changed by every user of this machine",
            path.display()
        ),
        format!("run: chmod o-w {}", path.display()),
    )
}

#[test]
fn configuration_that_others_may_change_is_refused() {
    let guarded = Guarded::new();
    let (file, directory) = (
        guarded.stage.sandbox.path("etc/config.yaml"),
        guarded.stage.sandbox.path("etc"),
    );
    for (path, mode, safe) in [(&file, 0o646, 0o644), (&directory, 0o757, 0o755)] {
        set_mode(path, mode);
        let (reason, hint) = writable(path);
        let reason = format!("the configuration is not trusted: {reason}");
        for line in [&["import", "x"][..], &["show"], &["config", "list"]] {
            guarded.refuses(line, 78, &reason, &hint);
        }
        guarded.stage.run(&["config", "path"]).success();
        guarded.stage.run(&["--version"]).success();
        set_mode(path, safe);
        assert_eq!(
            guarded.stage.run(&["import", "x"]).success(),
            "fallback ran\n"
        );
    }
}

#[test]
fn configuration_of_another_user_is_refused() {
    if !is_root() {
        return;
    }
    let guarded = Guarded::new();
    let file = guarded.stage.sandbox.path("etc/config.yaml");
    // Trusting its owner in the file itself counts for nothing.
    fs::write(&file, "trusted-owners: [12345]\n").unwrap();
    chown(&file, Some(12345), None).unwrap();
    guarded.refuses(
        &["show"],
        78,
        &format!("{} belongs to another user (uid 12345)", file.display()),
        &format!("check what it is, then run: chown 0 {}", file.display()),
    );
}

#[test]
fn configuration_without_a_file_of_its_own_is_read() {
    let mut guarded = Guarded::new();
    guarded.stage.sandbox.set("OMERO_CONFIG", "/dev/null");
    assert_eq!(guarded.stage.run(&["show"]).success(), "program ran\n");
    // The shell's `<(…)`.
    guarded.stage.sandbox.set("OMERO_CONFIG", "/dev/fd/0");
    let text = "aliases: {short: show}\n";
    let output = guarded.stage.sandbox.run_with_input(["short"], text);
    assert_eq!(output.success(), "program ran\n");
}

#[test]
fn fallback_and_programs_that_others_may_change_are_refused() {
    let guarded = Guarded::new();
    for (path, line, mode, safe) in [
        (&guarded.fallback, "import", 0o757, 0o755),
        (&guarded.program, "show", 0o757, 0o755),
    ] {
        for path in [path.as_path(), path.parent().unwrap()] {
            set_mode(path, mode);
            // Without the fallback a program is refused; with it, passed over with a warning.
            let (reason, hint) = writable(path);
            if line == "show" {
                guarded.stage.sandbox.write("etc/config.yaml", "");
            }
            guarded.refuses(&[line], 126, &reason, &hint);
            set_mode(path, safe);
            assert!(guarded.stage.run(&[line]).success().ends_with(" ran\n"));
        }
    }
}

#[test]
fn owners_of_fallback_and_programs_can_be_trusted() {
    if !is_root() {
        return;
    }
    let guarded = Guarded::new();
    chown(&guarded.fallback, Some(12345), None).unwrap();
    let shown = guarded.fallback.display();
    guarded.refuses(
        &["import"],
        126,
        &format!(
            "the fallback command is not trusted: {shown} belongs to another user (uid 12345)"
        ),
        &format!(
            "check what it is, then run: chown 0 {shown}; or add the owner to `trusted-owners` in \
             the configuration"
        ),
    );
    let text = format!("fallback: {shown}\ntrusted-owners: [12345]\n");
    guarded.stage.sandbox.write("etc/config.yaml", text);
    assert_eq!(guarded.stage.run(&["import"]).success(), "fallback ran\n");
}

#[test]
fn only_the_fallback_gets_the_password() {
    let mut stage = Stage::new();
    let report = r#"echo "$0 <${OMERO_PASSWORD-none}>" >> "$HOME/told""#;
    let fallback = stage.program("python/bin/omero", report);
    for name in ["omero-show", "editor", "man", "cargo"] {
        stage.program(&format!("bin/{name}"), report);
    }
    stage.configure(&format!(
        "fallback: {}\naliases: {{word: '!sh -c \"$REPORT\" alias'}}\n",
        fallback.display()
    ));
    stage.sandbox.write("project/Cargo.toml", "[package]\n");
    stage.sandbox.set("EDITOR", "editor");
    stage.sandbox.set("REPORT", report);
    stage.sandbox.set("OMERO_PASSWORD", "secret");
    for line in [
        "config edit",
        "show",
        "word",
        "man show",
        "plugin install ./project",
        "help show",
        "import",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let _: Output = stage.run(&words);
    }
    let told = stage.sandbox.read("home/told");
    for child in ["editor", "omero-show", "alias", "man", "cargo"] {
        let has_none = |line: &str| line.ends_with(&format!("{child} <none>"));
        assert!(told.lines().any(has_none), "{child}: {told}");
    }
    let secrets: Vec<&str> = told.lines().filter(|l| l.contains("secret")).collect();
    assert_eq!(
        secrets,
        [format!("{} <secret>", fallback.display())],
        "{told}"
    );
}
