//! What completion answers, without a shell.

use crate::stage::{KEY, OTHER_KEY, Stage};

/// The first line and the candidates without their help.
fn complete(stage: &Stage, words: &[&str]) -> (String, Vec<String>) {
    let line: Vec<&str> = ["__complete", "fish", "--"]
        .iter()
        .chain(words)
        .copied()
        .collect();
    let output = stage.run(&line).expect_code(0).expect_stderr("");
    let mut lines = output.stdout.lines();
    let paths = lines.next().unwrap_or_default().to_owned();
    let value = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    (paths, lines.map(value).collect())
}

#[track_caller]
fn expect(stage: &Stage, words: &[&str], expected: &[&str]) {
    assert_eq!(complete(stage, words).1, expected, "{words:?}");
}

#[track_caller]
fn expect_some(stage: &Stage, words: &[&str], expected: &[&str]) {
    let (_, found) = complete(stage, words);
    for value in expected {
        assert!(
            found.iter().any(|f| f == value),
            "no {value} for {words:?} in {found:?}"
        );
    }
}

#[test]
fn commands_of_every_kind() {
    let stage = Stage::new();
    stage.program("bin/omero-show", "");
    stage.configure("aliases: {imgs: hql x}\n");
    expect_some(
        &stage,
        &[""],
        &[
            "help", "version", "alias", "config", "man", "login", "logout", "sessions", "group",
            "imgs", "show",
        ],
    );
    expect(&stage, &["lo"], &["load", "login", "logout"]);
    expect(
        &stage,
        &["-s", "one.invalid", "sessions", "l"],
        &["login", "logout", "list"],
    );
    expect(&stage, &["help", "sessions", "lo"], &["login", "logout"]);
    expect(&stage, &["man", "gro"], &["group"]);
    expect(&stage, &["nonsense", "x"], &[]);
    assert!(!complete(&stage, &[""]).1.contains(&"__complete".to_owned()));
}

#[test]
fn options_and_their_values() {
    let stage = Stage::new();
    expect_some(
        &stage,
        &["--"],
        &["--server", "--path", "--version", "--quiet"],
    );
    expect(&stage, &["sessions", "list", "--st"], &["--style"]);
    expect(
        &stage,
        &["sessions", "list", "--style", ""],
        &["csv", "json", "plain", "sql"],
    );
    expect(&stage, &["sessions", "list", "--style=c"], &["--style=csv"]);
    // Only where the command works on a session.
    expect(&stage, &["sessions", "list", "--serv"], &[]);
    expect(&stage, &["group", "list", "--serv"], &["--server"]);
    // The host alias is the provider's command.
    expect_some(
        &stage,
        &["login", "--"],
        &["--timeout", "--server", "--help"],
    );
    // Behind an alias stands what it stands for.
    stage.configure("aliases: {l: '-q sessions list', m: l, x: 'sessions list $1', y: y}\n");
    expect(&stage, &["l", "--st"], &["--style"]);
    expect(&stage, &["m", "--style", "j"], &["json"]);
    assert_eq!(complete(&stage, &["x", ""]).0, ":files");
    expect(&stage, &["y", ""], &[]);
    // After `--` there are no options.
    expect(&stage, &["sessions", "list", "--", "--st"], &[]);
}

#[test]
fn names_come_from_the_store_without_a_server() {
    let stage = Stage::new();
    let hosts = ["one.invalid", "two.invalid:14064"];
    for words in [
        &["-s", ""][..],
        &["group", "list", "-s", ""],
        &["sessions", "who", "--server", ""],
    ] {
        let users = ["ada@one.invalid", "root@two.invalid:14064"];
        expect(&stage, words, &[hosts, users].concat());
    }
    expect(&stage, &["login", "ada@"], &["ada@one.invalid"]);
    expect(&stage, &["login", "-s", "t"], &["two.invalid:14064"]);
    expect(&stage, &["-u", ""], &["ada", "root"]);
    expect(&stage, &["-g", ""], &["my_group", "system"]);
    expect(&stage, &["group", "info", ""], &["my_group", "system"]);
    expect(&stage, &["sessions", "group", "my"], &["my_group"]);
    // Only those of the server that is named.
    expect(&stage, &["-s", "two.invalid", "-g", ""], &["system"]);
    expect(
        &stage,
        &["-s", "two.invalid", "sessions", "group", ""],
        &["system"],
    );
    expect(&stage, &["login", "-k", ""], &[OTHER_KEY, KEY]);
    // Whose session it is stands beside it.
    let output = stage
        .run(&["__complete", "fish", "--", "sessions", "close", "22"])
        .success();
    assert_eq!(
        output,
        format!(":none\n{KEY}\tada@one.invalid, group my_group\n")
    );
}

