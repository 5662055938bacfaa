//! Results go to standard output, everything else to standard error, and readers may go away.

use std::{
    fs,
    process::{Command, Stdio},
};

use omero_tests::{artifacts::Artifacts, output::Output, server::Transport};

use crate::stage::{Stage, seed_people};

/// Runs a shell script that calls `omero`.
pub fn shell(stage: &Stage, script: &str) -> Output {
    let inner = stage.sandbox.command([""; 0]);
    let mut command = Command::new("/bin/sh");
    let script = format!("omero() {{ \"$0\" \"$@\"; }}\n{script}");
    command
        .args(["-c", &script])
        .arg(inner.get_program())
        .env_clear();
    command.envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let ended = command.current_dir(stage.sandbox.root()).output().unwrap();
    Output::new(ended.status, &ended.stdout, &ended.stderr)
}

#[test]
fn a_reader_that_has_enough_ends_the_command_quietly() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for command in [
        "sessions list",
        "sessions who",
        "group list",
        "sessions help",
        "sessions -h",
        "help",
    ] {
        let script = format!(
            "omero -q {command} | head -1\n{{ omero -q {command}; echo code $? >&2; }} | true"
        );
        let output = shell(&stage, &script).expect_code(0);
        assert_eq!(output.stdout.lines().count(), 1, "{command}: {output:?}");
        assert_eq!(output.stderr, "code 0\n", "{command}");
    }
    // Nobody reads from the start.
    let mut command = stage.sandbox.command(["sessions", "list"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(
        (ended.status.code(), ended.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}

#[test]
fn a_plugin_that_never_stops_writing_ends_with_its_reader() {
    let mut stage = Stage::new();
    let built = Artifacts::build(&["omero-misbehave"]).unwrap();
    let library = built.library("omero_misbehave");
    let path = stage
        .sandbox
        .write("plugins/libomero_misbehave.so", fs::read(library).unwrap());
    stage
        .sandbox
        .set("OMERO_PLUGIN_PATH", path.parent().unwrap());
    let output = shell(
        &stage,
        "{ omero misbehave flood; echo code $? >&2; } | head -2",
    );
    assert_eq!(output.stdout, "more\nmore\n");
    assert_eq!(output.stderr, "code 0\n");
}

#[test]
fn a_full_disk_is_an_error() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let before = stage.stored();
    for command in [
        "sessions list",
        "sessions key",
        "sessions file",
        "group list",
        "sessions help",
        "help",
    ] {
        let output = shell(&stage, &format!("omero -q {command} >/dev/full"));
        let output = output.expect_code(1);
        let text = "omero: error: cannot write to standard output: No space left on device";
        assert!(output.stderr.starts_with(text), "{command}: {output:?}");
        assert_eq!(output.stderr.lines().count(), 1, "{command}: {output:?}");
    }
    assert_eq!(stage.stored(), before);
    // The session is stored even if the report cannot be shown.
    let _ = shell(
        &stage,
        &format!("omero login -C test@{} -w pw 2>/dev/full", stage.host),
    );
    assert!(stage.server.sessions().contains_key(&stage.key()));
    assert_eq!(stage.server.sessions().len(), 2);
}

#[test]
fn closed_streams_do_no_harm() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for command in [
        "sessions list",
        "sessions key",
        "sessions group",
        "version",
        "help",
    ] {
        for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
            let output = shell(&stage, &format!("omero {command} {closed}"));
            assert!(output.code <= 1, "{command} {closed}: {output:?}");
            assert!(
                !output.stderr.contains("panicked"),
                "{command} {closed}: {output:?}"
            );
        }
    }
    // No stream may end up in the store.
    for contents in stage.stored().values() {
        assert!(!contents.contains("Using session") && !contents.contains("ExperimenterGroup"));
    }
}

