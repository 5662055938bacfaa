//! `omero sessions keepalive`, on a terminal and in jobs that have none.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use omero_tests::server::{Fault, Thrown};
use rustix::process::{Pid, Signal, kill_process};

use crate::stage::Stage;

/// A `keepalive` without a terminal.
struct Job {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Job {
    /// Starts it and waits until it says that it runs.
    fn start(stage: &Stage, line: &str, stdin: Stdio) -> Self {
        Self::of(stage.sandbox.command(stage.arguments(line)), stdin)
    }

    fn of(mut command: Command, stdin: Stdio) -> Self {
        command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.starts_with("Running keep alive every "), "{line}");
        Self { child, stdout }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end; gives the exit code as a shell shows it, 128 + n after signal n, and what was
    /// said on standard error.
    fn end(mut self) -> (i32, String) {
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        self.stdout.read_to_string(&mut String::new()).unwrap();
        let status = self.child.wait().unwrap();
        let by_signal = || status.signal().map(|signal| 128 + signal);
        (status.code().or_else(by_signal).unwrap(), said)
    }
}

/// Waits until the server has been called so often.
fn wait_for_calls(stage: &Stage, count: usize) {
    while stage.server.events().count("keepAlive") < count {
        thread::sleep(Duration::from_millis(10));
    }
}

fn nothing() -> Stdio {
    Stdio::from(File::open("/dev/null").unwrap())
}

#[test]
fn enter_ctrl_d_and_ctrl_c_end_it_on_a_terminal() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let mut terminal = stage.terminal("sessions keepalive -f 1");
    terminal.expect("Running keep alive every 1 seconds\nPress enter to cancel.");
    wait_for_calls(&stage, 2);
    terminal.send("");
    assert_eq!(terminal.finish().code, 0);
    // Ctrl-C is a wish to stop, the end of the input is as good as Enter.
    for (by_interrupt, last) in [
        (true, "^C\nCancelled\nended with 1\n"),
        (false, "\nended with 0\n"),
    ] {
        let mut terminal = stage.terminal_in_shell("sessions keepalive");
        terminal.expect("every 60 seconds\nPress enter to cancel.");
        match by_interrupt {
            true => terminal.interrupt(),
            false => terminal.end_of_input(),
        }
        assert_eq!(terminal.expect(last), "");
        terminal.send("");
        let _ = terminal.finish();
    }
    assert_eq!(stage.run("sessions keepalive -f 0").code, 2);
    assert_eq!(stage.run("sessions keepalive -f x").code, 2);
    assert!(stage.server.sessions().contains_key(&stage.key()));
}

#[test]
fn without_a_terminal_it_runs_until_it_is_ended() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    // As `nohup` starts programs: the input cannot even be read.
    let unreadable = || Stdio::from(File::options().write(true).open("/dev/null").unwrap());
    let empty_pipe = || Stdio::from(std::io::pipe().unwrap().0);
    for (stdin, signal, expected) in [
        (nothing as fn() -> Stdio, Signal::TERM, 143),
        (nothing, Signal::HUP, 129),
        (nothing, Signal::QUIT, 131),
        (nothing, Signal::INT, 130),
        (unreadable, Signal::TERM, 143),
        (empty_pipe, Signal::TERM, 143),
    ] {
        let before = stage.server.events().count("keepAlive");
        let mut job = Job::start(&stage, "sessions keepalive -f 1", stdin());
        wait_for_calls(&stage, before + 2);
        assert!(job.is_running());
        job.signal(signal);
        let (code, said) = job.end();
        assert_eq!(code, expected, "{signal:?}: {said}");
        assert!(
            !said.contains("Press enter") && !said.contains("error"),
            "{said}"
        );
    }
    // With no standard input at all.
    let mut shell = Command::new("/bin/sh");
    let command = stage
        .sandbox
        .command(stage.arguments("sessions keepalive -f 1"));
    shell.args(["-c", "exec \"$0\" \"$@\" <&-"]);
    omero_tests::sandbox::wrap(&mut shell, &command);
    let before = stage.server.events().count("keepAlive");
    let mut job = Job::of(shell, nothing());
    wait_for_calls(&stage, before + 2);
    assert!(job.is_running());
    job.signal(Signal::TERM);
    assert_eq!(job.end().0, 143);
    assert!(stage.server.sessions().contains_key(&stage.key()));
}

#[test]
fn a_line_on_a_pipe_ends_it_and_nothing_else_of_the_input_is_taken() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for input in ["\n", "x\n"] {
        let output = stage
            .sandbox
            .run_with_input(stage.arguments("sessions keepalive"), input);
        assert!(
            output
                .expect_code(0)
                .stdout
                .starts_with("Running keep alive")
        );
    }
    // Half a line is none yet.
    let mut job = Job::start(&stage, "sessions keepalive -f 1", Stdio::piped());
    let mut pipe = job.child.stdin.take().unwrap();
    pipe.write_all(b"half a line").unwrap();
    wait_for_calls(&stage, 2);
    assert!(job.is_running());
    pipe.write_all(b"\n").unwrap();
    assert_eq!(job.end().0, 0);
}

