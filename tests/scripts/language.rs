//! How scripts are read and how they end.

use omero_tests::sandbox::Sandbox;

use crate::stage::Stage;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\n");

#[test]
fn blank_lines_and_comments_are_passed_over_and_the_first_failure_stops() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "in/a",
        "#!/usr/bin/env omero load\nversion\n\n  # x\nfoo\nversion\n",
    );
    let output = sandbox.run(["load", "in/a"]).expect_code(2);
    assert_eq!(output.stdout, VERSION);
    assert!(
        output.stderr.contains("there is no command `foo`"),
        "{output:?}"
    );
    let last = output.stderr.lines().last().unwrap();
    assert_eq!(
        last,
        "omero: note: stopped at in/a, line 5, which ended with exit status 2"
    );
}

#[test]
fn keep_going_says_what_it_passes_over_and_succeeds() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "in/a",
        "foo\nlogin -w secret x@y -p bad extra\nversion\nfoo",
    );
    for option in ["-k", "--keep-going", "--keep"] {
        let output = sandbox.run(["load", option, "in/a"]).expect_code(0);
        assert_eq!(output.stdout, VERSION);
        let ignored: Vec<&str> = output
            .stderr
            .lines()
            .filter(|line| line.starts_with("Ignoring error: "))
            .collect();
        assert_eq!(
            ignored,
            [
                "Ignoring error: foo",
                "Ignoring error: login -w *** x@y -p bad extra",
                "Ignoring error: foo"
            ]
        );
        assert!(output.stderr.contains("omero: note: in/a, line 4 failed\n"));
        assert!(!output.stderr.contains("secret"), "{output:?}");
    }
}

#[test]
fn codes_of_commands_become_the_scripts() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let output = stage.load("version\ngroup info 99\nversion\n");
    assert_eq!(output.code, 504 % 256, "{output:?}");
    assert_eq!(output.stdout, VERSION);
}

#[test]
fn files_come_in_their_order_and_globs_sorted() {
    let sandbox = Sandbox::new();
    sandbox.write("in/b.omero", "pwd\n");
    sandbox.write("in/a.omero", "version\n");
    let pwd = format!("{}\n", sandbox.root().display());
    let run = |arguments: &[&str]| sandbox.run(arguments).success();
    assert_eq!(
        run(&["load", "in/b.omero", "in/a.omero"]),
        format!("{pwd}{VERSION}")
    );
    assert_eq!(
        run(&["load", "-g", "in/*.omero"]),
        format!("{VERSION}{pwd}")
    );
    assert_eq!(run(&["load", "--glob", "in/*.none"]), "");
    let output = sandbox
        .run(["load", "in/a.omero", "missing"])
        .expect_code(1);
    assert_eq!(output.stdout, VERSION);
    assert!(
        output
            .stderr
            .contains("omero: error: cannot read the script missing: "),
        "{output:?}"
    );
}

#[test]
fn standard_input_is_a_script_too() {
    let sandbox = Sandbox::new();
    for arguments in [&["load"][..], &["load", "-"], &[]] {
        let output = sandbox.run_with_input(arguments, "version\n# c\nversion");
        assert_eq!(output.success(), format!("{VERSION}{VERSION}"));
        let output = sandbox.run_with_input(arguments, "version\nfoo\nversion\n");
        let output = output.expect_code(2).expect_stdout(VERSION);
        assert!(
            output.stderr.contains("standard input, line 2"),
            "{output:?}"
        );
    }
    assert_eq!(sandbox.run_with_input([""; 0], "").success(), "");
}

#[test]
fn quit_leaves_what_is_typed_but_not_what_is_loaded() {
    let sandbox = Sandbox::new();
    let none = [""; 0];
    assert_eq!(
        sandbox.run_with_input(none, "quit\nversion\n").success(),
        ""
    );
    assert_eq!(
        sandbox.run_with_input(none, "EOF\nversion\n").success(),
        "\n"
    );
    assert_eq!(
        sandbox
            .run_with_input(["load"], "quit\nversion\n")
            .success(),
        VERSION
    );
    assert_eq!(sandbox.run(["quit"]).success(), "");
    assert_eq!(sandbox.run(["EOF"]).success(), "\n");
}