#[test]
fn results_alone_go_to_standard_output() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for command in [
        "sessions list",
        "sessions key",
        "sessions file",
        "sessions group",
        "sessions timeout",
        "sessions server list",
        "group list",
        "group info",
        "login",
    ] {
        let loud = stage.run(command).expect_code(0);
        let quiet = stage.run(&format!("-q {command}")).expect_code(0);
        assert_eq!(quiet.stderr, "", "{command}");
        assert_eq!(loud.stdout, quiet.stdout, "{command}");
        assert_eq!(loud.stdout.is_empty(), command == "login", "{command}");
        let reports = loud
            .stderr
            .lines()
            .all(|line| line.starts_with("Using session "));
        assert!(
            reports && loud.stderr.lines().count() <= 1,
            "{command}: {loud:?}"
        );
    }
}

#[test]
fn quiet_hides_the_lines_that_omero_py_does_not_have() {
    let mut stage = Stage::listening(
        seed_people(),
        &[(Transport::Tcp, 4063), (Transport::Ssl, 4064)],
    );
    stage
        .sandbox
        .set("OMERO_SESSION_DIR", stage.sandbox.path("old"));
    // A deprecated variable, an open connection, a new server, an odd file, a dead server.
    let lines = [
        "login username@tcp://servername -w secret",
        "login -C username@servername -w secret",
        "sessions list",
        "logout",
        "sessions clear",
    ];
    for quiet in [false, true] {
        fs::remove_dir_all(stage.sandbox.path("home/omero")).ok();
        stage
            .sandbox
            .write(format!("old/omero/sessions/{}/root/odd", stage.host), "odd");
        for line in lines {
            if line == "logout" {
                stage
                    .server
                    .faults()
                    .on_every_connection(omero_tests::server::Fault::Refuse);
            }
            let output = stage.run(&format!("{}{line}", if quiet { "-q " } else { "" }));
            // The odd file stays, and that is a failure of `clear`.
            let output = output.expect_code(i32::from(line == "sessions clear"));
            let ours = output
                .stderr
                .lines()
                .filter(|line| line.starts_with("omero: "))
                .count();
            let expected = match (quiet, line) {
                (true, _) => 0,
                (false, "logout") => 2,
                (false, "sessions clear") => ours.max(2),
                (false, _) => 2,
            };
            assert_eq!(ours, expected, "{line}: {output:?}");
            assert!(!output.stdout.contains("omero: "), "{line}: {output:?}");
        }
        stage.server.faults().clear();
    }
}

#[test]
fn nothing_that_is_secret_is_shown_for_debugging() {
    let stage = Stage::with(seed_people());
    let login = stage
        .run("-d9 login -q username@servername -w secret")
        .expect_code(0);
    assert!(!login.stderr.contains("secret"), "{login:?}");
    let key = stage.key();
    let join = format!("login -q servername -k {key}");
    for line in [
        "login -q",
        &join,
        "sessions list -q",
        "group list -q",
        "logout",
    ] {
        let output = stage.run(&format!("-d9 {line}"));
        assert!(!output.stderr.contains(&key), "{line}: {output:?}");
        assert!(!output.stderr.contains("secret"), "{line}: {output:?}");
    }
    // Errors, too: neither what was typed nor what is stored.
    stage
        .run("login -q username@servername -w secret")
        .success();
    let key = stage.key();
    stage
        .server
        .faults()
        .on_every_connection(omero_tests::server::Fault::Refuse);
    for line in ["login", "login -C username@servername -w secret", "logout"] {
        let output = stage.run(&format!("-d9 {line}"));
        assert!(
            !output.stderr.contains(&key) && !output.stderr.contains("secret"),
            "{line}: {output:?}"
        );
    }
}

#[test]
fn quiet_hides_hints_but_not_the_error() {
    let stage = Stage::new();
    for (line, code) in [
        ("login root@no-such-host.invalid -w x", 43),
        ("login servername -k 01234567-no-such-key", 11),
        ("login", 52),
    ] {
        let loud = stage.run(line).expect_code(code);
        assert!(loud.stderr.contains("\nomero: hint: "), "{line}: {loud:?}");
        let quiet = stage.run(&format!("-q {line}")).expect_code(code);
        assert_eq!(quiet.stderr.lines().count(), 1, "{line}: {quiet:?}");
        assert_eq!(quiet.stderr, loud.stderr_as_omero_py(), "{line}");
    }
}