#[test]
fn nothing_is_made_and_nothing_is_said() {
    let stage = Stage::empty();
    expect(&stage, &["-g", ""], &[]);
    assert!(!stage.sandbox.path("home/omero").exists());
    let stage = Stage::new();
    stage.configure("report: [\n");
    expect(&stage, &["lo"], &[]);
    let mut debugging = Stage::new();
    debugging.sandbox.set("DEBUG", "1");
    expect(&debugging, &["log"], &["login", "logout"]);
    stage.configure("odd: 1\n");
    expect(&stage, &["log"], &["login", "logout"]);
    let _ = stage.run(&["__complete"]).expect_code(0).expect_stdout("");
    let _ = stage
        .run(&["__complete", "csh", "x"])
        .expect_code(0)
        .expect_stdout("");
}

#[test]
fn names_cannot_command_the_terminal() {
    let stage = Stage::new();
    let path = stage
        .sandbox
        .path("home/omero/sessions/one.invalid/ada")
        .join(KEY);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("my_group", "a\u{9b}2J")).unwrap();
    expect(&stage, &["-g", ""], &["system"]);
}

#[test]
fn paths_are_the_shells() {
    let stage = Stage::new();
    assert_eq!(complete(&stage, &["--path", ""]).0, ":files");
    assert_eq!(
        complete(&stage, &["sessions", "list", "--session-dir", ""]).0,
        ":directories"
    );
    assert_eq!(complete(&stage, &["sessions", "list", ""]).0, ":none");
}

#[test]
fn keys_and_values_of_the_configuration() {
    let stage = Stage::new();
    stage.configure("aliases: {imgs: hql x}\n");
    expect(
        &stage,
        &["config", "get", "a"],
        &["aliases", "aliases.imgs"],
    );
    expect(
        &stage,
        &["config", "set", "tls-verify", ""],
        &["strict", "first-use", "off"],
    );
    expect(&stage, &["alias", "remove", ""], &["imgs"]);
    expect(&stage, &["completion", "p"], &["powershell"]);
}

#[test]
fn only_a_name_in_the_store_needs_a_plugin() {
    // strace shows which files the dynamic linker opens.
    let stage = Stage::new();
    let strace = std::path::Path::new("/usr/bin/strace");
    if !strace.exists() {
        assert!(std::env::var("CI").is_err(), "strace is missing");
        eprintln!("***** SKIPPED: strace is missing");
        return;
    }
    let opened = |words: &[&str]| {
        let inner = stage.sandbox.command(["__complete", "fish", "--"]);
        let mut command = std::process::Command::new(strace);
        command
            .args(["-f", "-e", "trace=mmap,openat", "-o", "trace"])
            .arg(inner.get_program());
        command.args(inner.get_args()).args(words).env_clear();
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let status = command
            .current_dir(stage.sandbox.root())
            .output()
            .unwrap()
            .status;
        assert!(status.success());
        // Reading a manifest opens the file too; only the linker maps it executable.
        let trace = stage.sandbox.read("trace");
        mapped_plugins(&trace)
    };
    let none: [String; 0] = [];
    assert_eq!(opened(&[""]), none);
    assert_eq!(opened(&["sessions", "list", "--"]), none);
    assert_eq!(
        opened(&["group", "list", "-g", ""]),
        ["libomero_sessions.so"]
    );
}

/// The plugins that were mapped to be run: the last `openat` of the descriptor names the file.
fn mapped_plugins(trace: &str) -> Vec<String> {
    let mut descriptors = std::collections::BTreeMap::new();
    let mut found = Vec::new();
    for line in trace.lines() {
        if line.contains("openat(") {
            let name = line.split('"').nth(1).unwrap_or_default().to_owned();
            let number = line
                .rsplit("= ")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned();
            descriptors.insert(number, name);
        } else if line.contains("PROT_EXEC") {
            let number = line.split(", ").nth(4).unwrap_or_default().to_owned();
            let name = descriptors.get(&number).cloned().unwrap_or_default();
            let file = name.rsplit('/').next().unwrap_or_default().to_owned();
            if file.starts_with("libomero_") {
                found.push(file);
            }
        }
    }
    found
}

#[test]
fn a_plugin_completes_its_own_values() {
    let built = omero_tests::artifacts::Artifacts::build(&["omero-hello"]).unwrap();
    let stage = Stage::new();
    let hello = built.library("omero_hello").display().to_string();
    let complete =
        |words: &[&str]| complete(&stage, &[&["--path", &hello, "hello"], words].concat());
    assert_eq!(complete(&["say", "wor"]).1, ["world", "workers"]);
    assert_eq!(complete(&["say", "-t", "1"]).1, ["10", "12"]);
    assert_eq!(
        complete(&["say", "--times=1"]).1,
        ["--times=10", "--times=12"]
    );
    // It cannot connect; what it cannot do, and how it fails, nobody hears.
    assert_eq!(complete(&["env", ""]).1.len(), 0);
    assert_eq!(
        complete(&["data", "x"]).1.len(),
        0,
        "and nobody waits for ever"
    );
}
