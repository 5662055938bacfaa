//! Joining a session by its key.

use crate::{login_rules::expect, stage::Stage};

#[test]
fn a_key_of_the_store_becomes_current_and_a_foreign_one_does_not() {
    let mut stage = Stage::new();
    stage.log_in("test", "pw");
    let test = stage.key();
    stage.log_in("root", "omero");
    let root = stage.key();
    let output = stage.run(&format!(
        "login servername -k {test} -u somebody -g some -w thing"
    ));
    expect(&output, "Joined", &test);
    assert_eq!(stage.key(), test);
    let ignored = "Overriding name since session key set\nIgnoring group since session key set\n\
                   Ignoring password since session key set\nJoined session";
    assert!(
        output.stderr_as_omero_py().starts_with(ignored),
        "{output:?}"
    );

    // A session that was made elsewhere: it is stored, as it is, and nothing else changes.
    let home = stage.sandbox.path("elsewhere");
    stage.sandbox.set("OMERO_SESSIONDIR", &home);
    stage.log_in("testuser", "pasw");
    let foreign = stage.key();
    stage.sandbox.unset("OMERO_SESSIONDIR");
    let output = stage.run(&format!("login servername -k {foreign} -g my_group"));
    expect(&output, "Joined", &foreign);
    assert_eq!(stage.key(), test);
    let file = &stage.stored()[&format!("{}/testuser/{foreign}", stage.host)];
    assert!(!file.contains("omero.group"), "{file}");
    // Now it is a stored one.
    expect(
        &stage.run(&format!("login servername -k {foreign}")),
        "Joined",
        &foreign,
    );
    assert_eq!(stage.key(), foreign);
    let listing = stage.run("sessions list").success();
    for key in [&root, &test, &foreign] {
        assert!(listing.contains(key.as_str()), "{listing}");
    }
}

#[test]
fn a_key_that_the_server_does_not_know_any_more_is_forgotten() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.key();
    stage.server.end_session(&key);
    // A password does not help: one who gives a key wants that session.
    let output = stage.run(&format!("login servername -k {key} -w omero"));
    let output = output.expect_code(11);
    assert!(
        output.stderr.contains("Bad session key. Cannot join "),
        "{output:?}"
    );
    let left = stage.stored();
    assert!(left.keys().all(|path| !path.ends_with(&key)), "{left:?}");
    assert_eq!(stage.run("sessions key").success(), "");
}

#[test]
fn a_key_of_two_users_is_not_guessed() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.key();
    let root = format!("home/omero/sessions/{}/root/{key}", stage.host);
    let test = format!("home/omero/sessions/{}/test/{key}", stage.host);
    stage.sandbox.write(&test, stage.sandbox.read(&root));
    let output = stage
        .run(&format!("login servername -k {key}"))
        .expect_code(1);
    let text = "Several users have this session key: root, test\n";
    assert_eq!(output.stderr_as_omero_py(), text, "{output:?}");
}
