//! What reaches the shell in one piece, or before it is asked for: every line runs, in order.

use omero_tests::{pty::Terminal, sandbox::Sandbox};

use crate::stage::Stage;

const PROMPT: &str = "omero> ";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a terminal sends around pasted text.
const PASTE: (&str, &str) = ("\x1b[200~", "\x1b[201~");

/// What is seen from one text to another.
fn seen_between(shell: &mut Terminal, texts: &[&str]) {
    for text in texts {
        shell.expect(text);
    }
}

#[test]
fn lines_of_one_write_run_as_if_typed_one_after_the_other() {
    for end in ["\r", "\n", "\r\n"] {
        let sandbox = Sandbox::new();
        let mut shell = sandbox.terminal([""; 0]);
        shell.expect(PROMPT);
        let lines = ["cd tmp", "pwd", "no-such-command", "version", "exit", ""];
        shell.type_keys(&lines.join(end));
        let here = format!("{}\n", sandbox.path("tmp").display());
        let answer = format!("{VERSION}\n");
        seen_between(
            &mut shell,
            &[
                "cd tmp",
                PROMPT,
                "pwd",
                &here,
                PROMPT,
                "there is no command `no-such-command`",
                PROMPT,
                "version",
                &answer,
                PROMPT,
                "exit",
            ],
        );
        let ended = shell.finish();
        assert_eq!(ended.code, 0, "{}", ended.screen);
        // A carriage return with a newline is one line end, not an empty line more.
        assert_eq!(
            ended.screen.matches(PROMPT).count() % 5,
            0,
            "{}",
            ended.screen
        );
    }
}

#[test]
fn a_pasted_text_runs_line_by_line_on_enter() {
    for (text, end) in [
        ("pwd\rversion", "\r"),
        ("pwd\r\nversion\r\n", "\r"),
        ("pwd\nversion", "\n"),
    ] {
        let sandbox = Sandbox::new();
        let mut shell = sandbox.terminal([""; 0]);
        shell.expect(PROMPT);
        shell.type_keys(&format!("{}{text}{}", PASTE.0, PASTE.1));
        // It waits: nobody means to run what came with the clipboard unseen.
        shell.expect("version");
        shell.type_keys(end);
        let here = format!("{}\n", sandbox.root().display());
        let answer = format!("{VERSION}\n");
        seen_between(&mut shell, &[&here, "omero> version\n", &answer, PROMPT]);
        shell.send("exit");
        assert_eq!(shell.finish().code, 0);
    }
}

#[test]
fn a_line_that_goes_on_is_one_command() {
    let sandbox = Sandbox::new();
    let mut shell = sandbox.terminal([""; 0]);
    shell.expect(PROMPT);
    shell.type_keys("cd \\\r tmp\rpwd\r");
    let here = format!("{}\n", sandbox.path("tmp").display());
    seen_between(&mut shell, &["cd \\", "> ", "tmp", PROMPT, &here, PROMPT]);
    shell.send("version \\");
    shell.expect("> ");
    shell.interrupt();
    shell.expect("Use quit to exit\n");
    shell.expect(PROMPT);
    shell.send("exit");
    assert_eq!(shell.finish().code, 0);
}

#[test]
fn lines_that_come_while_a_command_runs_are_kept() {
    let mut sandbox = Sandbox::new();
    sandbox.program(
        "bin/omero-wait",
        "#!/bin/sh\necho running\nread go < fifo\n",
    );
    assert!(
        std::process::Command::new("mkfifo")
            .arg(sandbox.path("fifo"))
            .status()
            .unwrap()
            .success()
    );
    sandbox.set(
        "PATH",
        format!("{}:/usr/bin:/bin", sandbox.path("bin").display()),
    );
    let mut shell = sandbox.terminal([""; 0]);
    shell.expect(PROMPT);
    shell.send("wait");
    shell.expect("running\n");
    shell.type_keys("pwd\rversion\r");
    // The terminal shows it.
    shell.expect("version");
    std::fs::write(sandbox.path("fifo"), "now\n").unwrap();
    let here = format!("{}\n", sandbox.root().display());
    let answer = format!("\n{VERSION}\n");
    seen_between(&mut shell, &[PROMPT, &here, PROMPT, &answer, PROMPT]);
    shell.send("exit");
    assert_eq!(shell.finish().code, 0);
}

#[test]
fn questions_get_the_lines_after_their_command_and_secrets_stay_unseen() {
    for end in ["\r", "\n", "\r\n"] {
        let stage = Stage::new();
        let mut shell = stage.terminal("");
        shell.expect(PROMPT);
        let lines = ["login", &stage.host, "root", "omero", "version", ""];
        shell.type_keys(&lines.join(end));
        shell.expect("Server: [");
        shell.expect("Username: [");
        shell.expect("Password:");
        let after_prompt = shell.expect("\n");
        assert!(!after_prompt.contains("om"), "{after_prompt}");
        shell.expect("Created session");
        let shown = shell.expect(&format!("\n{VERSION}\n"));
        assert!(
            !shown
                .replace("omero>", "")
                .replace("omero version:", "")
                .contains("omero"),
            "{shown}"
        );
        shell.expect(PROMPT);
        shell.send("exit");
        let ended = shell.finish();
        assert_eq!(ended.code, 0, "{}", ended.screen);
    }
}

