//! Signals while a program runs in the place of `omero`, also after a password was asked for.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use omero_tests::pty::Terminal;
use rustix::process::{Pid, Signal, kill_process};

use crate::stage::{Stage, server};

/// Says which signal it gets, once, and ends with 5.
const WAIT: &str = "for s in TERM HUP QUIT INT; do trap \"echo told $s; exit 5\" $s; done\n\
                    echo ready; while :; do sleep 0.05; done";

const SIGNALS: [(Signal, &str); 4] = [
    (Signal::TERM, "TERM"),
    (Signal::HUP, "HUP"),
    (Signal::QUIT, "QUIT"),
    (Signal::INT, "INT"),
];

fn start(command: &mut Command) -> (Child, BufReader<ChildStdout>) {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

#[track_caller]
fn next_line(output: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line
}

fn send(terminal: &Terminal, signal: Signal) {
    let id = i32::try_from(terminal.process_id().unwrap()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
}

#[test]
fn requests_to_end_reach_every_kind_of_child() {
    let mut stage = Stage::new();
    let wait = stage.program("bin/omero-wait", WAIT);
    let path = wait.display();
    stage.configure(&format!("fallback: {path}\naliases: {{w: '!{path} -x'}}\n"));
    // With an option, so that a shell takes it apart.
    stage.sandbox.set("EDITOR", format!("{path} -x"));
    for (signal, name) in SIGNALS {
        for line in [&["wait"][..], &["import"], &["w"], &["config", "edit"]] {
            let (mut child, mut output) = start(&mut stage.sandbox.command(line));
            assert_eq!(next_line(&mut output), "ready\n");
            kill_process(Pid::from_child(&child), signal).unwrap();
            assert_eq!(next_line(&mut output), format!("told {name}\n"), "{line:?}");
            // The editor's failure is one of the command.
            let code = if line[0] == "config" { 1 } else { 5 };
            assert_eq!(child.wait().unwrap().code(), Some(code), "{line:?} {name}");
        }
    }
}

#[test]
fn requests_to_end_reach_a_child_after_a_password_prompt() {
    for (signal, name) in SIGNALS {
        let (_server, port) = server();
        let stage = Stage::empty();
        stage.program("bin/omero-wait", WAIT);
        let login = format!("login root@localhost:{port}");
        let mut terminal = stage.sandbox.terminal(["-e", &login, "-e", "wait"]);
        terminal.expect("Password:");
        while terminal.echoes() {
            std::thread::yield_now();
        }
        terminal.send("omero");
        terminal.expect("ready\n");
        send(&terminal, signal);
        terminal.expect(&format!("told {name}\n"));
        let ended = terminal.finish();
        let code = match signal {
            Signal::TERM => 128 + 15,
            Signal::HUP => 128 + 1,
            _ => 5,
        };
        assert_eq!(ended.code, code, "{name}: {}", ended.screen);
    }
}

#[test]
fn a_request_to_end_also_ends_the_script() {
    let stage = Stage::new();
    stage.program("bin/omero-wait", WAIT);
    let script = stage.sandbox.write("script", "wait\nversion\n");
    let line = ["load", "-k", script.to_str().unwrap()];
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let (mut child, mut output) = start(&mut stage.sandbox.command(line));
        assert_eq!(next_line(&mut output), "ready\n");
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert!(next_line(&mut output).starts_with("told "));
        assert_eq!(next_line(&mut output), "", "nothing comes after it");
        assert_eq!(child.wait().unwrap().code(), Some(code));
    }
}

#[test]
fn a_child_that_ends_by_the_signal_gives_its_number() {
    let stage = Stage::new();
    stage.program("bin/omero-wait", "echo ready; exec sleep 1000");
    for (signal, code) in [
        (Signal::TERM, 143),
        (Signal::HUP, 129),
        (Signal::QUIT, 131),
        (Signal::INT, 130),
    ] {
        let (mut child, mut output) = start(&mut stage.sandbox.command(["wait"]));
        assert_eq!(next_line(&mut output), "ready\n");
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
    }
}

#[test]
fn ignored_signals_stay_ignored_for_the_child() {
    let stage = Stage::new();
    stage.program(
        "bin/omero-wait",
        "echo ready; kill -HUP $PPID; kill -HUP $$; echo alive",
    );
    let omero = stage.sandbox.command(["wait"]);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]);
    omero_tests::sandbox::wrap(&mut command, &omero);
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ready\nalive\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn ctrl_backslash_reaches_the_child_once() {
    let stage = Stage::new();
    let script = "n=0; trap 'n=$((n + 1)); echo caught $n' QUIT; trap 'exit 3' TERM\n\
                  echo ready; while :; do sleep 0.05; done";
    stage.program("bin/omero-ask", script);
    let mut terminal = stage.sandbox.terminal(["ask"]);
    terminal.expect("ready");
    for n in 1..=3 {
        terminal.type_keys("\x1c");
        terminal.expect(&format!("caught {n}\n"));
    }
    send(&terminal, Signal::TERM);
    let ended = terminal.finish();
    assert_eq!(ended.code, 3, "{}", ended.screen);
    assert!(!ended.screen.contains("caught 4"), "{}", ended.screen);
}

#[test]
fn ctrl_c_that_ends_a_child_ends_the_script() {
    let stage = Stage::new();
    stage.program("bin/omero-wait", "echo ready; exec sleep 1000");
    let script = stage.sandbox.write("script", "wait\nversion\n");
    let line = ["load", "-k", script.to_str().unwrap()];
    let mut terminal = stage.sandbox.terminal(line);
    terminal.expect("ready");
    terminal.interrupt();
    let ended = terminal.finish();
    assert_eq!(ended.code, 130, "{}", ended.screen);
    assert!(!ended.screen.contains("omero version"), "{}", ended.screen);
}

#[test]
fn signals_at_prompts_leave_the_terminal_as_it_was() {
    for (line, prompt) in [
        (&["login", "root@localhost"][..], "Password:"),
        (&[], "omero> "),
    ] {
        for signal in [Signal::TERM, Signal::HUP, Signal::QUIT] {
            let stage = Stage::empty();
            // The shell stays on the terminal, which would be gone with its last process.
            let omero = stage.sandbox.command(line);
            let outer = omero_tests::sandbox::Sandbox::for_program("/bin/sh".as_ref());
            let mut command = outer.command([
                "-c",
                "trap : QUIT HUP; stty -a >before; sh -c 'echo \"pid $$\"; exec \"$@\"' sh \"$@\"\n\
                 echo \"ended $?\"; stty -a >after; cmp before after && echo same",
                "sh",
            ]);
            command.args([omero.get_program()]).args(omero.get_args());
            for (name, value) in omero.get_envs() {
                value.map(|value| command.env(name, value));
            }
            let mut terminal =
                Terminal::start(&command, omero_tests::pty::Apart::Nothing, outer.root()).unwrap();
            terminal.expect("pid ");
            let id: i32 = terminal.expect("\n").trim().parse().unwrap();
            terminal.expect(prompt);
            while terminal.echoes() {
                std::thread::yield_now();
            }
            kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
            terminal.expect("ended ");
            terminal.expect("same\n");
            let _ = terminal.finish();
        }
    }
}
