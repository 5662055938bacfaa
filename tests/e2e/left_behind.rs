//! A login that fails halfway leaves no session on the server, and none in the store.

use std::{fs, time::Duration};

use omero_tests::{
    server::{Config, Fault, Thrown, model::User},
    waiting::comes_true,
};

use crate::stage::{Stage, assert_code, seed_people};

/// Waits until the server has noticed that clients have left.
#[track_caller]
fn assert_no_session(stage: &Stage, what: &str) {
    let gone = || stage.server.sessions().is_empty();
    assert!(comes_true(gone), "{what}: {:?}", stage.server.sessions());
}

#[track_caller]
fn assert_nothing_stored(stage: &Stage, what: &str) {
    let stored = stage.stored();
    let files: Vec<_> = stored
        .keys()
        .filter(|path| !path.contains("._LAST"))
        .collect();
    assert!(files.is_empty(), "{what}: {files:?}");
}

#[test]
fn group_of_others_leaves_no_session() {
    let stage = Stage::new();
    let output = stage
        .run("login test@servername -w pw -g mygroup")
        .expect_code(45);
    let words = "SecurityViolation: User 2 is not a member of group 4 and cannot login\n";
    assert_eq!(output.stderr_as_omero_py(), words);
    assert_no_session(&stage, "not a member");
    assert_nothing_stored(&stage, "not a member");
    assert_code(&stage, "login test@servername -w pw -g nosuch", 44);
    assert_no_session(&stage, "no such group");
    // The same for a command that logs in by itself.
    assert_code(
        &stage,
        "group list -s servername -u test -w pw -g mygroup",
        45,
    );
    assert_no_session(&stage, "group list");
    assert_nothing_stored(&stage, "group list");
}

#[test]
fn failures_after_the_login_leave_no_session() {
    let stage = Stage::new();
    for operation in ["addProxies", "getByName", "getEventContext", "getSession"] {
        for (what, fault) in [
            ("gone", Fault::Disconnect),
            ("garbage", Fault::Garbage),
            ("null", Fault::Null),
            ("closed", Fault::CloseConnection),
            (
                "full",
                Fault::Raise(Thrown::server("InternalException", "out of memory")),
            ),
        ] {
            if (operation, what) == ("addProxies", "null") {
                continue; // its answer says nothing that matters
            }
            stage.server.faults().on_every(operation, fault);
            let what = format!("{operation}: {what}");
            let output = stage.run("login root@servername -w omero");
            assert_ne!(output.code, 0, "{what}: {output:?}");
            stage.server.faults().clear();
            assert_no_session(&stage, &what);
            assert_nothing_stored(&stage, &what);
        }
    }
}

#[test]
fn refused_detaching_leaves_no_session() {
    let stage = Stage::new();
    let refused = Fault::Raise(Thrown::server("InternalException", "out of memory"));
    stage.server.faults().on("detachOnDestroy", refused);
    assert_code(&stage, "login root@servername -w omero", 44);
    assert_no_session(&stage, "refused");
    assert_nothing_stored(&stage, "refused");
    // Without an answer the session may live on, so it is not forgotten.
    stage
        .server
        .faults()
        .on("detachOnDestroy", Fault::Disconnect);
    assert_code(&stage, "login root@servername -w omero", 44);
    let output = stage.run("login root@servername").expect_code(0);
    assert!(output.stderr.contains("Using session"), "{output:?}");
    assert_eq!(stage.server.sessions().len(), 1);
}

#[test]
fn failed_store_write_leaves_no_session() {
    for line in [
        "login username@servername -w secret",
        "login username@servername -w secret -t 300",
        "login --sudo root username@servername -w rootsecret",
        "group list -s servername -u username -w secret",
    ] {
        let stage = Stage::with(seed_people());
        // A file where the directory of the user's sessions has to be.
        let in_the_way = stage.store().join(&stage.host).join("username");
        fs::create_dir_all(in_the_way.parent().unwrap()).unwrap();
        fs::write(&in_the_way, "in the way").unwrap();
        let output = stage.run(line);
        assert_ne!(output.code, 0, "{line}: {output:?}");
        assert_no_session(&stage, line);
        assert!(in_the_way.is_file(), "{line}");
    }
}