#[test]
fn a_hidden_question_is_edited_and_left_as_others() {
    let stage = Stage::new();
    let mut shell = stage.terminal("");
    let login = format!("login root@{}", stage.host);
    for (keys, seen) in [
        ("omerX\x7fo\r", "Created session"),
        ("wrong\x15omero\r", "session"),
        ("\x1b[A\x12om\tero\r", "session"),
        (&format!("{}omero{}\r", PASTE.0, PASTE.1), "session"),
    ] {
        shell.expect(PROMPT);
        shell.send(&format!("{login} -C"));
        shell.expect("Password:");
        shell.type_keys(keys);
        let after_prompt = shell.expect("\n");
        assert!(!after_prompt.contains("om"), "{after_prompt}");
        shell.expect(seen);
    }
    // Ctrl-C and Ctrl-D end the question, not the shell; what was typed ahead goes with it.
    for key in ["\x03", "\x04"] {
        shell.expect(PROMPT);
        shell.send(&format!("{login} -C"));
        shell.expect("Password:");
        shell.type_keys(key);
        shell.expect("\n");
    }
    shell.expect(PROMPT);
    shell.send("exit");
    let ended = shell.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
}

#[test]
fn a_secret_that_was_typed_ahead_is_not_kept() {
    let stage = Stage::new();
    let mut shell = stage.terminal("");
    shell.expect(PROMPT);
    shell.type_keys(&format!("login root@{}\romero\rpwd\rexit\r", stage.host));
    let ended = shell.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    let history = stage.sandbox.read("home/.local/share/omero/history");
    let lines: Vec<&str> = history
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(
        lines,
        [&format!("login root@{}", stage.host), "pwd", "exit"]
    );
}

#[test]
fn a_script_typed_into_a_terminal_runs_every_line() {
    for line in ["load -", "load"] {
        let sandbox = Sandbox::new();
        let mut script = sandbox.terminal(line.split(' '));
        script.type_keys("pwd\rversion\rexit\rnever\r");
        let here = format!("{}\n", sandbox.root().display());
        let answer = format!("{VERSION}\n");
        seen_between(&mut script, &[&here, &answer]);
        let ended = script.finish();
        assert_eq!(ended.code, 0, "{}", ended.screen);
        assert!(
            !ended.screen.contains("there is no command"),
            "{}",
            ended.screen
        );
    }
    // And inside the shell, whose terminal it shares.
    let sandbox = Sandbox::new();
    let mut shell = sandbox.terminal([""; 0]);
    shell.expect(PROMPT);
    shell.type_keys("load -\rversion\r\x04pwd\rexit\r");
    let here = format!("{}\n", sandbox.root().display());
    let answer = format!("{VERSION}\n");
    seen_between(&mut shell, &[&answer, PROMPT, &here]);
    assert_eq!(shell.finish().code, 0);
}

#[test]
fn ctrl_c_forgets_what_was_typed_ahead() {
    let sandbox = Sandbox::new();
    let mut shell = sandbox.terminal([""; 0]);
    shell.expect(PROMPT);
    shell.type_keys("version\rno\x03");
    shell.expect("Use quit to exit\n");
    shell.expect(PROMPT);
    shell.send("exit");
    let ended = shell.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
}

#[test]
fn a_line_that_is_not_text_does_not_end_the_shell() {
    let sandbox = Sandbox::new();
    let mut shell = sandbox.terminal([""; 0]);
    shell.expect(PROMPT);
    shell.type_bytes(b"version caf\xe9\r");
    shell.expect("omero: error: the line is not UTF-8 text\n");
    shell.expect(PROMPT);
    shell.send("exit");
    assert_eq!(shell.finish().code, 0);
}

#[test]
fn a_terminal_without_keys_works_too() {
    let mut stage = Stage::new();
    stage.sandbox.set("TERM", "dumb");
    let mut shell = stage.terminal("");
    shell.expect(PROMPT);
    shell.type_keys("pwd\rversion\r");
    let here = format!("{}\n", stage.sandbox.root().display());
    let answer = format!("{VERSION}\n");
    seen_between(&mut shell, &[&here, PROMPT, &answer, PROMPT]);
    shell.send(&format!("login root@{}", stage.host));
    shell.expect("Password:");
    while shell.echoes() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    shell.send("omero");
    let after_prompt = shell.expect("\n");
    assert!(!after_prompt.contains("om"), "{after_prompt}");
    shell.expect("Created session");
    shell.send("exit");
    assert_eq!(shell.finish().code, 0);
}
