//! Which words of a line are the host's and which are the plugin's.

use crate::room::Room;

/// What `hello` gets of a line, and whether the host took `-q` for itself.
#[track_caller]
fn expect(room: &Room, line: &str, arguments: &str, quiet: bool) {
    let words: Vec<&str> = line.split(' ').collect();
    let output = room.omero(&words).success();
    let expected = format!("{arguments}\nquiet {quiet}\n");
    assert!(output.starts_with(&expected), "{line}: {output}");
}

#[test]
fn words_of_another_program_arrive_whatever_they_are() {
    let room = Room::with_hello();
    for (line, arguments, quiet) in [
        ("hello exec ls -q", "exec|ls|-q", false),
        ("hello exec -q ls -q", "exec|ls|-q", true),
        (
            "-q hello exec ls -s h --path /x -h",
            "exec|ls|-s|h|--path|/x|-h",
            true,
        ),
        (
            "hello exec --color=x exec -- -w p",
            "exec|--color=x|exec|--|-w|p",
            false,
        ),
        ("hello exec -- ls -q", "exec|--|ls|-q", false),
    ] {
        expect(&room, line, arguments, quiet);
    }
}

#[test]
fn options_of_a_plugin_come_before_those_of_the_host() {
    let room = Room::with_hello();
    for (line, arguments, quiet) in [
        (
            "hello ingest --path /no/such",
            "ingest|--path|/no/such",
            false,
        ),
        (
            "hello ingest --path=/no/such",
            "ingest|--path=/no/such",
            false,
        ),
        ("hello ingest --server x", "ingest|--server|x", false),
        ("hello ingest -q x --quiet", "ingest|-q|x", true),
    ] {
        expect(&room, line, arguments, quiet);
        let words: Vec<&str> = line.split(' ').collect();
        room.omero(&words).expect_stderr("").success();
    }
}

#[test]
fn path_may_follow_the_command_of_a_plugin_that_is_there() {
    let room = Room::new();
    let library = crate::room::hello().to_str().unwrap();
    let output = room
        .omero(&["hello", "--path", library, "options", "a"])
        .success();
    assert!(output.starts_with("options|a\n"), "{output}");
    let output = room
        .omero(&["hello", "ingest", "--path", library])
        .success();
    assert!(
        output.starts_with(&format!("ingest|--path|{library}\n")),
        "{output}"
    );
    let listed = room.omero(&["plugin", "list", "--path", library]).success();
    assert!(listed.contains("hello"), "{listed}");
    room.omero(&["alias", "set", "later", "hello", "--path", library, "say"])
        .success();
    assert_eq!(room.omero(&["later"]).success(), "Hello world.\n");
}

#[test]
fn messages_hide_the_secrets_of_a_line_and_nothing_else() {
    let room = Room::with_hello();
    for (line, shown) in [
        ("hello fail -w secret", "hello fail -w ***"),
        (
            "hello ingest --key secret --bogus",
            "hello ingest --key *** --bogus",
        ),
        (
            "hello ingest -q secret --bogus",
            "hello ingest -q *** --bogus",
        ),
        ("hello say -t 5 --bogus", "hello say -t 5 --bogus"),
    ] {
        let output = room
            .sandbox
            .run_with_input(["load", "-k"], &format!("{line}\n"));
        let said = format!("Ignoring error: {shown}\n");
        assert!(output.stderr.contains(&said), "{line}: {output:?}");
    }
}

#[test]
fn completion_follows_the_grammar_of_the_plugin() {
    let room = Room::with_hello();
    let complete = |words: &[&str]| {
        let line = [&["__complete", "fish", "--"], words].concat();
        let output = room.omero(&line).expect_stderr("").success();
        let names = output
            .lines()
            .skip(1)
            .map(|line| line.split('\t').next().unwrap_or_default());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["hello", "exec", "ls", "--ser"]), [""; 0]);
    assert_eq!(complete(&["hello", "exec", "--serv"]), ["--server"]);
    assert_eq!(
        complete(&["hello", "ingest", "--pa"]),
        ["--path", "--password"]
    );
    assert_eq!(complete(&["hello", "ingest", "--serv"]), [""; 0]);
}
