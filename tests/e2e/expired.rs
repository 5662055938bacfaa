//! Sessions that the server has ended, in each way that a server says so.

use std::time::Duration;

use omero_tests::server::{Config, Fault, Thrown};

use crate::stage::{SERVER, Stage, assert_code};

/// What ends a session on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Its idle time is over, and no clean-up has removed it yet.
    Cached,
    /// A clean-up has removed it.
    CleanedUp,
    /// It was closed.
    Closed,
    /// The router refuses its key in the words of another server version.
    OtherWords,
}

const ENDS: [End; 4] = [End::Cached, End::CleanedUp, End::Closed, End::OtherWords];

impl End {
    fn end(self, stage: &Stage) {
        match self {
            Self::Cached => stage.server.advance(Duration::from_secs(601)),
            Self::CleanedUp => stage.server.advance(Duration::from_secs(601 + 120)),
            Self::Closed => stage.server.end_session(&stage.key()),
            Self::OtherWords => {
                let refused = Thrown::wrapped("ome.conditions.SecurityViolation", "no, not you");
                stage
                    .server
                    .faults()
                    .on("createSession", Fault::Raise(refused));
            }
        }
        if self == Self::Cached {
            let cached = stage.server.with_model(|model| model.expired.len());
            assert_ne!(cached, 0, "the server has cleaned up");
        }
    }
}

/// A stage with a session of root that has ended, and its key.
fn ended(end: End) -> (Stage, String) {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.key();
    end.end(&stage);
    (stage, key)
}

#[track_caller]
fn assert_forgotten(stage: &Stage, key: &str, what: &str) {
    let path = format!("{}/root/{key}", stage.host);
    assert!(!stage.stored().contains_key(&path), "{what}");
}

#[test]
fn login_replaces_an_ended_session() {
    for end in ENDS {
        let (mut stage, key) = ended(end);
        let output = stage.run("login root@servername -w omero").expect_code(0);
        let expired = format!("Previous session expired for root on {SERVER}:4064\n");
        assert_eq!(stage.show(&output.stdout), expired, "{end:?}");
        assert!(
            output.stderr.contains("Created session"),
            "{end:?}: {output:?}"
        );
        assert_forgotten(&stage, &key, &format!("{end:?}"));
        assert_ne!(stage.key(), key, "{end:?}");
    }
}

#[test]
fn commands_that_attach_replace_an_ended_session() {
    for end in ENDS {
        for command in [
            "sessions who",
            "group list",
            "hql -q select",
            "sessions timeout",
        ] {
            let (mut stage, key) = ended(end);
            // Without a terminal and a password there is no login, but the session is over.
            let output = stage.run(command).expect_code(52);
            let what = format!("{end:?}: {command}: {output:?}");
            let expired = format!("Previous session expired for root on {SERVER}:4064\n");
            assert_eq!(stage.show(&output.stdout), expired, "{what}");
            assert_forgotten(&stage, &key, &what);
        }
        let (stage, key) = ended(end);
        let line = "sessions group -s servername -u root -w omero";
        let output = stage.run(line).expect_code(0);
        assert!(
            output.stdout.ends_with("\nExperimenterGroup:0\n"),
            "{output:?}"
        );
        assert_ne!(stage.key(), key);
    }
}

#[test]
fn ended_session_that_is_not_the_current_one_is_replaced() {
    for end in ENDS {
        let stage = Stage::new();
        stage.log_in("root", "omero");
        let key = stage.key();
        if end == End::Closed {
            end.end(&stage);
        }
        stage.log_in("test", "pw");
        if end != End::Closed {
            end.end(&stage);
        }
        let output = stage.run("login root@servername -w omero").expect_code(0);
        assert!(
            output.stderr.contains("Created session"),
            "{end:?}: {output:?}"
        );
        assert_forgotten(&stage, &key, &format!("{end:?}"));
    }
}

#[test]
fn joining_by_an_ended_key_ends_with_11() {
    for end in ENDS {
        let (mut stage, key) = ended(end);
        let join = format!("login servername -k {key}");
        let output = stage.run(&join).expect_code(11);
        let sentence = format!("Bad session key. Cannot join {}… on {SERVER}.\n", &key[..8]);
        let said = output.stderr_as_omero_py();
        assert_eq!(stage.show(&said), sentence, "{end:?}");
        assert_forgotten(&stage, &key, &format!("{end:?}"));
        // The key is not stored any more, and still is no key.
        if end != End::OtherWords {
            assert_code(&stage, &join, 11);
        }
    }
}

#[test]
fn list_removes_an_ended_session() {
    for end in ENDS {
        let (stage, key) = ended(end);
        let listing = stage.run("sessions list --no-purge").success();
        let row = listing
            .lines()
            .find(|line| line.contains(&key))
            .unwrap_or_default();
        assert!(row.contains(" Unknown "), "{end:?}: {listing}");
        assert!(
            !row.contains("Refused") && !row.contains("Unreachable"),
            "{end:?}: {listing}"
        );
        if end == End::OtherWords {
            end.end(&stage);
        }
        let listing = stage.run("sessions list").success();
        assert!(listing.ends_with("(0 rows)\n"), "{end:?}: {listing}");
        assert_forgotten(&stage, &key, &format!("{end:?}"));
    }
}

