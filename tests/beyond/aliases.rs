//! Aliases.

use crate::stage::{KEY, Stage};

const SHOW: &str = r#"for word; do printf '<%s>' "$word"; done; echo"#;

#[test]
fn words_are_appended_or_placed() {
    let stage = Stage::new();
    stage.program("bin/omero-show", SHOW);
    stage.configure(
        "aliases:\n  end: show a 'b c'\n  place: show $2 \"<$1>\"\n  rest: show $@ end\n  list: [show, 'a b', '']\n",
    );
    for (line, expected) in [
        (&["end", "x y"][..], "<a><b c><x y>\n"),
        (&["place", "1", "2", "3"], "<2><<1>><3>\n"),
        (&["rest", "1", "2 3"], "<1><2 3><end>\n"),
        (&["list", "-z"], "<a b><><-z>\n"),
    ] {
        assert_eq!(stage.run(line).success(), expected, "{line:?}");
    }
    let output = stage.run(&["place", "1"]).expect_code(2);
    assert_eq!(
        output.stderr,
        "omero: error: the alias `place` needs 2 arguments and got 1\n"
    );
}

#[test]
fn an_alias_may_hold_login_options_and_other_aliases() {
    let stage = Stage::new();
    stage.program("bin/omero-show", "echo $OMERO_USER@$OMERO_HOST");
    stage.configure(
        "aliases:\n  two: -s two.invalid -u root show\n  deeper: two\n  k: sessions key\n",
    );
    assert_eq!(stage.run(&["show"]).success(), "ada@one.invalid\n");
    assert_eq!(stage.run(&["deeper"]).success(), "root@two.invalid\n");
    assert_eq!(stage.run(&["-q", "k"]).success(), format!("{KEY}\n"));
    // Later options win, as everywhere.
    let line = ["-s", "one.invalid", "-u", "ada", "two"];
    assert_eq!(stage.run(&line).success(), "root@two.invalid\n");
}

#[test]
fn the_shell_gets_arguments_as_parameters() {
    let stage = Stage::new();
    stage.configure(
        "aliases:\n  count: '!printf \"%s,\" \"$#\" \"$@\"'\n  end: '!echo first'\n  fails: '!exit 9'\n  user: '!echo $OMERO_USER $0 $1'\n",
    );
    let evil = "$(touch evil); `touch evil`; 'x";
    assert_eq!(
        stage.run(&["count", "a b", evil]).success(),
        format!("2,a b,{evil},")
    );
    assert_eq!(stage.run(&["end", "a  b"]).success(), "first a  b\n");
    assert!(!stage.sandbox.path("evil").exists());
    let _ = stage.run(&["fails"]).expect_code(9);
    assert_eq!(stage.run(&["user", "x"]).success(), "ada omero user x\n");
}

#[test]
fn an_endless_alias_shows_its_chain() {
    let stage = Stage::new();
    stage.configure("aliases: {a: b x, b: '-q c', c: a, self: self -l}\n");
    let output = stage.run(&["a"]).expect_code(2);
    let first = output.stderr.lines().next().unwrap();
    assert_eq!(
        first,
        "omero: error: the alias `a` leads back to itself: a -> b -> c -> a"
    );
    let output = stage.run(&["self"]).expect_code(2);
    assert!(output.stderr.contains("self -> self"), "{output:?}");
}

#[test]
fn commands_of_omero_cannot_be_shadowed() {
    let stage = Stage::new();
    for name in ["login", "logout", "help", "version", "config", "alias"] {
        let output = stage
            .run(&["alias", "set", name, "sessions key"])
            .expect_code(2);
        assert!(
            output.stderr.contains("it is a command of omero itself"),
            "{output:?}"
        );
    }
    for name in ["../x", "-x", "a/b", "", "1"] {
        let _ = stage
            .run(&["alias", "set", "--", name, "sessions key"])
            .expect_code(2);
    }
    assert_eq!(stage.sandbox.read("config.yaml"), "");
    // Written by hand they are ignored, but not silently.
    stage.configure("aliases: {logout: sessions key, version: sessions key}\n");
    let output = stage.run(&["logout", "-h"]).expect_code(0);
    assert!(
        output
            .stderr
            .contains("the alias `logout` of the configuration is ignored"),
        "{output:?}"
    );
    assert!(
        output.stdout.contains("omero sessions logout"),
        "{output:?}"
    );
    assert!(!stage.run(&["version"]).success().contains(KEY));
}

#[test]
fn aliases_are_set_listed_and_removed() {
    let stage = Stage::new();
    assert_eq!(
        stage.run(&["alias", "list", "--style", "plain"]).success(),
        "\n"
    );
    let _ = stage.run(&["alias", "set", "k", "sessions key"]).success();
    let _ = stage
        .run(&["alias", "set", "words", "sessions", "key", "--style", "a b"])
        .success();
    assert_eq!(
        stage.sandbox.read("config.yaml"),
        "aliases:\n  k: sessions key\n  words:\n  - sessions\n  - key\n  - --style\n  - a b\n"
    );
    assert_eq!(stage.run(&["k"]).success(), format!("{KEY}\n"));
    assert_eq!(
        stage.run(&["alias", "list", "--style", "csv"]).success(),
        "Alias,Command\nk,sessions key\nwords,sessions key --style 'a b'\n"
    );
    let output = stage
        .run(&["alias", "set", "words", "version"])
        .expect_code(0);
    assert_eq!(
        output.stderr,
        "omero: note: `words` stood for: sessions key --style 'a b'\n"
    );
    let output = stage
        .run(&["-q", "alias", "set", "words", "help"])
        .expect_code(0);
    assert_eq!(output.stderr, "");
    let _ = stage.run(&["alias", "remove", "words"]).success();
    let output = stage.run(&["alias", "remove", "words"]).expect_code(1);
    assert_eq!(
        output.stderr.lines().next(),
        Some("omero: error: there is no alias `words`")
    );
    let _ = stage.run(&["alias", "remove", "k"]).success();
    assert_eq!(stage.sandbox.read("config.yaml"), "");
    let output = stage
        .run(&["alias", "set", "x", "hql 'open"])
        .expect_code(2);
    assert!(
        output.stderr.contains("a quote in it is not closed"),
        "{output:?}"
    );
}

#[test]
fn a_broken_alias_stops_only_itself() {
    let stage = Stage::new();
    stage.configure("aliases:\n  bad: 5\n  tag: !echo x\n");
    for (name, reason) in [("bad", "a text or a list of texts"), ("tag", "quote text")] {
        let output = stage.run(&[name]).expect_code(78);
        assert!(output.stderr.contains(reason), "{output:?}");
    }
    assert_eq!(
        stage.run(&["sessions", "key"]).success(),
        format!("{KEY}\n")
    );
    assert!(
        stage
            .run(&["help"])
            .success()
            .contains("(!) cannot be used")
    );
}

#[test]
fn help_of_a_broken_alias_says_what_is_wrong() {
    let stage = Stage::new();
    stage.configure("aliases:\n  x: \"hql 'open\"\n");
    let said = stage.run(&["x"]);
    assert_ne!(said.code, 0, "{said:?}");
    let output = stage.run(&["help", "x"]).expect_code(said.code);
    assert_eq!(output.stderr, said.stderr);
}
