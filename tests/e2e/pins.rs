//! Where certificates are remembered, and what is said where they cannot be.

use std::{fs, process::Command};

use omero_tests::{
    machine::{is_root, set_mode, strace_is_there},
    output::Output,
    sandbox::wrap,
    server::Config,
};

use crate::{
    person::{Person, output},
    stage::Stage,
};

const LOGIN: &str = "login root@servername -w omero";
const CHANGED: &str = "has changed and nothing was sent";
const UNSAVED: &str = "cannot be remembered, so another server in its place would not be noticed";

/// Another server takes the name and port of the first.
fn change_server(stage: &mut Stage) {
    stage.stop_server();
    stage.start_server(Config::standard());
}

/// A user whose home cannot be entered, and whose sessions are elsewhere.
fn without_home() -> (Stage, Person) {
    let mut stage = Stage::new();
    let person = Person::new(&mut stage.sandbox);
    let (home, sessions) = (
        stage.sandbox.path("closed-home"),
        stage.sandbox.path("sessions"),
    );
    person.closed(&home);
    fs::create_dir(&sessions).unwrap();
    person.own(&sessions);
    stage.sandbox.set("HOME", home);
    stage.sandbox.set("OMERO_SESSIONDIR", sessions);
    (stage, person)
}

#[test]
fn a_pin_is_kept_beside_the_sessions_when_the_home_cannot_be_entered() {
    let (mut stage, person) = without_home();
    let first = person.run(&stage, LOGIN).expect_code(0);
    assert!(
        first.stderr.contains(
            "it is remembered in {S}/._KNOWN_SERVERS_, because "
                .replace("{S}", &stage.sandbox.path("sessions").display().to_string())
                .as_str()
        ),
        "{first:?}"
    );
    for line in ["login -C root@servername -w omero", "sessions list"] {
        let again = person.run(&stage, line).expect_code(0);
        assert!(!again.stderr.contains("first use"), "{again:?}");
    }
    let listed = person.run(&stage, "sessions server list").success();
    assert!(listed.contains(&stage.server.fingerprint()), "{listed}");
    change_server(&mut stage);
    for line in [LOGIN, "login -q -C root@servername -w omero", "hql -q x"] {
        let refused = person.run(&stage, line).expect_code(44);
        assert!(refused.stderr.contains(CHANGED), "{line}: {refused:?}");
    }
    assert_eq!(stage.server.events().logins, []);
    // The new certificate is accepted where the old one was.
    let accept = format!(
        "sessions server accept servername {}",
        stage.server.fingerprint()
    );
    let accepted = person.run(&stage, &accept).expect_code(0);
    assert!(accepted.stderr.contains("._KNOWN_SERVERS_"), "{accepted:?}");
    person.run(&stage, LOGIN).expect_code(0).and_no_more();
    person
        .run(&stage, "sessions server remove servername")
        .success();
    let login = person.run(&stage, "login -C root@servername -w omero");
    assert!(login.stderr.contains("trusted on first use"), "{login:?}");
    set_mode(&stage.sandbox.path("closed-home"), 0o755);
}

#[test]
fn a_read_only_user_directory_keeps_its_pins_and_new_ones_are_kept_beside_the_sessions() {
    if !is_root() {
        return;
    }
    let mut stage = Stage::new();
    let person = Person::new(&mut stage.sandbox);
    person.run(&stage, LOGIN).expect_code(0).and_no_more();
    let omero = stage.sandbox.path("home/omero");
    let sessions = stage.sandbox.path("sessions");
    fs::create_dir(&sessions).unwrap();
    person.own(&sessions);
    stage.sandbox.set("OMERO_SESSIONDIR", &sessions);
    set_mode(&omero, 0o555);
    // The pin in the user directory decides, whatever the session directory is.
    change_server(&mut stage);
    let refused = person.run(&stage, LOGIN).expect_code(44);
    assert!(refused.stderr.contains(CHANGED), "{refused:?}");
    // An entry beside the sessions would be of no use: the first file decides.
    let accept = format!(
        "sessions server accept servername {}",
        stage.server.fingerprint()
    );
    let output = person.run(&stage, &accept).expect_code(1);
    assert!(
        output.stderr.contains("home/omero/known_servers.yaml"),
        "{output:?}"
    );
    set_mode(&omero, 0o755);
    person.run(&stage, &accept).success();
    person.run(&stage, LOGIN).expect_code(0).and_no_more();
}

/// Both places refuse a lock file: something else has its name.
fn nowhere(stage: &mut Stage) {
    for lock in [
        "home/omero/.known_servers.lock",
        "home/omero/sessions/._KNOWN_SERVERS_LOCK_",
    ] {
        fs::create_dir_all(stage.sandbox.path(lock)).unwrap();
    }
    for directory in ["home/omero", "home/omero/sessions"] {
        set_mode(&stage.sandbox.path(directory), 0o700);
    }
}

#[test]
fn a_pin_that_can_be_kept_nowhere_is_said_at_each_connection_also_quietly() {
    let mut stage = Stage::new();
    nowhere(&mut stage);
    for line in [
        LOGIN,
        "login -q",
        "sessions list",
        "-q hql -q x",
        "login -q -C root@servername -w omero",
    ] {
        let output = stage.run(line);
        let said = output.stderr.matches(UNSAVED).count();
        assert_eq!(said, 1, "{line}: {output:?}");
        assert!(
            output.stderr.contains("OMERO_USERDIR or OMERO_SESSIONDIR"),
            "{output:?}"
        );
    }
    // A certificate authority needs no memory.
    stage.sandbox.set("OMERO_TLS_VERIFY", "off");
    let output = stage.run(LOGIN).expect_code(0);
    assert!(!output.stderr.contains(UNSAVED), "{output:?}");
}

