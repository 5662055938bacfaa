//! Programs `omero-NAME` and the fallback.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    process::Stdio,
    thread,
    time::Duration,
};

use crate::stage::{KEY, OTHER_KEY, Stage, server};

/// Shows what a program gets: one line per argument and variable.
const SHOW: &str = r#"for word; do echo "argument <$word>"; done; env | grep ^OMERO_ | sort"#;

#[test]
fn a_program_in_path_is_a_command() {
    let stage = Stage::new();
    stage.program("bin/omero-show", SHOW);
    let output = stage.run(&["show", "-x", "a b", "", "--path", "p", "-h", "-s", "own"]);
    let text = output.success();
    let words: Vec<&str> = text.lines().filter(|l| l.starts_with("argument")).collect();
    assert_eq!(
        words,
        [
            "argument <-x>",
            "argument <a b>",
            "argument <>",
            "argument <--path>",
            "argument <p>",
            "argument <-h>",
            "argument <-s>",
            "argument <own>"
        ],
        "all that follows the command is the program's"
    );
}

#[test]
fn programs_learn_the_session_but_no_secret() {
    let mut stage = Stage::new();
    stage.sandbox.set("OMERO_PASSWORD", "secret");
    stage.sandbox.set("OMERO_SESSION_KEY", "stale");
    stage.program("bin/omero-show", SHOW);
    let store = stage.sandbox.path("home/omero/sessions");
    let known = |text: &str| {
        let wanted = |line: &&str| !line.contains("PLUGIN_PATH") && !line.contains("CONFIG");
        let lines: Vec<String> = text.lines().filter(wanted).map(str::to_owned).collect();
        lines.join("\n")
    };
    let text = known(&stage.run(&["show"]).success());
    let bin = text.lines().next().unwrap();
    assert!(
        bin.starts_with("OMERO_BIN=/") && bin.ends_with("/omero"),
        "{text}"
    );
    let expected = |rest: &str| format!("{bin}\n{rest}\nOMERO_SESSIONDIR={}", store.display());
    let rest = text.strip_suffix("\nOMERO_USER=ada").unwrap();
    assert_eq!(
        rest,
        expected("OMERO_GROUP=my_group\nOMERO_HOST=one.invalid\nOMERO_PORT=4064")
    );
    // Login options before the command choose another session, as for every command.
    let text = known(
        &stage
            .run(&["-s", "two.invalid", "-u", "root", "show"])
            .success(),
    );
    for line in [
        "OMERO_HOST=two.invalid",
        "OMERO_PORT=14064",
        "OMERO_USER=root",
        "OMERO_GROUP=system",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    let text = known(&stage.run(&["-s", "eve@new.invalid:99", "show"]).success());
    for line in ["OMERO_HOST=new.invalid", "OMERO_PORT=99", "OMERO_USER=eve"] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    assert!(!text.contains("OMERO_GROUP"), "{text}");
    for secret in ["secret", "stale", KEY, OTHER_KEY] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn the_key_is_given_where_the_configuration_says_so() {
    let stage = Stage::new();
    let program = stage.program("bin/omero-show", SHOW);
    stage.program("bin/omero-other", SHOW);
    stage.configure("executables: {show: {session-key: true}}\n");
    let line = format!("OMERO_SESSION_KEY={KEY}");
    assert!(stage.run(&["show"]).success().contains(&line));
    assert!(!stage.run(&["other"]).success().contains(KEY));
    // Others may not be able to change a program that gets a credential.
    fs::set_permissions(&program, fs::Permissions::from_mode(0o757)).unwrap();
    let output = stage.run(&["show"]).expect_code(126);
    assert!(output.stderr.contains("is not trusted"), "{output:?}");
    assert_eq!(output.stdout, "");
}

#[test]
fn without_a_store_programs_run_all_the_same_and_none_is_made() {
    let stage = Stage::empty();
    stage.program("bin/omero-show", SHOW);
    let text = stage.run(&["show"]).success();
    assert!(!text.contains("OMERO_HOST"), "{text}");
    assert!(!stage.sandbox.path("home/omero").exists());
}

#[test]
fn a_real_login_is_what_programs_see() {
    let (_server, port) = server();
    let stage = Stage::empty();
    stage.program("bin/omero-show", SHOW);
    let target = format!("root@localhost:{port}");
    let _ = stage
        .run(&["login", &target, "-w", "omero", "-g", "system"])
        .success();
    let text = stage.run(&["show"]).success();
    for line in [
        "OMERO_HOST=localhost",
        &format!("OMERO_PORT={port}"),
        "OMERO_USER=root",
        "OMERO_GROUP=system",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
}

#[test]
fn exit_codes_and_signals_pass_through() {
    let stage = Stage::new();
    stage.program("bin/omero-end", "[ $1 = kill ] && kill -$2 $$; exit $2");
    for (how, number, code) in [
        ("exit", "0", 0),
        ("exit", "7", 7),
        ("exit", "255", 255),
        ("kill", "9", 137),
        ("kill", "15", 143),
        ("kill", "2", 130),
    ] {
        let output = stage.run(&["end", how, number]);
        assert_eq!(output.code, code, "{how} {number}: {output:?}");
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn streams_are_the_programs_own() {
    let stage = Stage::new();
    stage.program("bin/omero-copy", "cat; echo done >&2");
    let output = stage.sandbox.run_with_input(["copy"], "text\n");
    let _ = output.expect_stdout("text\n").expect_stderr("done\n");
}

#[test]
fn a_request_to_end_reaches_the_program() {
    let stage = Stage::new();
    stage.program(
        "bin/omero-wait",
        "trap 'echo told; exit 5' TERM; echo ready; while :; do sleep 0.05; done",
    );
    let mut command = stage.sandbox.command(["wait"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut output, &mut line).unwrap();
    assert_eq!(line, "ready\n");
    // The program runs a moment before its parent has noted its number.
    thread::sleep(Duration::from_millis(200));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5));
    line.clear();
    std::io::Read::read_to_string(&mut output, &mut line).unwrap();
    assert_eq!(line, "told\n");
}

#[test]
fn ctrl_c_is_the_programs() {
    let stage = Stage::new();
    let script = "n=0; trap 'n=$((n + 1)); echo caught $n' INT; echo ready\n\
                  while [ $n -lt 3 ]; do sleep 0.05; done; exit 3";
    stage.program("bin/omero-ask", script);
    let mut terminal = stage.sandbox.terminal(["ask"]);
    terminal.expect("ready");
    // Twice would end a command of a plugin.
    for n in 1..=3 {
        terminal.interrupt();
        terminal.expect(&format!("caught {n}"));
    }
    let ended = terminal.finish();
    assert_eq!(ended.code, 3, "{}", ended.screen);
}

#[test]
fn the_search_path_comes_first_and_has_to_be_trusted() {
    let mut stage = Stage::new();
    stage.program("bin/omero-show", "echo from path");
    let program = stage.program("plugins/omero-show", "echo from plugins");
    assert_eq!(stage.run(&["show"]).success(), "from path\n");
    assert_eq!(
        stage.run(&["--path", "plugins", "show"]).success(),
        "from plugins\n"
    );
    let path = program.display().to_string();
    assert_eq!(
        stage.run(&["--path", &path, "show"]).success(),
        "from plugins\n"
    );
    fs::set_permissions(&program, fs::Permissions::from_mode(0o644)).unwrap();
    let output = stage.run(&["--path", "plugins", "show"]).expect_code(126);
    assert!(output.stderr.contains("chmod +x"), "{output:?}");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o777)).unwrap();
    let output = stage.run(&["--path", "plugins", "show"]).expect_code(126);
    assert!(output.stderr.contains("chmod o-w"), "{output:?}");
    // What is in the current directory is not installed.
    stage.program("omero-here", "echo here");
    stage.sandbox.set("PATH", ".::/usr/bin:/bin");
    let output = stage.run(&["here"]).expect_code(2);
    assert!(
        output.stderr.contains("there is no command `here`"),
        "{output:?}"
    );
}

#[test]
fn the_host_under_another_name_is_no_program() {
    let mut stage = Stage::new();
    let omero = stage.sandbox.command([""; 0]).get_program().to_owned();
    symlink(&omero, stage.sandbox.path("bin/omero-nonsense")).unwrap();
    let output = stage.run(&["nonsense"]).expect_code(2);
    assert!(
        output.stderr.contains("there is no command `nonsense`"),
        "{output:?}"
    );
    assert!(!stage.run(&["help"]).success().contains("nonsense"));
    stage.sandbox.call_it("omero-sessions-key");
    assert_eq!(stage.run(&[]).success(), format!("{KEY}\n"));
}

#[test]
fn a_program_that_cannot_start_says_why() {
    let stage = Stage::new();
    let program = stage
        .sandbox
        .write("bin/omero-odd", "#!/no/such/interpreter\n");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let output = stage.run(&["odd"]).expect_code(126);
    assert!(
        output.stderr.starts_with("omero: error: the program "),
        "{output:?}"
    );
}

#[test]
fn nothing_here_and_no_program_goes_to_the_fallback() {
    let mut stage = Stage::new();
    let python = stage.program("python/bin/omero", SHOW);
    stage.sandbox.set("OMERO_PASSWORD", "secret");
    stage.configure(&format!("fallback: {}\n", python.display()));
    let line = [
        "-s",
        "two.invalid",
        "-C",
        "import",
        "-u",
        "root",
        "--path",
        "x",
        "file.tif",
    ];
    let text = stage.run(&line).success();
    let words: Vec<String> = line.iter().map(|w| format!("argument <{w}>")).collect();
    assert!(
        text.starts_with(&words.join("\n")),
        "the words in their order: {text}"
    );
    let store = stage.sandbox.path("home/omero/sessions");
    assert!(
        text.contains(&format!("OMERO_SESSIONDIR={}\n", store.display())),
        "{text}"
    );
    assert!(text.contains("OMERO_PASSWORD=secret"), "{text}");
    assert!(
        !text.contains("OMERO_HOST"),
        "it reads the rest itself: {text}"
    );
    // What is here stays here.
    assert_eq!(
        stage.run(&["sessions", "key"]).success(),
        format!("{KEY}\n")
    );
    stage.program("bin/omero-import", "echo program");
    assert_eq!(stage.run(&["import"]).success(), "program\n");
}

#[test]
fn a_wrong_fallback_is_refused() {
    let stage = Stage::new();
    let omero = stage.sandbox.command([""; 0]).get_program().to_owned();
    for (path, reason) in [
        ("omero", "is no absolute path"),
        ("/no/such/omero", "does not exist"),
        (omero.to_str().unwrap(), "is this program itself"),
    ] {
        stage.configure(&format!("fallback: {path}\n"));
        let output = stage.run(&["import"]).expect_code(78);
        assert!(output.stderr.contains(reason), "{output:?}");
    }
}

#[test]
fn help_asks_the_program() {
    let stage = Stage::new();
    stage.program("bin/omero-show", SHOW);
    let python = stage.program("python/bin/omero", SHOW);
    stage.configure("aliases: {k: sessions key}\n");
    let text = stage.run(&["help", "show", "deeper"]).success();
    assert!(
        text.starts_with("argument <deeper>\nargument <--help>\n"),
        "{text}"
    );
    assert_eq!(
        stage.run(&["help", "k"]).success(),
        "`k` is your alias for: sessions key\n"
    );
    let _ = stage
        .run(&["help", "import"])
        .expect_stderr("Unknown help topic or command: import\n");
    stage.configure(&format!("fallback: {}\n", python.display()));
    let text = stage.run(&["help", "import"]).success();
    assert!(
        text.starts_with("argument <import>\nargument <--help>\n"),
        "{text}"
    );
    // The overview lists programs, and a word that is nearly one leads to it.
    assert!(stage.run(&["help"]).success().contains("The program "));
    stage.configure("");
    let output = stage.run(&["shwo"]).expect_code(2);
    assert!(output.stderr.contains("did you mean `show`?"), "{output:?}");
}

#[test]
fn login_options_that_no_provider_takes_are_refused() {
    let stage = Stage::new();
    stage.program("bin/omero-ran", "echo ran");
    stage.configure("session-provider: nosuch\n");
    assert_eq!(stage.run(&["ran"]).success(), "ran\n");
    let output = stage.run(&["-s", "far.away", "ran"]);
    assert_ne!(output.code, 0, "{output:?}");
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("nosuch"), "{output:?}");
}

#[test]
fn a_wrong_pattern_of_path_is_explained() {
    let stage = Stage::new();
    for (value, reason) in [
        ("plugins[", "the pattern is wrong at character 8: "),
        ("a/***/b", "the pattern is wrong at character 5: "),
        ("none/*.so", "there is no such file or directory\n"),
    ] {
        let output = stage.run(&["--path", value, "version"]).expect_code(0);
        let start = format!("omero: warning: --path {value}: {reason}");
        assert!(output.stderr.starts_with(&start), "{output:?}");
    }
}
