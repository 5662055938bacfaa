//! How a new session comes about: prompts and their defaults, idle time, `--sudo`, `--retry`.

use std::{
    io::{BufRead, BufReader, Read},
    thread,
    time::{Duration, Instant},
};

use omero_tests::server::Config;

use crate::stage::{Stage, seed_people};

#[test]
fn what_is_typed_at_the_server_prompt_replaces_host_user_and_port() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    stage.run("logout").success();
    let mut terminal = stage.terminal("login -p 1 -u nobody");
    terminal.expect(&format!("Server: [{}:1]", stage.host));
    terminal.send(&format!("test@{}", stage.host));
    terminal.expect("Password:");
    terminal.secret("pw");
    terminal.expect(&format!("(test@{}:4064)", stage.host));
    assert_eq!(terminal.finish().code, 0);
    let file = std::fs::read_to_string(stage.run("sessions file").success().trim()).unwrap();
    assert!(!file.contains("omero.port"), "{file}");
}

#[test]
fn enter_at_the_server_prompt_takes_host_and_port_as_given() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    stage.run("logout").success();
    let mut terminal = stage.terminal("login -u test");
    terminal.expect(&format!("Server: [{}:4064]", stage.host));
    terminal.send("");
    terminal.expect("Password:");
    terminal.secret("pw");
    assert_eq!(terminal.finish().code, 0);
    let file = std::fs::read_to_string(stage.run("sessions file").success().trim()).unwrap();
    assert!(file.contains("\nomero.port=4064\n"), "{file}");
}

#[test]
fn the_user_prompt_proposes_the_last_user_or_the_local_one() {
    let mut stage = Stage::new();
    stage.sandbox.unset("LOGNAME");
    for (variable, name) in [
        ("USERNAME", "third"),
        ("LNAME", "second"),
        ("USER", "first"),
    ] {
        stage.sandbox.set(variable, name);
        let mut terminal = stage.terminal("login servername");
        terminal.expect(&format!("Username: [{name}]"));
        terminal.interrupt();
        assert_eq!(terminal.finish().code, 1);
    }
    stage.log_in("test", "pw");
    stage.run("logout").success();
    let mut terminal = stage.terminal("login servername");
    terminal.expect("Username: [test]");
    terminal.send("root");
    terminal.expect("Password:");
    while terminal.echoes() {
        thread::yield_now();
    }
    terminal.end_of_input();
    assert_eq!(terminal.finish().code, 1);
}

#[test]
fn the_idle_time_that_was_asked_for_is_asked_for_again() {
    let stage = Stage::new();
    let output = stage
        .run("login root@servername -w omero -t 90")
        .expect_code(0);
    assert!(
        output.stderr.contains(" Idle timeout: 1.5 min."),
        "{output:?}"
    );
    let key = stage.key();
    let idle = || stage.server.sessions()[&key].time_to_idle;
    assert_eq!(idle(), 90_000);
    assert_eq!(stage.run("sessions timeout").success(), "90.0\n");
    stage.run("sessions timeout 300").success();
    assert_eq!(idle(), 300_000);
    assert!(stage.run("login").stderr.contains("Using session"));
    assert_eq!(idle(), 90_000);
}

#[test]
fn an_idle_time_that_the_server_refuses_leaves_its_own() {
    let stage = Stage::new();
    stage.server.fail_commands(Some("not-today"));
    let output = stage
        .run("login test@servername -w pw -t 90")
        .expect_code(0);
    assert!(
        output
            .stderr
            .contains("omero: warning: the server keeps its own idle time"),
        "{output:?}"
    );
    assert!(
        output.stderr.contains(" Idle timeout: 10.0 min."),
        "{output:?}"
    );
    for (text, code) in [
        ("-t abc", 2),
        ("-t 1.5", 2),
        ("-t", 2),
        ("-t 0", 0),
        ("--timeout=600", 0),
    ] {
        let line = format!("login -C test@servername -w pw {text}");
        assert_eq!(stage.run(&line).code, code, "{line}");
    }
}

