//! What ends with a command, and with the process: contexts, outputs without a reader, plugins that
//! do not stop.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use crate::room::Room;

/// Ends a hang.
const HANG: Duration = Duration::from_secs(600);

#[test]
fn a_thread_left_behind_writes_nowhere() {
    let mut room = Room::with_test_plugins();
    room.provider("keycard");
    room.sandbox.set("KEYCARD", "ada");
    let script = "misbehave leave\nmisbehave show\nhello say\nhello who\n";
    let output = room.sandbox.run_with_input(["--debug=1"], script);
    let ended = [
        "line",
        "error_line",
        "flush",
        "session",
        "invoke",
        "read_line",
        "read_secret",
        "data_directory",
        "configuration",
        "keep_alive",
    ];
    let ended: String = ended.map(|call| format!("{call} Ended\n")).concat();
    output
        .expect_code(0)
        .expect_stdout(&format!(
            "leaving\n{ended}Hello world.\nHello ada of reader\n"
        ))
        .expect_stderr("")
        .and_no_more();
}

#[test]
fn a_thread_left_at_a_prompt_takes_no_input_from_the_next_command() {
    let room = Room::with_test_plugins();
    let line = ["-e", "misbehave leave-reading", "-e", "misbehave read"];
    let mut command = room.sandbox.command(line);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    assert_eq!(next_line(&mut output), "reading\n");
    child.stdin.take().unwrap().write_all(b"mine\n").unwrap();
    assert_eq!(next_line(&mut output), "read Some(\"mine\")\n");
    assert!(child.wait().unwrap().success());
}

/// Runs a command until its first line is read, closes the pipe, and waits for the end.
#[track_caller]
fn closed_after_a_line(command: &mut Command) -> ExitStatus {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    assert_eq!(next_line(&mut output), "more\n");
    drop(output);
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > HANG {
            child.kill().unwrap();
            panic!("it writes for ever");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_plugin_that_ignores_a_closed_output_is_ended() {
    let room = Room::with_test_plugins();
    for line in [
        &["misbehave", "ignore"][..],
        &["misbehave", "drip"],
        &["-e", "misbehave ignore", "-e", "hello say"],
    ] {
        let status = closed_after_a_line(&mut room.sandbox.command(line));
        assert_eq!(status.code(), Some(141), "{line:?}");
    }
    // One that reacts ends quietly, and so does its script.
    let line = ["-e", "misbehave flood", "-e", "misbehave block"];
    let status = closed_after_a_line(&mut room.sandbox.command(line));
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_plugin_that_ignores_a_closed_standard_error_is_ended() {
    let room = Room::with_test_plugins();
    let omero = room.sandbox.command(["misbehave", "ignore-errors"]);
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$@\" 2>&1", "sh"]);
    omero_tests::sandbox::wrap(&mut command, &omero);
    assert_eq!(closed_after_a_line(&mut command).code(), Some(141));
}

#[test]
fn a_plugin_that_does_not_stop_holds_nothing_back() {
    let mut room = Room::with_test_plugins();
    room.sandbox.set("MISBEHAVE_AT_SHUTDOWN", "block");
    let path = room.plugins.join("libomero_misbehave.so");
    let told = format!(
        "omero: warning: the plugin {} has not stopped within 5 seconds\n",
        path.display()
    );
    // The results are there before the plugin is waited for.
    let mut command = room.sandbox.command(["misbehave", "print"]);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut lines = [next_line(&mut output), next_line(&mut output)];
    lines.sort();
    assert_eq!(lines, ["past the host\n", "through the host\n"]);
    assert!(child.try_wait().unwrap().is_none(), "it does not stop yet");
    let mut said = String::new();
    let mut errors = child.stderr.take().unwrap();
    errors.read_to_string(&mut said).unwrap();
    assert_eq!(said, told);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // The code of a failing command is kept, and a script ends.
    let output = room.run("misbehave zero").expect_code(255);
    assert_eq!(output.stderr, format!("Not a valid user ID\n{told}"));
    let script = "misbehave print\nmisbehave zero\nhello say\n";
    let output = room.sandbox.run_with_input(["-q"], script);
    let output = output.expect_code(255);
    assert_eq!(output.stderr, format!("Not a valid user ID\n{told}"));
}

#[test]
fn a_session_that_cannot_be_left_holds_nothing_back() {
    let mut room = Room::with_test_plugins();
    room.provider("keycard");
    room.sandbox.set("KEYCARD", "ada");
    room.sandbox.set("KEYCARD_STUCK", "1");
    room.run("hello who")
        .expect_code(0)
        .expect_stdout("Hello ada of reader\n")
        .expect_stderr("omero: warning: the session provider has not stopped within 5 seconds\n")
        .and_no_more();
}

#[track_caller]
fn next_line(output: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line
}

#[test]
fn a_check_that_hangs_is_bounded_and_named() {
    let mut room = Room::with_test_plugins();
    let path = room.plugins.join("libomero_misbehave.so");
    for (variable, what) in [
        ("MISBEHAVE_AT_CHECK", "looking for what it needs"),
        ("MISBEHAVE_AT_LOAD", "loading"),
    ] {
        room.sandbox.set(variable, "block");
        let reason = format!("does not finish {what} within 10 seconds");
        let line = format!("plugin install {}", path.display());
        let output = room.run(&line).expect_code(78);
        assert!(
            output
                .stderr
                .contains(&format!("\nomero: reason: it {reason}\n")),
            "{output:?}"
        );
        let output = room.run("plugin doctor --style csv").expect_code(1);
        assert!(output.stdout.contains(&reason), "{output:?}");
        room.sandbox.unset(variable);
    }
}
