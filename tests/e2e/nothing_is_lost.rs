//! Only the server's word ends a stored session: never a cable, a crash, or bytes that make no
//! sense.

use std::{
    fs,
    time::{Duration, Instant},
};

use omero_tests::server::{Config, Fault, Thrown};

use crate::stage::{SERVER, Stage};

/// Runs what looks at the stored session of root, and checks that all is as it was afterwards.
#[track_caller]
fn nothing_changes(stage: &Stage, trouble: &str, code: i32, active: &str) {
    let before = stage.stored();
    let key = stage.key();
    let join = format!("login servername -k {key}");
    for line in [
        "login",
        &join,
        "login root@servername -q",
        "sessions who",
        "group list",
    ] {
        let output = stage.run(line);
        assert_eq!(output.code, code, "{trouble}: {line}: {output:?}");
        let sentences = output.stderr_as_omero_py();
        assert_eq!(
            sentences.lines().count(),
            1,
            "{trouble}: {line}: {output:?}"
        );
        assert!(
            !output.stdout.contains("expired"),
            "{trouble}: {line}: {output:?}"
        );
        assert_eq!(stage.stored(), before, "{trouble}: {line}: {output:?}");
    }
    for line in ["sessions list", "sessions list --no-purge"] {
        let listing = stage.run(line).success();
        let row = listing.lines().find(|line| line.contains(&key));
        let row = row.unwrap_or_default();
        let fits = row.contains(&key) && row.contains(active) && row.contains(" Unknown ");
        assert!(fits, "{trouble}: {line}: {listing}");
        assert_eq!(stage.stored(), before, "{trouble}: {line}");
    }
}

#[test]
fn a_server_that_is_down_loses_nothing() {
    let mut stage = Stage::new();
    stage.log_in("test", "pw");
    stage.log_in("root", "omero");
    let key = stage.key();
    stage.server.end_session(&stage.key());
    stage
        .run("login root@servername -w omero")
        .expect_code(0)
        .success();
    assert_ne!(stage.key(), key);
    // The one of test is alive, too; both are kept.
    stage.stop_server();
    let before = stage.stored();
    let listing = stage.run("sessions list").success();
    assert_eq!(listing.matches(" Unreachable ").count(), 2, "{listing}");
    let output = stage.run("login test@servername").expect_code(42);
    assert!(output.stderr.contains("isn't running"), "{output:?}");
    assert_eq!(stage.stored(), before);
    let join = format!("login servername -k {}", stage.key());
    stage.run(&join).expect_code(42).stdout.clear();
    assert_eq!(stage.stored(), before);
    let output = stage.run("login");
    let text = format!("Ice.ConnectionRefusedException: {SERVER} isn't running\n");
    assert_eq!(stage.show(&output.expect_code(42).stderr), text);
    assert_eq!(stage.stored(), before);
}

#[test]
fn a_server_that_breaks_off_loses_nothing() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for (trouble, fault) in [
        ("refuse", Fault::Refuse),
        (
            "garbage",
            Fault::Greeting(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ),
        ("ssh", Fault::Greeting(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())),
    ] {
        stage.server.faults().on_every_connection(fault);
        let active = if trouble == "refuse" {
            "Unreachable"
        } else {
            "Refused: "
        };
        nothing_changes(&stage, trouble, 44, active);
        stage.server.faults().clear();
    }
}

#[test]
fn a_server_that_fails_in_the_middle_loses_nothing() {
    let stage = Stage::new();
    for operation in [
        "createSession",
        "getByName",
        "getEventContext",
        "getSession",
    ] {
        // A server ends a session by itself if it loses the client before that has detached.
        stage.run("sessions clear").success();
        stage.log_in("root", "omero");
        for (trouble, fault) in [
            ("cut", Fault::CutReply(9)),
            ("gone", Fault::Disconnect),
            ("garbage", Fault::Garbage),
            ("huge", Fault::HugeSize(i32::MAX)),
            ("null", Fault::Null),
            ("unknown class", Fault::UnknownClass { sliced: false }),
            ("closed", Fault::CloseConnection),
            (
                "full",
                Fault::Raise(Thrown::server("InternalException", "out of memory")),
            ),
        ] {
            stage.server.faults().on_every(operation, fault);
            let trouble = format!("{operation} {trouble}");
            nothing_changes(&stage, &trouble, 44, "e");
            stage.server.faults().clear();
        }
    }
    let output = stage.run("login").expect_code(0);
    assert!(output.stderr.contains("Using session"), "{output:?}");
}

#[test]
fn a_server_that_says_nothing_loses_nothing_and_is_not_waited_for_long() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let before = stage.stored();
    stage.server.faults().on_every_connection(Fault::Silence);
    let start = Instant::now();
    let output = stage.run("login").expect_code(44);
    assert!(
        output.stderr.contains("said nothing within 5 s"),
        "{output:?}"
    );
    let listing = stage.run("sessions list").success();
    assert!(
        listing.contains(" Refused: ") || listing.contains(" Unreachable "),
        "{listing}"
    );
    assert!(
        start.elapsed() < Duration::from_secs(600),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(stage.stored(), before);
    // One that hangs in the middle can be left with Ctrl-C.
    stage.server.faults().clear();
    stage.server.faults().on("getEventContext", Fault::NoReply);
    let mut terminal = stage.terminal("sessions group");
    let asked = || stage.server.events().count("getEventContext") >= 2;
    while !asked() {
        std::thread::sleep(Duration::from_millis(5));
    }
    terminal.interrupt();
    let ended = terminal.finish();
    assert_eq!((ended.code, ended.screen.as_str()), (130, "^CCancelled\n"));
    assert_eq!(stage.stored(), before);
}