#[test]
fn sudo_fails_with_the_words_of_the_server() {
    let mut stage = Stage::with(seed_people());
    // Neither an administrator nor an owner of the group.
    let output = stage.run("login --sudo username owner@servername -g groupname -w secret");
    let output = output.expect_code(45);
    let words = output.stderr_as_omero_py();
    assert!(words.starts_with("SecurityViolation: "), "{output:?}");
    // Nobody of that name.
    let output = stage.run("login --sudo root nobody@servername -w rootsecret");
    assert!(
        output.code != 0 && output.stderr.contains("nobody"),
        "{output:?}"
    );
    assert_eq!(output.stderr_as_omero_py().lines().count(), 1, "{output:?}");
    // Three wrong passwords of the one who has the rights.
    let mut terminal = stage.terminal("login --sudo root username@servername");
    for wrong in ["wrong one", "wrong two", "wrong three"] {
        terminal.expect("Password for root:");
        terminal.secret(wrong);
    }
    let ended = terminal.finish();
    assert_eq!(ended.code, 12, "{}", ended.screen);
    let screen = stage.show(&ended.screen);
    assert!(
        screen.ends_with("\n3 incorrect password attempts\n"),
        "{screen}"
    );
    // Whatever failed, no session of the administrator stays behind.
    assert!(stage.server.sessions().is_empty());
    assert!(stage.stored().is_empty());
}

#[test]
fn sudo_is_no_part_of_what_a_stored_session_must_fit() {
    let stage = Stage::with(seed_people());
    stage.log_in("username", "secret");
    let key = stage.key();
    let output = stage
        .run("login --sudo root username@servername -w wrong")
        .expect_code(0);
    assert!(
        output.stderr.contains(&format!("Using session {key} ")),
        "{output:?}"
    );
}

#[test]
fn retry_waits_for_a_server_that_comes_up_late() {
    let mut stage = Stage::new();
    stage.stop_server();
    let arguments = stage.arguments("login root@servername -w omero --retry 600");
    let mut command = stage.sandbox.command(arguments);
    let child = command
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut words = String::new();
    stderr.read_line(&mut words).unwrap();
    stage.start_server(Config::standard());
    stderr.read_to_string(&mut words).unwrap();
    assert!(child.wait().unwrap().success(), "{words}");
    let shown = stage.show(&words);
    assert!(
        shown.starts_with("{TIME}: Login retry #1 in 3s\n"),
        "{shown}"
    );
    assert!(shown.contains("Created session "), "{shown}");
}

#[test]
fn retry_ends_when_its_time_is_over_and_never_repeats_a_wrong_password() {
    let mut stage = Stage::new();
    let output = stage
        .run("login root@servername -w wrong --retry 60")
        .expect_code(44);
    assert!(!output.stderr.contains("Login retry"), "{output:?}");
    stage.stop_server();
    for (option, retries) in [
        ("", 0),
        (" --retry", 0),
        (" --retry 0", 0),
        // The second attempt comes after three seconds, when the time is over.
        (" --retry=3", 1),
    ] {
        let start = Instant::now();
        let output = stage.run(&format!("login root@servername -q -w omero{option}"));
        let output = output.expect_code(42);
        assert_eq!(
            output.stderr.matches("Login retry #").count(),
            retries,
            "{output:?}"
        );
        assert!(retries == 0 || start.elapsed() >= Duration::from_secs(3));
    }
    assert_eq!(stage.run("login root@servername --retry soon").code, 2);
}

#[test]
fn ctrl_c_ends_a_retry_at_once() {
    let mut stage = Stage::new();
    stage.stop_server();
    let mut terminal = stage.terminal("login root@servername -w omero --retry 600");
    terminal.expect("Login retry #1 in 3s\n");
    terminal.interrupt();
    let ended = terminal.finish();
    assert_eq!(ended.code, 130, "{}", ended.screen);
    assert!(ended.screen.ends_with("Cancelled\n"), "{}", ended.screen);
}
