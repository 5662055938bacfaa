//! Arguments that are not UTF-8, such as Latin-1 file names: unchanged where they are only handed
//! on, an error that names them where they are interpreted.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
};

use omero_tests::output::Output;

use crate::stage::Stage;

/// Shows arguments, with the bytes of each in hexadecimal.
const SHOW: &str =
    r#"for word; do printf '<%s>' "$(printf %s "$word" | od -An -tx1 | tr -d ' \n')"; done; echo"#;
/// `café` as Latin-1 has it.
const NAME: &[u8] = b"caf\xe9";
/// As [`SHOW`] prints it.
const SHOWN: &str = "<636166e9>";

fn run(stage: &Stage, line: &[&[u8]]) -> Output {
    stage
        .sandbox
        .run(line.iter().map(|word| OsStr::from_bytes(word)))
}

fn path(directory: &str) -> OsString {
    let mut path = directory.as_bytes().to_vec();
    path.extend(NAME);
    OsString::from_vec(path)
}

#[test]
fn programs_the_fallback_and_aliases_get_them_unchanged() {
    let stage = Stage::new();
    stage.program("bin/omero-show", SHOW);
    let other = stage.program("other/bin/omero", SHOW);
    stage.configure(&format!(
        "fallback: {}\naliases:\n  words: show $1 a$1 $@\n  end: show\n  shell: '!omero-show \"$1\"'\n",
        other.display()
    ));
    for (line, expected) in [
        (&[&b"show"[..], NAME][..], SHOWN.to_owned()),
        (&[b"-q", b"show", b"--x=\xff"], "<2d2d783dff>".to_owned()),
        (&[b"import", NAME], format!("<696d706f7274>{SHOWN}")),
        (&[b"\xff", b"x"], "<ff><78>".to_owned()),
        (
            &[b"words", NAME, b"\xfe"],
            format!("{SHOWN}<61636166e9><fe>"),
        ),
        (&[b"end", NAME], SHOWN.to_owned()),
        (&[b"shell", NAME], SHOWN.to_owned()),
    ] {
        assert_eq!(
            run(&stage, line).success(),
            format!("{expected}\n"),
            "{line:?}"
        );
    }
}

#[test]
fn files_may_be_called_so() {
    let stage = Stage::new();
    stage.sandbox.write(path("scripts/"), "pwd\n");
    let script = [b"load", path("scripts/").as_bytes()].map(<[u8]>::to_vec);
    let line: Vec<&[u8]> = script.iter().map(Vec::as_slice).collect();
    let here = format!("{}\n", stage.sandbox.root().display());
    assert_eq!(run(&stage, &line).success(), here);
    let output = run(&stage, &[b"load", b"no-such-\xe9"]).expect_code(1);
    assert!(
        output
            .stderr
            .contains(r"cannot read the script no-such-\xE9: "),
        "{output:?}"
    );
    // The same directory by its name and joined to the option.
    let program = stage.program("plain/omero-show", "echo found");
    let directory = stage.sandbox.path(path("dir-"));
    std::fs::create_dir(&directory).unwrap();
    std::fs::rename(program, directory.join("omero-show")).unwrap();
    let mut joined = b"--path=".to_vec();
    joined.extend(directory.as_os_str().as_bytes());
    assert_eq!(run(&stage, &[&joined, b"show"]).success(), "found\n");
    let apart = run(
        &stage,
        &[b"--path", directory.as_os_str().as_bytes(), b"show"],
    );
    assert_eq!(apart.success(), "found\n");
    let output = run(&stage, &[b"--path", b"\xe9", b"version"]).expect_code(0);
    assert!(
        output
            .stderr
            .contains(r"--path \xE9: there is no such file or directory"),
        "{output:?}"
    );
}

#[test]
fn a_plugin_and_the_host_name_the_one_they_cannot_read() {
    let stage = Stage::new();
    for line in [
        &[&b"sessions"[..], b"list", NAME][..],
        &[b"hql", NAME],
        &[b"alias", b"set", b"x", NAME],
        &[b"plugin", b"info", NAME],
        &[b"load", b"-e", NAME],
        &[b"load", b"-g", NAME],
        &[b"help", NAME],
    ] {
        let output = run(&stage, line).expect_code(2);
        assert_eq!(
            output.stderr.lines().next(),
            Some(r#"omero: error: the argument "caf\xE9" is not UTF-8 text"#),
            "{line:?}"
        );
    }
    let output = run(&stage, &[NAME]).expect_code(2);
    assert!(
        output.stderr.contains(r"there is no command `caf\xE9`"),
        "{output:?}"
    );
}

#[test]
fn a_password_is_not_repeated() {
    let stage = Stage::new();
    for line in [
        &[&b"login"[..], b"-w", NAME][..],
        &[b"-w", NAME, b"login"],
        &[b"login", b"--password=caf\xe9"],
        &[b"login", b"-qwcaf\xe9"],
    ] {
        let output = run(&stage, line).expect_code(2);
        assert!(
            output.stderr.starts_with(
                "omero: error: the value of '--password <PASSWORD>' is not UTF-8 text\n"
            ),
            "{output:?}"
        );
        assert!(!output.stderr.contains("caf"), "{output:?}");
    }
}

#[test]
fn completion_stays_silent() {
    let stage = Stage::new();
    let _ = run(&stage, &[b"__complete", b"zsh", b"--", NAME])
        .expect_code(0)
        .expect_stdout("")
        .expect_stderr("");
}