#[test]
fn list_tells_ended_unreachable_and_refused_sessions_apart() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let alive = stage.key();
    stage.log_in("test", "pw");
    let ended = stage.key();
    stage.log_in("testuser", "pasw");
    let current = stage.key();
    stage.server.end_session(&ended);
    // A session of a server that is not there, and of one that is no OMERO server.
    let mut other = Stage::new();
    other.log_in("root", "omero");
    let far = other.key();
    let file = fs::read_to_string(other.run("sessions file").success().trim()).unwrap();
    stage.sandbox.write(
        format!("home/omero/sessions/{}/root/{far}", other.host),
        file,
    );
    other.stop_server();

    let listing = stage.run("sessions list --no-purge").success();
    let row = |key: &str| {
        listing
            .lines()
            .find(|line| line.contains(key))
            .unwrap_or_default()
    };
    assert!(row(&alive).contains(" True "), "{listing}");
    assert!(row(&current).contains(" Logged in "), "{listing}");
    assert!(row(&ended).contains(" Unknown "), "{listing}");
    assert!(
        !row(&ended).contains(" True ") && !row(&ended).contains(" Unreachable "),
        "{listing}"
    );
    assert!(row(&far).contains(" Unreachable "), "{listing}");
    assert!(listing.ends_with("(4 rows)\n"), "{listing}");

    // Without the option the ended one goes, and only that one.
    let before = stage.stored();
    let listing = stage.run("sessions list").success();
    assert!(
        listing.ends_with("(3 rows)\n") && !listing.contains(&ended),
        "{listing}"
    );
    let mut after = before.clone();
    after.remove(&format!("{}/test/{ended}", stage.host));
    after.remove(&format!("{}/test/._LASTSESS_", stage.host));
    assert_eq!(stage.stored(), after);
    assert_eq!(stage.key(), current);

    stage.server.faults().on_every(
        "createSession",
        Fault::Raise(Thrown::busy(
            "ome.conditions.DatabaseBusyException",
            "full",
            500,
        )),
    );
    let listing = stage.run("sessions list").success();
    assert_eq!(listing.matches(" Refused: full ").count(), 2, "{listing}");
    assert_eq!(stage.stored(), after);
}

#[test]
fn logout_without_the_server_forgets_here_and_says_so() {
    let mut stage = Stage::new();
    stage.log_in("root", "omero");
    stage.stop_server();
    let key = stage.key();
    let output = stage.run("logout").expect_code(0);
    assert_eq!(
        (output.stdout.as_str(), output.stderr_as_omero_py().as_str()),
        ("", "")
    );
    let warning = "omero: warning: the session ";
    assert!(
        output.stderr.starts_with(warning) && !output.stderr.contains(&key),
        "{output:?}"
    );
    let left = stage.stored();
    assert!(!left.keys().any(|path| path.contains(&key)), "{left:?}");
    // Host and user stay for the next login's prompts.
    assert_eq!(left["._LASTHOST_"], stage.host);
    assert_eq!(stage.run("sessions key").success(), "");
    assert_eq!(stage.run("logout").success(), "");
}

#[test]
fn logout_ends_the_session_however_many_use_it() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for _ in 0..3 {
        stage.run("sessions group").success();
    }
    assert_eq!(stage.run("logout").success(), "");
    assert!(stage.server.sessions().is_empty());
    assert_eq!(stage.run("logout").success(), "");
    assert_eq!(stage.run("sessions logout").success(), "");
}

#[test]
fn clear_ends_what_it_forgets() {
    let mut stage = Stage::new();
    assert_eq!(
        stage.run("sessions clear").success(),
        "0 session(s) cleared\n"
    );
    for all in ["", " --all"] {
        for (user, password) in [("root", "omero"), ("test", "pw"), ("testuser", "pasw")] {
            stage.log_in(user, password);
        }
        stage.run("login -C root@servername -w omero").success();
        let output = stage.run(&format!("sessions clear{all}")).expect_code(0);
        assert_eq!(output.stdout, "4 session(s) cleared\n");
        assert_eq!(output.stderr, "");
        assert!(stage.server.sessions().is_empty());
        let left = stage.stored();
        assert!(left.keys().all(|path| path.contains("._LAST")), "{left:?}");
        assert_eq!(stage.run("sessions key").success(), "");
    }
    stage.log_in("root", "omero");
    stage.stop_server();
    let output = stage.run("sessions clear").expect_code(0);
    assert_eq!(output.stdout, "1 session(s) cleared\n");
    assert!(output.stderr.starts_with("omero: warning: "), "{output:?}");
}

#[test]
fn a_server_with_an_empty_memory_has_the_last_word() {
    let mut stage = Stage::new();
    stage.log_in("root", "omero");
    let certificate = stage.server.certificate_der();
    stage.stop_server();
    stage.start_server(Config::standard());
    assert_ne!(stage.server.certificate_der(), certificate);
    // Another certificate: nothing is sent and nothing is lost.
    let before = stage.stored();
    let output = stage.run("login").expect_code(44);
    assert!(
        output.stderr.contains("has changed and nothing was sent"),
        "{output:?}"
    );
    assert_eq!(stage.stored(), before);
    assert_eq!(stage.server.events().logins, []);
    stage.sandbox.set("OMERO_TLS_VERIFY", "off");
    // Now the server itself says that it knows no such session.
    let output = stage.run("login -w omero root@servername").expect_code(0);
    assert!(
        output.stdout.starts_with("Previous session expired"),
        "{output:?}"
    );
    assert_ne!(stage.stored(), before);
}
