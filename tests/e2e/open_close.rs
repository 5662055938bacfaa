//! The commands that open and close sessions of others, and that switch groups.

use omero_tests::server::{Config, Fault, Thrown};

use crate::stage::Stage;

#[test]
fn administrators_open_sessions_for_others() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let output = stage.run("sessions open --user-name test --group-name my_group --timeout 90");
    let output = output.expect_code(0);
    let key = output.stdout.trim().to_owned();
    let text =
        "Session created for user test in group my_group (timeToIdle: 600 sec, timeToLive: 90 sec)";
    assert!(output.stderr.contains(text), "{output:?}");
    let session = stage.server.sessions()[&key].clone();
    assert_eq!(
        (session.owner, session.group, session.time_to_live),
        (2, 5, 90_000)
    );
    // It is not stored, and can be joined.
    assert!(stage.stored().keys().all(|path| !path.ends_with(&key)));
    assert_ne!(stage.key(), key);
    let output = stage
        .run(&format!("login servername -k {key}"))
        .expect_code(0);
    assert!(
        output
            .stderr
            .contains(&format!("Joined session {key} (test@")),
        "{output:?}"
    );
    assert!(
        output.stderr.contains(" Expires in 1.5 min. "),
        "{output:?}"
    );
    let output = stage.run("sessions open --user-id 3").expect_code(0);
    assert!(
        output
            .stderr
            .contains("Session created for user testuser (timeToIdle: 600 sec, timeToLive: 0 sec)"),
        "{output:?}"
    );
}

#[test]
fn sessions_are_opened_for_people_and_groups_that_exist() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for (line, code, text) in [
        (
            "--user-name nobody",
            156,
            "Unknown user: nobody\nNo user found\n",
        ),
        ("--user-id 99", 156, "Unknown user: 99\nNo user found\n"),
        (
            "--user-id x",
            156,
            "Not a valid user ID: x\nNo user found\n",
        ),
        (
            "--user-name test --group-name nosuch",
            247,
            "Unknown group: nosuch\n",
        ),
        ("--user-name test --group-id 99", 247, "Unknown group: 99\n"),
        (
            "--user-name test --group-id abc",
            247,
            "Not a valid group ID: abc\n",
        ),
        ("", 2, ""),
        ("--user-name test --user-id 2", 2, ""),
        ("--user-name test --group-id 3 --group-name my_group", 2, ""),
    ] {
        let output = stage
            .run(&format!("sessions open {line}"))
            .expect_code(code);
        assert!(
            output.stderr_as_omero_py().contains(text),
            "{line}: {output:?}"
        );
        assert_eq!(output.stdout, "", "{line}");
    }
}

#[test]
fn others_may_not_open_sessions() {
    let mut config = Config::standard();
    config.groups[0].members.push(2);
    config.users[2].restricted_to = Some(vec!["Chown".to_owned()]);
    let stage = Stage::with(config);
    stage.log_in("testuser", "pasw");
    let output = stage.run("sessions open --user-name test").expect_code(111);
    assert!(
        output.stderr.ends_with("SecurityViolation: Admins only!\n"),
        "{output:?}"
    );
    stage.log_in("test", "pw");
    let output = stage
        .run("sessions open --user-name testuser")
        .expect_code(111);
    assert!(
        output
            .stderr
            .ends_with("SecurityViolation: Admin restrictions: Sudo\n"),
        "{output:?}"
    );
}

#[test]
fn close_ends_a_session_on_the_server_only() {
    let stage = Stage::new();
    stage.log_in("test", "pw");
    let test = stage.key();
    stage.log_in("root", "omero");
    let file = format!("{}/test/{test}", stage.host);
    let output = stage.run(&format!("sessions close {test}")).expect_code(0);
    assert_eq!(output.stdout, format!("Session {test} closed.\n"));
    assert!(!stage.server.sessions().contains_key(&test));
    assert!(stage.stored().contains_key(&file));
    for line in [
        "sessions close",
        &format!("sessions close {test}"),
        "sessions close x/y",
    ] {
        let output = stage.run(line).expect_code(0);
        assert_eq!(output.stdout, "", "{line}");
        assert!(
            output
                .stderr
                .ends_with("No session with the given ID found.\n"),
            "{output:?}"
        );
    }
    // One that cannot be asked for is not the same as one that is not there.
    stage.server.faults().on_every(
        "getSession",
        Fault::Raise(Thrown::server("InternalException", "sick")),
    );
    assert_ne!(stage.run(&format!("sessions close {test}")).code, 0);
}

#[test]
fn group_switches_are_refused_with_their_codes() {
    let stage = Stage::new();
    stage.log_in("test", "pw");
    for target in ["nosuch", "99"] {
        let output = stage
            .run(&format!("sessions group {target}"))
            .expect_code(247);
        let text = format!("Unknown group: {target}\n");
        assert!(output.stderr_as_omero_py().ends_with(&text), "{output:?}");
    }
    let output = stage.run("sessions group mygroup").expect_code(52);
    assert!(
        output.stderr.contains("\nSecurityViolation: "),
        "{output:?}"
    );
    assert_eq!(
        stage.run("sessions group").success(),
        "ExperimenterGroup:3\n"
    );
    // With -q a switch to the active group is made again, and said.
    let output = stage.run("-q sessions group 3").expect_code(0);
    let text = "Group 'read-annotate-2' (id=3) switched to 'read-annotate-2' (id=3)\n";
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), (text, ""));
}
