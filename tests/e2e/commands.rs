//! The commands that look at sessions: idle time, users.

use omero_tests::server::{Config, Fault, PresetSession, Thrown};

use crate::stage::Stage;

#[test]
fn timeout_shows_and_sets_the_idle_time() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.key();
    let idle = |key: &str| stage.server.sessions()[key].time_to_idle;
    assert_eq!(stage.run("sessions timeout").success(), "600.0\n");
    assert_eq!(stage.run("sessions timeout 90").success(), "");
    assert_eq!(idle(&key), 90_000);
    assert_eq!(stage.run("sessions timeout").success(), "90.0\n");
    stage.log_in("test", "pw");
    assert_eq!(
        stage
            .run(&format!(
                "-u root -s servername sessions timeout 0 --session {key}"
            ))
            .success(),
        ""
    );
    assert_eq!(idle(&key), 0);
    assert_eq!(
        stage
            .run(&format!("sessions timeout --session={key}"))
            .success(),
        "0.0\n"
    );
    // Any number is for the server to judge, also one that looks like an option.
    assert_eq!(stage.run("sessions timeout -5").success(), "");
    assert_eq!(idle(&key), -5000);
    for line in [
        "sessions timeout soon",
        "sessions timeout 1.5",
        "sessions timeout 1 2",
    ] {
        assert_eq!(stage.run(line).code, 2, "{line}");
    }
}

#[test]
fn timeout_says_why_it_fails() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for line in [
        "sessions timeout --session no-such",
        "sessions timeout 5 --session no-such",
    ] {
        let output = stage.run(&format!("{line} -h")).expect_code(0);
        assert!(output.stdout.contains("--session"), "{output:?}");
        let output = stage.run(line).expect_code(45);
        assert!(
            output.stderr.contains("cannot get session: no-such\n"),
            "{output:?}"
        );
    }
    // The server lets administrators alone switch the limit off.
    stage.log_in("test", "pw");
    let output = stage.run("sessions timeout 0").expect_code(46);
    assert!(
        output.stderr.contains("CmdError: non-admin-disabling\n"),
        "{output:?}"
    );
    stage.server.fail_commands(Some("update-failed"));
    let output = stage.run("sessions timeout 5").expect_code(46);
    assert!(
        output.stderr.contains("CmdError: update-failed\n"),
        "{output:?}"
    );
    stage.server.fail_commands(None);
    stage.server.delay_commands(u32::MAX);
    let output = stage.run("sessions timeout 5").expect_code(47);
    let text = format!("cannot update timeout for {}\n", stage.key());
    assert!(output.stderr.contains(&text), "{output:?}");
}

/// A server where testuser hides, and test has a session with columns of its own.
fn with_others() -> Stage {
    let mut config = Config::standard();
    config.report_activity = false;
    config.start_time = Some(1_353_682_525_000);
    let (one, two) = (
        "11111111-1111-1111-1111-111111111111",
        "22222222-2222-2222-2222-222222222222",
    );
    let mut hidden = PresetSession::new(one, "testuser", "mygroup");
    hidden.hidden = true;
    let mut old = PresetSession::new(two, "test", "my_group");
    old.agent = None;
    old.time_to_idle = 0;
    for (key, value) in [("seenTime", "1353682525000"), ("note", "a note")] {
        old.data.insert(key.to_owned(), value.to_owned());
    }
    config.sessions = vec![hidden, old];
    let stage = Stage::with(config);
    stage.log_in("root", "omero");
    stage
}

#[test]
fn who_lists_the_users_that_are_logged_in() {
    let stage = with_others();
    let table = stage.run("sessions who").success();
    let cells = |line| str::split(line, '|').map(str::trim).collect();
    let lines = table.lines().filter(|line| line.contains('|'));
    let mut rows: Vec<Vec<&str>> = lines.map(cells).collect();
    rows[1..].sort();
    let now = "2012-11-23 14:55:25";
    let own = format!("{now} (*)");
    assert_eq!(
        rows,
        [
            [
                "name",
                "group",
                "logged in",
                "agent",
                "timeout",
                "note",
                "seenTime"
            ],
            [
                "root",
                "system",
                &own,
                "OMERO.sessions",
                "10 min.",
                "---",
                "---"
            ],
            ["test", "my_group", now, "None", "", "a note", now],
            ["testuser", "mygroup", "---", "---", "---", "---", "---"],
        ]
    );
    assert!(table.ends_with("(3 rows)\n"), "{table}");
    assert!(!table.contains("2222-2222"), "{table}");
}

#[test]
fn who_shows_the_keys_that_one_may_see() {
    let stage = with_others();
    let table = stage.run("sessions who --show-uuid").success();
    let header = table.lines().next().unwrap().split('|').map(str::trim);
    assert_eq!(header.collect::<Vec<_>>()[5], "uuid");
    assert!(
        table.contains(" 22222222-2222-2222-2222-222222222222 "),
        "{table}"
    );
    assert!(
        table.contains(&stage.key()) && !table.contains("1111-1111"),
        "{table}"
    );
    let json = stage.run("sessions who --style json").success();
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3);
}

#[test]
fn who_says_why_it_fails() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    stage.server.fail_commands(Some("no-luck"));
    let output = stage.run("sessions who").expect_code(48);
    assert!(output.stderr.contains("CmdError: no-luck\n"), "{output:?}");
    stage.server.fail_commands(None);
    stage.server.delay_commands(u32::MAX);
    let output = stage.run("sessions who").expect_code(51);
    assert!(
        output
            .stderr
            .contains("LockTimeout: operation took too long\n"),
        "{output:?}"
    );
    stage.server.delay_commands(0);
    stage
        .server
        .faults()
        .on("submit", Fault::Raise(Thrown::security("not for you")));
    let output = stage.run("sessions who").expect_code(50);
    assert!(output.stderr.contains("ClientError: "), "{output:?}");
    stage
        .server
        .withdraw_command("::omero::cmd::CurrentSessionsRequest");
    let output = stage.run("sessions who").expect_code(49);
    assert!(
        output
            .stderr
            .contains("Operation unsupported. Server version: 5.6.17-1\n"),
        "{output:?}"
    );
    assert_eq!(output.stdout, "");
}
