//! The interactive shell in a real terminal.

use std::{os::unix::fs::PermissionsExt, thread, time::Duration};

use omero_tests::{pty::Terminal, sandbox::Sandbox, server::Fault};

use crate::stage::Stage;

const PROMPT: &str = "omero> ";
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn leave(mut shell: Terminal) {
    shell.expect(PROMPT);
    shell.send("quit");
    let ended = shell.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
}

#[test]
fn it_greets_runs_commands_and_leaves_with_success() {
    let sandbox = Sandbox::new();
    let mut shell = sandbox.terminal([""; 0]);
    shell.expect(&format!("omero shell. Version {VERSION}\n"));
    shell.expect("Type \"help\" for more information, \"quit\" or Ctrl-D to exit\n");
    shell.expect(PROMPT);
    shell.send("version");
    shell.expect(&format!("\n{VERSION}\n"));
    shell.expect(PROMPT);
    // What fails does not end it, nor does it count in the end.
    shell.send("foo");
    shell.expect("there is no command `foo`");
    shell.expect(PROMPT);
    shell.send("version 'abc");
    shell.expect("omero: error: No closing quotation\n");
    shell.expect(PROMPT);
    shell.send("# nothing");
    shell.expect(PROMPT);
    shell.send("cd tmp");
    shell.expect(PROMPT);
    shell.send("pwd");
    shell.expect(&format!("{}\n", sandbox.path("tmp").display()));
    shell.expect(PROMPT);
    shell.send("ls -x");
    shell.expect("too many arguments for `ls`");
    leave(shell);
}

#[test]
fn ctrl_d_leaves() {
    let sandbox = Sandbox::new();
    let mut shell = sandbox.terminal([""; 0]);
    shell.expect(PROMPT);
    shell.end_of_input();
    let ended = shell.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
}

#[test]
fn ctrl_c_cancels_the_line() {
    let sandbox = Sandbox::new();
    let mut shell = sandbox.terminal([""; 0]);
    shell.expect(PROMPT);
    shell.type_keys("some words");
    shell.expect("words");
    shell.interrupt();
    shell.expect("Use quit to exit\n");
    shell.expect(PROMPT);
    shell.send("version");
    shell.expect(&format!("\n{VERSION}\n"));
    leave(shell);
}

#[test]
fn ctrl_c_cancels_the_command_but_not_the_shell() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let mut shell = stage.terminal("");
    shell.expect(PROMPT);
    shell.send("sessions group");
    shell.expect("ExperimenterGroup:0\n");
    shell.expect(PROMPT);
    for _ in 0..2 {
        let slow = Fault::Delay(Duration::from_secs(600));
        stage.server.faults().on("lookupGroups", slow);
        shell.send("group list --style csv");
        while stage.server.events().count("lookupGroups") == 0 {
            thread::sleep(Duration::from_millis(5));
        }
        shell.interrupt();
        shell.expect("Cancelled\n");
        shell.expect(PROMPT);
        stage.server.forget_events();
        shell.send("sessions group");
        shell.expect("ExperimenterGroup:0\n");
        shell.expect(PROMPT);
    }
    shell.send("version");
    shell.expect(&format!("\n{VERSION}\n"));
    leave(shell);
}

#[test]
fn one_session_serves_the_whole_shell_and_passwords_are_asked_for() {
    let stage = Stage::new();
    let mut shell = stage.terminal("");
    shell.expect(PROMPT);
    shell.send(&format!("login root@{}", stage.host));
    shell.expect("Password:");
    shell.type_keys("wrong\r");
    shell.expect("Password:");
    shell.type_keys("omero\r");
    shell.expect("Created session");
    for _ in 0..3 {
        shell.expect(PROMPT);
        shell.send("sessions group");
        shell.expect("ExperimenterGroup:0\n");
        shell.expect(PROMPT);
        shell.send("group info --style plain");
        shell.expect("0,system,");
    }
    leave(shell);
    assert_eq!(stage.server.events().count("lookupGroups"), 0);
    // One for each password.
    assert_eq!(stage.connections(), 2);
}

#[test]
fn history_is_private_and_holds_no_secrets() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("home/.local/share/omero/history");
    let mut shell = sandbox.terminal([""; 0]);
    for line in [
        "version",
        "login a@nowhere.invalid -w verysecret -p x",
        "login a@nowhere.invalid --key=verysecret -p x",
        "pwd",
    ] {
        shell.expect(PROMPT);
        shell.send(line);
    }
    leave(shell);
    let mode = file.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, ["version", "pwd", "quit"]);

    // Three lines up.
    let mut shell = sandbox.terminal([""; 0]);
    shell.expect(PROMPT);
    shell.type_keys("\x1b[A\x1b[A\x1b[A\r");
    shell.expect(&format!("\n{VERSION}\n"));
    leave(shell);
}

#[test]
fn tab_completes_commands_subcommands_options_and_sessions() {
    let stage = Stage::new();
    let key = stage.log_in("root", "omero");
    let mut shell = stage.terminal("");
    shell.expect(PROMPT);
    shell.type_keys("vers\t\r");
    shell.expect(&format!("\n{VERSION}\n"));
    shell.expect(PROMPT);
    shell.type_keys("gro\tlist --sort-by-n\t--hel\t\r");
    shell.expect("usage: omero group list");
    shell.expect(PROMPT);
    shell.type_keys(&format!("login -q -s {} -k {}\t\r", stage.host, &key[..6]));
    shell.expect(PROMPT);
    shell.send("sessions key");
    shell.expect(&key);
    leave(shell);
}

#[test]
fn login_options_log_in_first() {
    let stage = Stage::new();
    let mut shell = stage.terminal("-s HOST -u root -w omero");
    shell.expect("Created session");
    shell.expect(PROMPT);
    shell.send("sessions group");
    shell.expect("ExperimenterGroup:0\n");
    leave(shell);
    let ended = stage.terminal("-C -s HOST -u root -k no-such-key").finish();
    assert_eq!(ended.code, 11, "{}", ended.screen);
}
