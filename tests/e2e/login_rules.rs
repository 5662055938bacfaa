//! Which session a login gets: the decision table, one case after the other.

use std::{thread, time::Duration};

use omero_tests::{
    output::Output,
    server::{Config, Transport},
};

use crate::stage::{SERVER, Stage, seed_people};

/// The report line: `Using`, `Reconnected to`, `Joined` or `Created`, and the key after it.
#[track_caller]
fn report(output: &Output) -> (String, String) {
    let line = output
        .stderr
        .lines()
        .find(|line| line.contains(" session ") && line.contains("). "));
    let Some((action, rest)) = line.and_then(|line| line.split_once(" session ")) else {
        panic!("no report: {output:?}")
    };
    (action.to_owned(), rest[..36].to_owned())
}

/// Checks that the command succeeded with this session.
#[track_caller]
pub fn expect(output: &Output, action: &str, key: &str) {
    let report = (output.code, report(output));
    assert_eq!(
        report,
        (0, (action.to_owned(), key.to_owned())),
        "{output:?}"
    );
}

/// A new session other than those known.
#[track_caller]
fn expect_created(output: &Output, known: &[&str]) -> String {
    let (action, key) = report(output);
    assert_eq!((output.code, action.as_str()), (0, "Created"), "{output:?}");
    assert!(!known.contains(&key.as_str()), "{output:?}");
    key
}

#[test]
fn the_current_session_is_used_again() {
    let mut stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.key();
    let logins = stage.server.events().logins.len();
    stage.sandbox.set("OMERO_PASSWORD", "wrong");
    for line in [
        "login",
        "login servername",
        "login root@servername",
        "-u root sessions login -s servername",
        "login root@servername:4064",
        // What only a new session needs is ignored.
        "login root@servername -w wrong -t 5 --retry 9 --sudo nobody",
        "sessions who",
        "group list",
        "sessions group",
    ] {
        let output = stage.run(line);
        expect(&output, "Using", &key);
        assert!(!output.stdout.contains("Previous"), "{line}: {output:?}");
    }
    let joins = &stage.server.events().logins[logins..];
    assert!(
        joins
            .iter()
            .all(|join| join.user == key && join.session.is_some())
    );
    assert_eq!(stage.server.sessions()[&key].time_to_idle, 600_000);
}

#[test]
fn the_file_of_a_new_session_holds_what_was_asked_for() {
    let stage = Stage::with(seed_people());
    let line = "login username@servername:4064 -g groupname -t 120 --sudo owner -w ownersecret";
    let key = expect_created(&stage.run(line), &[]);
    let files = stage.stored();
    let host = &stage.host;
    let file = &files[&format!("{host}/username/{key}")];
    let expected = format!(
        "omero.group=groupname\nomero.host={host}\nomero.user=username\nomero.port=4064\n\
         omero.timeout=120\nomero.sess={key}\nomero.sudo=owner\n"
    );
    assert_eq!(*file, expected);
    assert_eq!(files["._LASTHOST_"], *host);
    assert_eq!(files["._LASTPORT_"], "4064");
    assert_eq!(files[&format!("{host}/._LASTUSER_")], "username");
    assert_eq!(files[&format!("{host}/username/._LASTSESS_")], key);
    assert_eq!(files.len(), 5, "{files:?}");
    // The session of the one who has the rights is over.
    let sessions = stage.server.sessions();
    assert_eq!(sessions.keys().collect::<Vec<_>>(), [&key]);
    assert_eq!(sessions[&key].time_to_idle, 120_000);
}

#[test]
fn another_user_leads_to_another_session_and_back() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let root = stage.key();
    let output = stage.run("login test@servername -w pw");
    let test = expect_created(&output, &[&root]);
    assert_eq!(stage.key(), test);
    expect(&stage.run("login root@servername"), "Reconnected to", &root);
    assert_eq!(stage.key(), root);
    // A command that needs a session follows the same rules.
    expect(
        &stage.run("group list -u test -s servername"),
        "Reconnected to",
        &test,
    );
    assert_eq!(stage.key(), test);
    // A user who is only the beginning of another one, or spelt otherwise, is somebody else.
    for user in ["roo", "ROOT"] {
        let output = stage
            .run(&format!("login {user}@servername -w x"))
            .expect_code(44);
        assert!(!output.stderr.contains("Reconnected"), "{output:?}");
    }
}

