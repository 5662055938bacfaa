//! What commands say of a session is what the server holds, and what failed is said to have failed.

use std::fs;

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
    let output = stage.run("sessions clear").expect_code(0);
    assert!(
        output.stderr.contains("omero: warning: skipped "),
        "{output:?}"
    );
    assert!(file.exists());
}
