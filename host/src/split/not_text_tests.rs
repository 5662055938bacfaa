//! Command lines with words that are not UTF-8.

use std::os::unix::ffi::OsStringExt;

use super::{
    tests::{split, tree},
    *,
};

fn words(line: &[&[u8]]) -> Vec<OsString> {
    line.iter()
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect()
}

#[test]
fn only_what_is_handed_on_need_not_be_text() {
    let Top::Command { name, taken, rest } = top(
        words(&[b"-qs", b"h", b"foo", b"\xff", b"-\xfe"]),
        Taken::default(),
    )
    .unwrap() else {
        panic!("no command")
    };
    assert_eq!((name.as_str(), taken.quiet()), ("foo", true));
    assert_eq!(rest, words(&[b"\xff", b"-\xfe"]));
    let line = words(&[b"--path=\xff", b"--path", b"\xfe", b"x"]);
    let (kept, paths) = without_paths(&tree(), line);
    assert_eq!((kept, paths), (words(&[b"x"]), words(&[b"\xff", b"\xfe"])));
}

#[test]
fn errors_name_what_is_not_text_but_no_secret() {
    let failure = |line: &[&[u8]]| {
        let error = split(&tree(), words(line)).unwrap_err();
        assert_eq!(error.code(), 2);
        error.to_string()
    };
    for (line, message) in [
        (
            &[&b"login"[..], b"caf\xe9"][..],
            r#"the argument "caf\xE9" is not UTF-8 text"#,
        ),
        (
            &[b"login", b"-t", b"\xff"],
            r#"the argument "\xFF" is not UTF-8 text"#,
        ),
        (
            &[b"login", b"-t\xff"],
            r#"the argument "-t\xFF" is not UTF-8 text"#,
        ),
        (
            &[b"login", b"-\xff"],
            r#"the argument "-\xFF" is not UTF-8 text"#,
        ),
        (
            &[b"login", b"--x\xff=a"],
            r#"the argument "--x\xFF=a" is not UTF-8 text"#,
        ),
        (
            &[b"--", b"\xff"],
            r#"the argument "\xFF" is not UTF-8 text"#,
        ),
        (
            &[b"login", b"-w", b"s\xe9"],
            "the value of '--password <PASSWORD>' is not UTF-8 text",
        ),
        (
            &[b"login", b"-qws\xe9"],
            "the value of '--password <PASSWORD>' is not UTF-8 text",
        ),
        (
            &[b"login", b"--pass=s\xe9"],
            "the value of '--password <PASSWORD>' is not UTF-8 text",
        ),
    ] {
        assert_eq!(failure(line), message);
    }
    let unknown = top(words(&[b"--\xff=\xfe"]), Taken::default()).unwrap_err();
    assert_eq!(unknown.to_string(), r"unexpected argument '--\xFF' found");
    let split = split(&tree(), words(&[b"\xff", b"-h"])).unwrap();
    assert!(split.help);
}