#[test]
fn the_newest_stored_session_that_lives_is_taken() {
    let stage = Stage::new();
    let mut keys = Vec::new();
    for _ in 0..3 {
        keys.push(expect_created(
            &stage.run("login -C root@servername -w omero"),
            &[],
        ));
        thread::sleep(Duration::from_millis(20));
    }
    stage.log_in("test", "pw");
    stage.server.end_session(&keys[2]);
    expect(
        &stage.run("login root@servername"),
        "Reconnected to",
        &keys[1],
    );
    let stored = stage.stored();
    let is_stored = |key: &str| stored.contains_key(&format!("{}/root/{key}", stage.host));
    assert_eq!(
        keys.iter().map(|key| is_stored(key)).collect::<Vec<_>>(),
        [true, true, false]
    );
}

#[test]
fn create_makes_a_new_session_without_a_word_about_the_old_one() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let first = stage.key();
    for line in [
        "login -C root@servername -w omero",
        "-C login root@servername -w omero",
    ] {
        let output = stage.run(line);
        assert_eq!(output.stdout, "");
        let second = expect_created(&output, &[&first]);
        assert_eq!(stage.key(), second);
        assert_eq!(output.stderr_as_omero_py().lines().count(), 1, "{output:?}");
    }
    assert_eq!(stage.server.sessions().len(), 3);
}

#[test]
fn a_group_that_differs_is_a_conflict() {
    let mut stage = Stage::new();
    stage.log_in("testuser", "pasw");
    let plain = stage.key();
    // Nothing is stored: any group differs. (stored, wanted) = (-, g)
    let output = stage.run("login testuser@servername -g my_group -w pasw");
    let in_group = expect_created(&output, &[&plain]);
    let previously = format!("Previously logged in to {SERVER}:4064 as testuser\n");
    assert_eq!(stage.show(&output.stdout), previously);
    let skipped = format!(
        "Skipped session {}… due to property conflicts: omero.group: None!=my_group",
        &plain[..8]
    );
    assert!(output.stderr.contains(&skipped), "{output:?}");
    assert!(
        output
            .stderr
            .trim_end()
            .ends_with("Current group: my_group"),
        "{output:?}"
    );
    // A current session in a group fits one who wants that group, or no group at all.
    expect(&stage.run("login -g my_group"), "Using", &in_group);
    expect(&stage.run("login"), "Using", &in_group);
    // (g, h): another group again, and names are names even if they are digits.
    let output = stage
        .run("login testuser@servername -g 5 -w pasw")
        .expect_code(44);
    assert!(
        output.stderr.contains("omero.group: my_group!=5"),
        "{output:?}"
    );
    let output = stage.run("login testuser@servername -g read-annotate-2 -w pasw");
    let third = expect_created(&output, &[&plain, &in_group]);
    // Not the current one: a stored group differs from no wish. (g, -)
    stage.log_in("root", "omero");
    let output = stage.run("login testuser@servername");
    expect(&output, "Reconnected to", &plain);
    for conflict in [
        "omero.group: my_group!=None",
        "omero.group: read-annotate-2!=None",
    ] {
        assert!(output.stderr.contains(conflict), "{output:?}");
    }
    expect(
        &stage.run("login testuser@servername -g read-annotate-2"),
        "Reconnected to",
        &third,
    );
}

