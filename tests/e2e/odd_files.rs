//! Session files, pointers and directories that make no sense, or are somebody else's.

use std::{fs, os::unix::ffi::OsStringExt};

use omero_tests::output::Output;

use crate::stage::Stage;

/// Files of root that are no sessions, by what is wrong with them.
fn spoil(stage: &Stage, good: &str) {
    let host = &stage.host;
    let port = format!("omero.host={host}\nomero.port=http\n");
    let timeout = format!("omero.host={host}\nomero.timeout=soon\n");
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("no-host", b"omero.user=root\n".to_vec()),
        ("not-utf8", b"omero.host=\xff\xfe\n".to_vec()),
        ("binary", (0..=255).collect()),
        (
            "other-host",
            b"omero.host=elsewhere.invalid\nomero.sess=x\n".to_vec(),
        ),
        ("bad-port", port.into_bytes()),
        ("bad-timeout", timeout.into_bytes()),
        ("huge", vec![b'x'; 200_000]),
        ("with blank", good.as_bytes().to_vec()),
    ] {
        stage
            .sandbox
            .write(format!("home/omero/sessions/{host}/root/{name}"), bytes);
    }
}

#[test]
fn malformed_session_files_are_named_and_left_alone() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.key();
    let directory = format!("home/omero/sessions/{}/root", stage.host);
    spoil(&stage, &stage.sandbox.read(format!("{directory}/{key}")));
    let before = stage.stored();
    let listing = stage.run("sessions list").expect_code(0);
    assert!(listing.stdout.ends_with("(1 row)\n"), "{listing:?}");
    assert_eq!(
        listing.stderr.matches("omero: warning: ").count(),
        9,
        "{listing:?}"
    );
    assert_eq!(listing.stderr.lines().count(), 9, "{listing:?}");
    stage.log_in("test", "pw");
    stage.run("login root@servername").expect_code(0).success();
    let cleared = stage.run("sessions clear").expect_code(1);
    assert_eq!(cleared.stdout, "2 session(s) cleared\n");
    // No login makes a name with a blank, so that file was not to be cleared.
    assert!(
        cleared.stderr.contains("8 session(s) could not be cleared"),
        "{cleared:?}"
    );
    assert_eq!(
        cleared.stderr.matches("omero: warning: skipped ").count(),
        9,
        "{cleared:?}"
    );
    for (path, contents) in before {
        if path.contains("/root/") && !path.contains(&key) && !path.contains("._LAST") {
            let kept = fs::read(stage.store().join(&path)).unwrap();
            assert_eq!(String::from_utf8_lossy(&kept), contents, "{path}");
        }
    }
}

#[test]
fn a_malformed_current_session_is_passed_over() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let directory = format!("home/omero/sessions/{}/root", stage.host);
    spoil(&stage, "");
    for name in ["empty", "not-utf8", "bad-port"] {
        stage
            .sandbox
            .write(format!("{directory}/._LASTSESS_"), name);
        let output = stage.run("login root@servername -w omero").expect_code(0);
        assert!(output.stderr.contains("is not usable: "), "{output:?}");
        assert!(
            stage.sandbox.path(format!("{directory}/{name}")).exists(),
            "{name}"
        );
    }
}

#[test]
fn junk_that_omero_py_tolerates_is_tolerated() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let file = stage.run("sessions file").success();
    let good = fs::read_to_string(file.trim()).unwrap();
    let junk = format!(
        "\r\nwithout value\r\nIce.Plugin.Evil=/tmp/evil.so\r\n{}",
        good.replace('\n', "\r\n")
    );
    fs::write(file.trim(), &junk).unwrap();
    let output = stage.run("login").expect_code(0);
    assert!(output.stderr.contains("Using session"), "{output:?}");
    // Others' lines are kept.
    assert_eq!(fs::read_to_string(file.trim()).unwrap(), junk);
    // What does not belong to sessions at all is no concern of ours.
    stage.sandbox.write("home/omero/sessions/a file", "x");
    stage
        .sandbox
        .write(format!("home/omero/sessions/{}/a file", stage.host), "x");
    stage.sandbox.write(
        format!("home/omero/sessions/{}/root/deeper/file", stage.host),
        "x",
    );
    stage.sandbox.write(
        format!("home/omero/sessions/{}/root/.hidden", stage.host),
        "x",
    );
    let listing = stage.run("sessions list").expect_code(0);
    assert_eq!(listing.stderr, "");
    assert!(listing.stdout.ends_with("(1 row)\n"), "{listing:?}");
}