#[test]
fn a_script_says_at_each_connection_that_the_pin_can_be_kept_nowhere() {
    let mut stage = Stage::new();
    nowhere(&mut stage);
    let script = format!("{LOGIN}\nlogout\n{LOGIN}\n");
    let script = script.replace("servername", &stage.host);
    let output = stage
        .sandbox
        .run_with_input(["load"], &script)
        .expect_code(0);
    assert_eq!(
        output.stderr.matches(UNSAVED).count(),
        2,
        "each connection: {output:?}"
    );
}

#[test]
fn what_is_in_the_place_of_the_pins_is_never_taken_for_no_pins() {
    let stage = Stage::new();
    stage.run(LOGIN).expect_code(0).and_no_more();
    let pins = stage.sandbox.path("home/omero/known_servers.yaml");
    let text = fs::read(&pins).unwrap();
    let fresh = || {
        let _ = fs::remove_dir(&pins);
        let _ = fs::remove_file(&pins);
    };
    let refused = |words: &str| {
        let output = stage
            .run("login -C root@servername -w omero")
            .expect_code(44);
        assert!(output.stderr.contains(words), "{output:?}");
        assert!(output.stderr.contains("known_servers.yaml"), "{output:?}");
    };
    fresh();
    let fifo = Command::new("mkfifo").arg(&pins).status().unwrap();
    assert!(fifo.success());
    refused("it is not a file");
    fresh();
    fs::create_dir(&pins).unwrap();
    refused("it is not a file");
    fresh();
    std::os::unix::fs::symlink("nowhere", &pins).unwrap();
    refused("it is a link to a file that does not exist");
    fresh();
    fs::write(&pins, &text).unwrap();
    for (mode, who) in [(0o602, "every user"), (0o666, "every user")] {
        set_mode(&pins, mode);
        refused(who);
    }
    set_mode(&pins, 0o600);
    if is_root() {
        std::os::unix::fs::chown(&pins, Some(0), Some(12345)).unwrap();
        set_mode(&pins, 0o660);
        refused("the members of its group can write it");
        set_mode(&pins, 0o600);
        std::os::unix::fs::chown(&pins, Some(12345), None).unwrap();
        refused("it belongs to another user (uid 12345)");
        std::os::unix::fs::chown(&pins, Some(0), Some(0)).unwrap();
    }
    stage
        .run("login -C root@servername -w omero")
        .expect_code(0)
        .and_no_more();
    // A directory that others may write: the pins can be removed, which is said.
    set_mode(&stage.sandbox.path("home/omero"), 0o777);
    let output = stage
        .run("login -q -C root@servername -w omero")
        .expect_code(0);
    assert!(
        output
            .stderr
            .contains("can remove the servers that are remembered"),
        "{output:?}"
    );
    assert!(output.stderr.contains("chmod go-w"), "{output:?}");
}

/// Runs a command line while `flock` fails with an error.
fn without_locks(stage: &Stage, error: &str, line: &str) -> Output {
    let run = stage.sandbox.command(stage.arguments(line));
    let mut strace = Command::new("strace");
    let inject = format!("inject=flock:error={error}");
    strace.args([
        "-f",
        "-qq",
        "-e",
        "trace=flock",
        "-e",
        &inject,
        "-o",
        "/dev/null",
    ]);
    wrap(&mut strace, &run);
    output(strace)
}

#[test]
fn store_and_pins_work_on_a_file_system_without_locks() {
    if !strace_is_there() {
        return;
    }
    for error in ["ENOLCK", "EINVAL", "EOPNOTSUPP", "ENOSYS"] {
        let mut stage = Stage::new();
        let first = without_locks(&stage, error, LOGIN).expect_code(0);
        assert!(
            first.stderr.contains("trusted on first use"),
            "{error}: {first:?}"
        );
        assert!(
            !first.stderr.contains("cannot be remembered"),
            "{error}: {first:?}"
        );
        assert!(
            first.stderr.contains("has no locks; a lock file is used"),
            "{error}: {first:?}"
        );
        for line in ["login", "sessions key", "sessions list", "sessions file"] {
            let output = without_locks(&stage, error, line).expect_code(0);
            assert!(
                !output.stderr.contains("first use"),
                "{error} {line}: {output:?}"
            );
        }
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let line = "login -C root@servername -w omero";
                scope.spawn(|| {
                    without_locks(&stage, error, line)
                        .expect_code(0)
                        .and_no_more()
                });
            }
        });
        let left: Vec<_> = stage
            .stored()
            .into_keys()
            .filter(|name| name.contains("held"))
            .collect();
        assert_eq!(left, Vec::<String>::new(), "{error}");
        without_locks(&stage, error, "logout")
            .expect_code(0)
            .and_no_more();
        without_locks(&stage, error, "config set report without-key").success();
        change_server(&mut stage);
        let refused = without_locks(&stage, error, LOGIN).expect_code(44);
        assert!(refused.stderr.contains(CHANGED), "{error}: {refused:?}");
        assert_eq!(stage.server.events().logins, [], "{error}");
    }
}