#[test]
fn a_port_that_differs_is_another_server() {
    let ports = [(Transport::Ssl, 4064), (Transport::Ssl, 14064)];
    let stage = Stage::listening(Config::standard(), &ports);
    stage.log_in("root", "omero");
    let default = stage.key();
    // The last port is compared as text; then 4064 and nothing are the same.
    expect(&stage.run("login root@servername:4064"), "Using", &default);
    let output = stage.run("login root@servername:14064 -w omero");
    assert!(!output.stderr.contains("Skipped"), "{output:?}");
    let other = expect_created(&output, &[&default]);
    expect(&stage.run("login root@servername"), "Using", &other);
    expect(&stage.run("login -p 14064"), "Using", &other);
    expect(
        &stage.run("login root@servername -p 4064"),
        "Reconnected to",
        &default,
    );
    expect(
        &stage.run("login root@servername:14064"),
        "Reconnected to",
        &other,
    );
    // Not what is in the file, but the same place: another text is another port.
    let output = stage.run("login root@servername:04064 -w omero");
    expect_created(&output, &[&default, &other]);
    // A stored 4064 fits no port.
    assert_eq!(
        stage.run("sessions clear").success(),
        "3 session(s) cleared\n"
    );
    let output = stage.run("login root@servername:4064 -w omero");
    let explicit = expect_created(&output, &[]);
    stage.log_in("test", "pw");
    expect(
        &stage.run("login root@servername"),
        "Reconnected to",
        &explicit,
    );
    // Known by its key, a session wants its own port.
    expect(
        &stage.run(&format!("login servername -k {explicit}")),
        "Joined",
        &explicit,
    );
    let output = stage.run(&format!("login servername:14064 -k {explicit}"));
    let output = output.expect_code(11);
    assert!(output.stderr.contains(":14064."), "{output:?}");
    let kept = format!("{}/root/{explicit}", stage.host);
    assert!(stage.stored().contains_key(&kept));
}

#[test]
fn an_ended_session_is_said_to_have_expired() {
    let mut stage = Stage::new();
    for quiet in ["", " -q"] {
        stage.log_in("root", "omero");
        let key = stage.key();
        stage.server.end_session(&key);
        let output = stage.run(&format!("login root@servername -w omero{quiet}"));
        let output = output.expect_code(0);
        let expired = format!("Previous session expired for root on {SERVER}:4064\n");
        assert_eq!(stage.show(&output.stdout), expired);
        assert_ne!(stage.key(), key);
        assert!(
            !stage
                .stored()
                .contains_key(&format!("{}/root/{key}", stage.host))
        );
        stage.run("logout").success();
    }
    // An idle one is as dead as one that was ended; a pointer to a missing file, too.
    stage.log_in("root", "omero");
    stage.server.advance(Duration::from_secs(601));
    let output = stage.run("sessions who").expect_code(52);
    assert!(
        output.stdout.starts_with("Previous session expired"),
        "{output:?}"
    );
    stage.log_in("root", "omero");
    std::fs::remove_file(stage.run("sessions file").success().trim()).unwrap();
    let output = stage.run("login -w omero root@servername");
    assert!(
        output.stdout.starts_with("Previous session expired"),
        "{output:?}"
    );
    expect_created(&output, &[]);
}

#[test]
fn quiet_hides_what_only_informs() {
    let mut stage = Stage::new();
    for line in [
        "login -q root@servername -w omero",
        "login -q",
        "-q login root@servername -g system -w omero",
        "sessions login -q -C root@servername -w omero",
        "-q sessions group",
    ] {
        let output = stage.run(line).expect_code(0);
        assert_eq!(output.stderr, "", "{line}");
        let result = if line.ends_with("group") {
            "ExperimenterGroup:0\n"
        } else {
            ""
        };
        assert_eq!(output.stdout, result, "{line}");
    }
    let output = stage.run(&format!(
        "login -q servername -u x -g y -w z -k {}",
        stage.key()
    ));
    assert_eq!(
        (output.code, output.stdout.as_str(), output.stderr.as_str()),
        (0, "", "")
    );
    stage.stop_server();
    assert!(
        !stage
            .run("login -q -C root@servername -w omero")
            .expect_code(42)
            .stderr
            .is_empty()
    );
}