#[test]
fn a_signal_ends_the_script_around_it() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    // A program before it makes the host catch signals.
    stage.sandbox.program("bin/omero-nothing", "#!/bin/sh\n");
    let path = format!("{}:/usr/bin:/bin", stage.sandbox.path("bin").display());
    for (lines, before) in [("", 0), ("nothing\n", 0), ("sessions keepalive\n", 1)] {
        for (signal, expected) in [
            (Signal::TERM, 143),
            (Signal::HUP, 129),
            (Signal::QUIT, 131),
            (Signal::INT, 130),
        ] {
            let lines = format!("{lines}sessions keepalive -f 1\nsessions key\n");
            let script = stage.sandbox.write("script", &lines);
            let line = format!("load -k {}", script.display());
            let mut command = stage.sandbox.command(stage.arguments(&line));
            command.env("PATH", &path);
            let calls = stage.server.events().count("keepAlive");
            let mut job = Job::of(command, Stdio::piped());
            let mut pipe = job.child.stdin.take().unwrap();
            pipe.write_all("\n".repeat(before).as_bytes()).unwrap();
            wait_for_calls(&stage, calls + 1);
            job.signal(signal);
            let mut rest = String::new();
            job.stdout.read_to_string(&mut rest).unwrap();
            assert!(!rest.contains(&stage.key()), "{lines}: {rest}");
            let (code, said) = job.end();
            assert_eq!(code, expected, "{lines}: {signal:?}: {said}");
        }
    }
    assert!(stage.server.sessions().contains_key(&stage.key()));
}

#[test]
fn a_server_that_is_gone_ends_it_with_an_error() {
    let mut stage = Stage::new();
    stage.log_in("root", "omero");
    let before = stage.stored();
    let job = Job::start(&stage, "sessions keepalive -f 1", nothing());
    let mut terminal = stage.terminal("sessions keepalive -f 1");
    terminal.expect("Press enter to cancel.");
    wait_for_calls(&stage, 2);
    stage.stop_server();
    let (code, said) = job.end();
    assert_eq!(code, 42, "{said}");
    assert_eq!(said.matches("Keep alive failed: ").count(), 1, "{said}");
    // Nobody has to press Enter on the terminal.
    let ended = terminal.finish();
    assert_eq!(ended.code, 42, "{}", ended.screen);
    let lines = ended
        .screen
        .matches("\nKeep alive failed: no server runs at ")
        .count();
    assert_eq!(lines, 1, "{}", ended.screen);
    assert_eq!(stage.stored(), before);
}

#[test]
fn an_ended_session_ends_it_with_an_error() {
    let stage = Stage::new();
    for fault in [Fault::EndSession, Fault::ExpireSession] {
        stage.log_in("root", "omero");
        stage.server.faults().on_some("keepAlive", 1, 1, fault);
        let job = Job::start(&stage, "sessions keepalive -f 1", nothing());
        let (code, said) = job.end();
        assert_eq!(code, 11, "{said}");
        assert!(said.contains("Keep alive failed: "), "{said}");
        assert!(
            said.contains("omero: hint: the session has ended"),
            "{said}"
        );
        stage.server.faults().clear();
        stage.run("logout").expect_code(0).and_no_more();
    }
}

#[test]
fn a_broken_connection_is_made_again_and_told() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for fault in [
        Fault::Disconnect,
        Fault::CloseConnection,
        Fault::CutReply(5),
    ] {
        stage.server.faults().on("keepAlive", fault);
        let before = stage.server.events().count("keepAlive");
        let mut job = Job::start(&stage, "sessions keepalive -f 1", nothing());
        wait_for_calls(&stage, before + 4);
        assert!(job.is_running());
        job.signal(Signal::TERM);
        let (code, said) = job.end();
        assert_eq!(code, 143, "{said}");
        assert_eq!(
            said.matches("omero: note: connected again").count(),
            1,
            "{said}"
        );
    }
    // A server that breaks every connection is given up, not asked in a loop.
    stage
        .server
        .faults()
        .on_every("keepAlive", Fault::Disconnect);
    let before = stage.server.events().count("keepAlive");
    let job = Job::start(&stage, "sessions keepalive -f 1", nothing());
    let (code, said) = job.end();
    assert_eq!(code, 44, "{said}");
    assert!(said.contains("Keep alive failed: "), "{said}");
    assert_eq!(stage.server.events().count("keepAlive"), before + 2);
    assert!(stage.server.sessions().contains_key(&stage.key()));
    // An error of the server is no news of the session: asked once more, it says that it lives.
    stage.server.faults().clear();
    let oops = Thrown::server("InternalException", "oops");
    stage.server.faults().on("keepAlive", Fault::Raise(oops));
    let before = stage.server.events().count("keepAlive");
    let job = Job::start(&stage, "sessions keepalive -f 1", nothing());
    wait_for_calls(&stage, before + 3);
    job.signal(Signal::TERM);
    assert_eq!(job.end().0, 143);
}