#[test]
fn foreign_directories_are_named_and_left_alone() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let odd = std::ffi::OsString::from_vec(b"h\xffst".to_vec());
    let odd = stage.store().join(odd).join("root");
    fs::create_dir_all(&odd).unwrap();
    fs::write(odd.join("key"), "omero.host=x\n").unwrap();
    stage.sandbox.write(
        "home/omero/sessions/with space/root/key",
        "omero.host=with space\n",
    );
    let listing = stage.run("sessions list").expect_code(0);
    assert!(listing.stdout.ends_with("(1 row)\n"), "{listing:?}");
    assert_eq!(
        listing.stderr.matches("omero: warning: ").count(),
        2,
        "{listing:?}"
    );
    stage.run("sessions clear").expect_code(0).success();
    assert!(odd.join("key").exists());
    assert!(stage.store().join("with space/root/key").exists());
}

/// A command that needs the current session fails, and names the pointer that cannot be read.
#[track_caller]
fn assert_says_so(output: &Output, pointer: &str, fails: bool) {
    assert_eq!(output.code, i32::from(fails), "{pointer}: {output:?}");
    if fails {
        assert_eq!(output.stdout, "", "{output:?}");
        let words = "the current session is unknown: ";
        assert!(output.stderr.starts_with(words), "{output:?}");
        assert!(output.stderr.contains(pointer), "{output:?}");
    } else {
        let mut lines = output.stderr.lines();
        assert!(lines.all(|line| line.starts_with("omero: ")), "{output:?}");
    }
}

#[test]
fn malformed_pointers_are_named_and_read_as_no_session_by_logins_alone() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.key();
    let good = stage.stored();
    let pointers = [
        "._LASTHOST_".to_owned(),
        "._LASTPORT_".to_owned(),
        format!("{}/._LASTUSER_", stage.host),
        format!("{}/root/._LASTSESS_", stage.host),
    ];
    stage.sandbox.write("home/omero/outside", "omero.host=x\n");
    for pointer in &pointers {
        for bytes in [
            &b""[..],
            b"\xff\xfe",
            b"../../outside",
            b"..",
            b"/etc/passwd",
            b"a\nb",
            b"\0",
            &[b'x'; 10_000],
        ] {
            fs::write(stage.store().join(pointer), bytes).unwrap();
            // A server's name may hold slashes. Else the session is there, so it must not seem that there is none.
            let is_name =
                pointer.ends_with("PORT_") || pointer.ends_with("HOST_") && bytes.contains(&b'/');
            let unreadable = !bytes.is_empty() && !is_name;
            for line in ["sessions key", "sessions file", "sessions list", "logout"] {
                let output = stage.run(line);
                let fails = unreadable && line != "sessions list";
                assert_says_so(&output, pointer, fails);
                // Without a port pointer the session is found, so that round ends it.
                let is_open = || stage.server.sessions().contains_key(&key);
                assert!(!fails || !pointer.ends_with("HOST_") || is_open());
            }
            let output = stage.run("login root@servername -w omero");
            let output = output.expect_code(0);
            assert!(
                !output.stderr.contains("panicked"),
                "{pointer} {bytes:?}: {output:?}"
            );
            for (path, contents) in &good {
                stage
                    .sandbox
                    .write(format!("home/omero/sessions/{path}"), contents);
            }
        }
    }
    // A directory in the place of a pointer.
    fs::remove_file(stage.store().join("._LASTHOST_")).unwrap();
    fs::create_dir(stage.store().join("._LASTHOST_")).unwrap();
    let output = stage.run("sessions key").expect_code(1);
    assert!(output.stderr.contains("it is not a file"), "{output:?}");
    assert_eq!(stage.sandbox.read("home/omero/outside"), "omero.host=x\n");
}