#[test]
fn bad_user_name_from_the_server_leaves_no_session() {
    for line in [
        "login root@servername -w omero",
        "login --sudo admin root@servername -w secret",
    ] {
        let mut config = Config::standard();
        config.users.push(User::new(20, "admin", "secret", 0));
        config.groups[0].owners.push(20);
        let stage = Stage::with(config);
        stage.server.with_model(|model| {
            let root = model.users.get_mut(&0).unwrap();
            root.reported_name = Some("../../root".to_owned());
        });
        let output = stage.run(line);
        assert_eq!(output.code, 2, "{line}: {output:?}");
        assert_no_session(&stage, line);
        assert_nothing_stored(&stage, line);
    }
}

#[test]
fn sudo_that_fails_halfway_leaves_no_session() {
    let line = "login --sudo root username@servername -w rootsecret";
    for (operation, skip) in [
        // Of the administrator's session; then of the user's.
        ("getEventContext", 0),
        ("createSessionWithTimeouts", 0),
        ("createSession", 1),
        ("addProxies", 1),
        ("getByName", 2),
        ("detachOnDestroy", 0),
        ("getEventContext", 1),
        ("getSession", 1),
    ] {
        for thrown in [
            Thrown::server("InternalException", "out of memory"),
            Thrown::removed_session("gone"),
        ] {
            let stage = Stage::with(seed_people());
            let what = format!("{operation} {skip} {}", thrown.type_id);
            stage
                .server
                .faults()
                .on_some(operation, skip, 1, Fault::Raise(thrown));
            let output = stage.run(line);
            assert_ne!(output.code, 0, "{what}: {output:?}");
            assert_no_session(&stage, &what);
            assert_nothing_stored(&stage, &what);
        }
    }
    // And what succeeds leaves one.
    let stage = Stage::with(seed_people());
    assert_code(&stage, line, 0);
    assert_eq!(stage.server.sessions().len(), 1);
    assert!(stage.server.sessions().contains_key(&stage.key()));
}

#[test]
fn ctrl_c_during_a_login_leaves_no_session() {
    let own = "login username@servername -w secret -t 300";
    let sudo = "login --sudo root username@servername -w rootsecret";
    for (line, operation, skip) in [
        (own, "createSession", 0),
        (own, "addProxies", 0),
        (own, "getByName", 0),
        (own, "getEventContext", 0),
        (own, "getSession", 0),
        (own, "submit", 0),
        (own, "getResponse", 0),
        (sudo, "createSessionWithTimeouts", 0),
        (sudo, "createSession", 1),
        (sudo, "addProxies", 1),
        (sudo, "getEventContext", 1),
        (sudo, "getSession", 1),
    ] {
        let stage = Stage::with(seed_people());
        let delay = Fault::Delay(Duration::from_millis(1500));
        stage.server.faults().on_some(operation, skip, 1, delay);
        let what = format!("{line}: {operation} {skip}");
        let mut terminal = stage.terminal(line);
        let asked = || stage.server.events().count(operation) > skip;
        assert!(comes_true(asked), "{what}: it was not called");
        terminal.interrupt();
        let ended = terminal.finish();
        assert_eq!(ended.code, 130, "{what}: {}", ended.screen);
        assert!(
            ended.screen.ends_with("Cancelled\n"),
            "{what}: {}",
            ended.screen
        );
        assert_no_session(&stage, &what);
        assert_nothing_stored(&stage, &what);
    }
}

#[test]
fn session_that_is_stored_is_not_lost_with_its_report() {
    let stage = Stage::new();
    let line = format!("omero login root@{} -w omero 2>/dev/full", stage.host);
    let _ = crate::streams::shell(&stage, &line);
    assert!(stage.server.sessions().contains_key(&stage.key()));
    assert_eq!(stage.server.sessions().len(), 1);
}
