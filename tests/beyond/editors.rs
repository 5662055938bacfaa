//! Files as the editors of Windows write them: a byte order mark, other line ends, UTF-16.

use crate::stage::Stage;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\n");
const MARK: &str = "\u{feff}";

fn utf_16(text: &str) -> Vec<u8> {
    let text = format!("{MARK}{text}");
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn scripts_may_begin_with_a_mark_and_end_lines_with_returns() {
    let stage = Stage::new();
    for text in [
        "version\r\n",
        "\u{feff}version\n",
        "\u{feff}version\r\n",
        "\u{feff}# comment\r\n\r\nversion\r\n",
        "\u{feff}#!/usr/bin/env -S omero load\nversion",
        "version \\\r\n  --style plain\r\n",
    ] {
        stage.sandbox.write("script", text);
        assert_eq!(
            stage.run(&["load", "script"]).success(),
            VERSION,
            "{text:?}"
        );
        for line in [&["load"][..], &["load", "-"], &[]] {
            let output = stage.sandbox.run_with_input(line, text);
            assert_eq!(output.success(), VERSION, "{text:?}");
        }
    }
}

#[test]
fn other_encodings_are_named() {
    let stage = Stage::new();
    stage.sandbox.write("wide", utf_16("version\r\n"));
    let output = stage.run(&["load", "wide"]).expect_code(1);
    assert_eq!(
        output.stderr,
        "omero: error: cannot read the script wide: it is UTF-16 text; save it as UTF-8\n"
    );
    stage.sandbox.write("latin", b"version\nlogin caf\xe9\n");
    let output = stage.run(&["load", "latin"]).expect_code(1);
    assert_eq!(
        output.stderr,
        "omero: error: cannot read the script latin: line 2 is not UTF-8 text\n"
    );
    let mut command = stage.sandbox.command(["load"]);
    let wide = std::fs::File::open(stage.sandbox.path("wide")).unwrap();
    let output = command.stdin(wide).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "omero: error: cannot read standard input: it is UTF-16 text, not UTF-8\n"
    );
    stage
        .sandbox
        .write("config.yaml", utf_16("aliases: {v: version}\r\n"));
    for line in [&["v"][..], &["config", "set", "report", "with-key"]] {
        let output = stage.run(line).expect_code(78);
        assert!(
            output
                .stderr
                .contains("it is UTF-16 text; save it as UTF-8"),
            "{output:?}"
        );
        assert!(!output.stderr.contains("permissions"), "{output:?}");
    }
}

#[test]
fn the_configuration_may_have_a_mark_and_returns() {
    let stage = Stage::new();
    stage.configure("\u{feff}aliases:\r\n  v: version\r\n# stays\r\nodd: 1\r\n");
    let output = stage.run(&["v"]).expect_code(0);
    assert_eq!(output.stdout, VERSION);
    assert!(
        output
            .stderr
            .contains("line 4: unknown configuration key `odd`"),
        "{output:?}"
    );
    stage.configure("\u{feff}# first\r\naliases:\r\n  v: version\r\n# stays\r\n");
    let _ = stage
        .run(&["config", "set", "report", "with-key"])
        .success();
    assert_eq!(
        stage.sandbox.read("config.yaml"),
        "# first\r\naliases:\r\n  v: version\r\n# stays\r\nreport: with-key\r\n"
    );
}

#[test]
fn what_was_edited_into_another_encoding_is_kept() {
    let mut stage = Stage::new();
    stage.configure("report: with-key\n");
    stage
        .sandbox
        .write("wide", utf_16("report: without-key\r\n"));
    let editor = stage.program("bin/editor", "cat wide > \"$1\"");
    stage.sandbox.set("EDITOR", &editor);
    let output = stage.run(&["config", "edit"]).expect_code(78);
    assert!(output.stderr.contains("it is UTF-16 text"), "{output:?}");
    assert_eq!(stage.sandbox.read("config.yaml"), "report: with-key\n");
    let (_, kept) = output.stderr.rsplit_once("is kept in ").unwrap();
    let kept = std::fs::read(kept.trim()).unwrap();
    assert_eq!(kept, utf_16("report: without-key\r\n"));
    // Saved as UTF-8 with a mark, it is taken.
    let text = format!("{MARK}report: without-key\r\n");
    stage.sandbox.write("wide", text);
    let _ = stage.run(&["config", "edit"]).success();
    let value = stage.run(&["config", "get", "report"]).success();
    assert_eq!(value, "without-key\n");
}