#[test]
fn logout_and_clear_of_an_ended_session_say_nothing() {
    for end in ENDS {
        for (line, says) in [("logout", ""), ("sessions clear", "1 session(s) cleared\n")] {
            let (stage, key) = ended(end);
            let output = stage.run(line).expect_code(0);
            let what = format!("{end:?}: {line}: {output:?}");
            assert_eq!(
                (output.stdout.as_str(), output.stderr.as_str()),
                (says, ""),
                "{what}"
            );
            assert_forgotten(&stage, &key, &what);
        }
    }
}

#[test]
fn scripts_replace_an_ended_session() {
    for end in ENDS {
        let (stage, key) = ended(end);
        let script = "sessions group\nlogin root@servername -w omero\nsessions group\n";
        let script = script.replace(SERVER, &stage.host);
        stage.sandbox.write("s", &script);
        let output = stage.run("load --keep-going s");
        let lines: Vec<&str> = output.stdout.lines().collect();
        assert!(
            lines[0].starts_with("Previous session expired for root"),
            "{output:?}"
        );
        assert_eq!(lines.last(), Some(&"ExperimenterGroup:0"), "{output:?}");
        assert_forgotten(&stage, &key, &format!("{end:?}"));
    }
}

#[test]
fn short_idle_time_ends_a_session_for_good() {
    let mut stage = Stage::new();
    assert_code(&stage, "login -t 3 root@servername -w omero", 0);
    let key = stage.key();
    stage.server.advance(Duration::from_secs(5));
    let output = stage.run("login root@servername -w omero").expect_code(0);
    let expired = format!("Previous session expired for root on {SERVER}:4064\n");
    assert_eq!(stage.show(&output.stdout), expired);
    assert_ne!(stage.key(), key);
    assert_code(&stage, &format!("login servername -k {key}"), 11);
    let listing = stage.run("sessions list").success();
    assert!(
        listing.ends_with("(1 row)\n") && !listing.contains(&key),
        "{listing}"
    );
}

#[test]
fn busy_and_troubled_servers_cost_no_session() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.key();
    let before = stage.stored();
    for thrown in [
        Thrown::busy("ome.conditions.DatabaseBusyException", "too busy", 100),
        Thrown::busy("ome.conditions.ApiUsageException", "try later", -1),
        Thrown::wrapped("ome.conditions.InternalException", "out of memory"),
        Thrown::wrapped("java.lang.NullPointerException", ""),
        Thrown::permission_denied("internal server error"),
        Thrown::cannot_create_session("internal server error"),
        Thrown::permission_denied("Internal error. Please contact your administrator:\n no db"),
        Thrown::server("InternalException", "out of memory"),
    ] {
        let what = format!("{thrown:?}");
        stage
            .server
            .faults()
            .on_every("createSession", Fault::Raise(thrown));
        let join = format!("login servername -k {key}");
        for line in ["login", &join, "login root@servername", "group list"] {
            let output = stage.run(line).expect_code(44);
            assert!(
                !output.stdout.contains("expired"),
                "{what}: {line}: {output:?}"
            );
            assert_eq!(stage.stored(), before, "{what}: {line}");
        }
        let listing = stage.run("sessions list").success();
        assert!(
            listing.contains(&key) && listing.contains(" Refused: "),
            "{what}: {listing}"
        );
        assert_eq!(stage.stored(), before, "{what}");
        stage.server.faults().clear();
    }
    let output = stage.run("login").expect_code(0);
    assert!(
        output.stderr.contains(&format!("Using session {key}")),
        "{output:?}"
    );
}

#[test]
fn live_connection_of_a_script_notices_the_end() {
    for end in [End::Cached, End::CleanedUp, End::Closed] {
        for drop_expired in [false, true] {
            let stage = Stage::with(Config {
                drop_expired,
                ..Config::standard()
            });
            let mut shell = stage.terminal("");
            let prompt = "omero> ";
            shell.expect(prompt);
            shell.send(&format!("login root@{} -w omero", stage.host));
            shell.expect("Created session");
            shell.expect(prompt);
            let key = stage.key();
            end.end(&stage);
            // The connection answered a moment ago, but a login always asks.
            shell.send(&format!("login root@{} -w omero", stage.host));
            shell.expect("Previous session expired for root on ");
            shell.expect("Created session");
            shell.expect(prompt);
            assert_forgotten(&stage, &key, &format!("{end:?}"));
            assert_ne!(stage.key(), key);
            shell.send("sessions group");
            shell.expect("ExperimenterGroup:0");
            shell.expect(prompt);
            shell.send("quit");
            assert_eq!(shell.finish().code, 0);
        }
    }
}