#[test]
fn commands_may_stand_behind_e() {
    let sandbox = Sandbox::new();
    let run = |arguments: &[&str]| sandbox.run(arguments);
    assert_eq!(
        run(&["-e", "version", "--execute", "version"]).success(),
        format!("{VERSION}{VERSION}")
    );
    let output = run(&["-e", "version", "-e", "foo", "-e", "version"]).expect_code(2);
    assert_eq!(output.stdout, VERSION);
    assert!(
        output.stderr.contains("stopped at -e 2, line 1"),
        "{output:?}"
    );
    let output = run(&["load", "-k", "-e", "foo", "-e", "version"]).expect_code(0);
    assert_eq!(output.stdout, VERSION);
    let output = run(&["-e", "version", "version"]).expect_code(2);
    assert!(output.stderr.contains("-e takes the place of a command"));
    assert_eq!(output.stdout, "");
}

#[test]
fn words_are_quoted_as_in_the_shell() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("a b")).unwrap();
    let output = sandbox.run_with_input(["load"], "cd 'a b'\npwd\ncd ..\ncd \\\n a\\ b\npwd\n");
    let directory = sandbox.path("a b").display().to_string();
    assert_eq!(output.success(), format!("{directory}\n{directory}\n"));
    let output = sandbox.run_with_input(["load", "-k"], "version 'abc\nversion\n");
    let output = output.expect_code(0).expect_stdout(VERSION);
    assert!(
        output
            .stderr
            .contains("omero: error: standard input, line 1: No closing quotation"),
        "{output:?}"
    );
}

#[test]
fn a_script_can_be_a_program() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let omero = omero_tests::artifacts::installation().omero.clone();
    let text = format!("#!/usr/bin/env -S {} load\nversion\n", omero.display());
    let path = sandbox.write("program", text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let plugins = omero_tests::artifacts::installation().plugins.clone();
    let mut program = Sandbox::for_program(&path);
    program.set("OMERO_PLUGIN_PATH", plugins);
    assert_eq!(program.run([""; 0]).success(), VERSION);
}

#[test]
fn scripts_load_scripts_but_not_endlessly() {
    let sandbox = Sandbox::new();
    sandbox.write("outer", "load inner\nversion\n");
    sandbox.write("inner", "version\n");
    assert_eq!(
        sandbox.run(["load", "outer"]).success(),
        format!("{VERSION}{VERSION}")
    );
    sandbox.write("inner", "load inner\n");
    let output = sandbox.run(["load", "outer"]).expect_code(1);
    assert!(
        output.stderr.contains("scripts load each other"),
        "{output:?}"
    );
}

#[test]
fn directories_are_shown_and_changed() {
    let sandbox = Sandbox::new();
    sandbox.write("d/.hidden", "");
    sandbox.write("d/b", "");
    let output = sandbox.run_with_input(["load"], "cd d\nls\ndir\n");
    assert_eq!(output.success(), ".hidden\nb\n.hidden\nb\n");
    let output = sandbox.run_with_input(["load"], "cd /nonexistent-dir\n");
    let output = output.expect_code(1);
    assert!(output.stderr.contains("/nonexistent-dir"), "{output:?}");
}

#[test]
fn a_closed_output_ends_the_script_quietly() {
    let sandbox = Sandbox::new();
    let many = "version\n".repeat(50_000);
    sandbox.write("many", many);
    let omero = omero_tests::artifacts::installation().omero.clone();
    let line = format!("'{}' -q load many 2>err | head -1", omero.display());
    let mut shell = Sandbox::for_program(std::path::Path::new("/bin/sh"));
    shell.set("OMERO_PLUGIN_PATH", "none");
    let line = format!("cd '{}' && {line}", sandbox.root().display());
    assert_eq!(shell.run(["-c", &line]).success(), VERSION);
    let said = sandbox.read("err");
    assert!(said.len() < 100_000, "{} bytes", said.len());
    assert!(!said.contains("error"), "{said}");
}
