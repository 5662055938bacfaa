//! What commands say of a session is what the server holds, and what failed is said to have failed.

use std::{fs, os::unix::fs::symlink, time::Duration};

use omero_tests::server::{Fault, Thrown};

use crate::stage::{Stage, assert_code};

#[test]
fn limited_idle_time_is_reported_as_the_server_holds_it() {
    let stage = Stage::new();
    let output = stage
        .run("login testuser@servername -w pasw -t 1000000")
        .expect_code(0);
    assert!(
        output.stderr.contains(" Idle timeout: 100.0 min."),
        "{output:?}"
    );
    let held = || stage.server.sessions()[&stage.key()].time_to_idle;
    assert_eq!(held(), 6_000_000);
    let output = stage.run("login").expect_code(0);
    assert!(
        output.stderr.contains(" Idle timeout: 100.0 min."),
        "{output:?}"
    );
    assert_eq!(stage.run("sessions timeout").success(), "6000.0\n");
    let output = stage.run("sessions timeout 7777777").expect_code(0);
    let limit = "omero: warning: the server limits the idle time of the session to 6000.0 seconds";
    assert!(output.stderr.contains(limit), "{output:?}");
    for refused in ["0", "-5"] {
        let output = stage
            .run(&format!("sessions timeout {refused}"))
            .expect_code(46);
        assert!(
            output.stderr.contains("CmdError: non-admin-disabling"),
            "{output:?}"
        );
    }
    assert_eq!(held(), 6_000_000);
}

#[test]
fn close_and_timeout_tell_failures_from_unknown_sessions() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let unknown = stage
        .run("sessions close 00000000-0000-4000-8000-000000000000")
        .expect_code(0);
    assert!(
        unknown
            .stderr
            .contains("No session with the given ID found."),
        "{unknown:?}"
    );
    for line in ["sessions close 1f2e", "sessions timeout --session 1f2e"] {
        for fault in [
            Fault::Disconnect,
            Fault::Raise(Thrown::server("InternalException", "out of memory")),
        ] {
            // Attaching asks for its own session first.
            stage.server.faults().on_some("getSession", 1, 1, fault);
            let output = stage.run(line);
            assert_eq!(output.code, 1, "{line}: {output:?}");
            assert!(
                !output.stderr.contains("No session with"),
                "{line}: {output:?}"
            );
            assert!(
                !output.stderr.contains("cannot get session"),
                "{line}: {output:?}"
            );
            stage.server.faults().clear();
        }
    }
    assert_code(&stage, "sessions timeout --session 1f2e", 45);
}

#[test]
fn logout_keeps_a_file_that_it_cannot_read() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.key();
    let file = stage.store().join(&stage.host).join("root").join(&key);
    fs::write(&file, b"\xff\xfe").unwrap();
    let output = stage.run("logout");
    assert_ne!(output.code, 0, "{output:?}");
    assert!(output.stderr.contains(&key[..8]), "{output:?}");
    assert!(file.exists());
    assert_eq!(stage.key(), key);
    assert!(stage.server.sessions().contains_key(&key));
    let output = stage.run("sessions clear").expect_code(1);
    assert_eq!(output.stdout, "0 session(s) cleared\n");
    for words in [
        "omero: warning: skipped ",
        "1 session(s) could not be cleared\nomero: hint: ",
    ] {
        assert!(output.stderr.contains(words), "{output:?}");
    }
    assert!(file.exists());
    let output = stage.run("sessions clear --style json").expect_code(1);
    assert_eq!(output.stdout, "{\"cleared\": 0}\n");
}

#[test]
fn clear_fails_for_what_it_cannot_read_and_clears_the_rest() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let broken = stage.store().join(&stage.host).join("root/broken");
    symlink(&broken, &broken).unwrap();
    let unreadable = stage.store().join("other.server");
    symlink(&unreadable, &unreadable).unwrap();
    let listed = stage.run("sessions list").expect_code(0);
    // The name of a file may be a key, so it is shortened.
    for name in ["root/b…", "other.server"] {
        let named = format!("{name} in the session store: ");
        assert!(listed.stderr.contains(&named), "{listed:?}");
    }
    let output = stage.run("sessions clear").expect_code(1);
    assert_eq!(output.stdout, "1 session(s) cleared\n");
    assert!(
        output.stderr.contains("2 session(s) could not be cleared"),
        "{output:?}"
    );
    assert!(stage.server.sessions().is_empty());
    // A link to nothing holds no session.
    for link in [broken, unreadable] {
        fs::remove_file(&link).unwrap();
        symlink(stage.sandbox.path("nothing"), &link).unwrap();
    }
    let output = stage.run("sessions clear").expect_code(0);
    assert_eq!(output.stdout, "0 session(s) cleared\n");
    assert_eq!(output.stderr, "");
}

#[test]
fn interrupted_commands_are_cancelled_and_lose_no_session() {
    for (line, operation) in [
        ("logout", "closeSession"),
        ("sessions timeout 100", "submit"),
        ("sessions timeout 100", "getResponse"),
        ("sessions who", "submit"),
        ("sessions who", "getResponse"),
    ] {
        let stage = Stage::new();
        stage.log_in("root", "omero");
        let before = stage.stored();
        let key = stage.key();
        stage.server.forget_events();
        stage.server.faults().on_every(operation, Fault::NoReply);
        let mut terminal = stage.terminal(line);
        while stage.server.events().count(operation) == 0 {
            assert!(terminal.is_running(), "{line}: {operation} was not called");
            std::thread::sleep(Duration::from_millis(5));
        }
        terminal.interrupt();
        let ended = terminal.finish();
        assert_eq!(ended.code, 130, "{line}: {operation}: {}", ended.screen);
        assert!(
            ended.screen.ends_with("Cancelled\n"),
            "{line}: {operation}: {}",
            ended.screen
        );
        assert_eq!(stage.stored(), before, "{line}: {operation}");
        assert_eq!(stage.key(), key);
    }
}
