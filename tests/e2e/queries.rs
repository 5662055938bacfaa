//! `hql` and `group`: results for scripts, pages on a terminal, and what happens when the server
//! goes away in the middle.

use omero_tests::{
    pty::Apart,
    server::{Config, Fault, Thrown, database::Record},
};

use crate::stage::Stage;

const GROUPS: &str = "hql select g from ExperimenterGroup g order by g.id";

fn logged_in() -> Stage {
    let images = (51..55).map(|id| Record::new("Image", id).owned_by(0, 0));
    let stage = Stage::with(Config {
        records: images.collect(),
        ..Config::standard()
    });
    stage.log_in("root", "omero");
    stage
}

#[test]
fn scripts_can_cut_ids_out_of_every_style() {
    let stage = logged_in();
    for (style, skipped) in [("plain", 0), ("csv", 1)] {
        let line = format!("{GROUPS} --ids-only --style {style}");
        let output = stage.run(&line).success();
        let lines = output.lines().skip(skipped);
        let ids: Vec<&str> = lines
            .filter_map(|line| line.split(',').nth(1)?.split(':').nth(1))
            .collect();
        assert_eq!(ids, ["0", "1", "2", "3", "4", "5"], "{style}");
        assert!(output.contains("4,ExperimenterGroupI:4\n"), "{output}");
    }
}

#[test]
fn pages_and_details_on_a_terminal() {
    let stage = logged_in();
    let mut terminal = stage.terminal("hql select i from Image i order by i.id --limit 2");
    let prompt = "To quit, enter 'q' or just enter.\n";
    let first = terminal.expect(prompt);
    assert!(first.contains("\n 0 | ImageI | 51 |"), "{first}");
    terminal.send("p");
    let second = terminal.expect(prompt);
    assert!(second.contains("\n 0 | ImageI | 53 |"), "{second}");
    terminal.send("1");
    let details = terminal.expect(prompt);
    assert!(
        details.starts_with("1\nid = 54\nacquisitionDate = None\n"),
        "{details}"
    );
    assert!(details.contains("\nloaded = True\n"), "{details}");
    terminal.send("R");
    assert_eq!(terminal.expect(prompt).replacen('R', "p", 1), second);
    terminal.send("q");
    assert_eq!(terminal.finish().code, 0);
}

#[test]
fn nothing_is_asked_where_input_or_output_is_no_terminal() {
    let stage = logged_in();
    let arguments = stage.arguments(GROUPS);
    for apart in [Apart::Stdin, Apart::Stdout] {
        let ended = stage.sandbox.terminal_without(&arguments, apart).finish();
        assert_eq!(ended.code, 0, "{}", ended.screen);
        assert!(!ended.screen.contains("enter 'q'"), "{}", ended.screen);
        let all = format!("{}{}", ended.screen, ended.apart);
        assert!(all.contains("\n(6 rows)\n"), "{all}");
    }
    let terminal = stage
        .sandbox
        .terminal_without(stage.arguments("hql --style csv"), Apart::Stdin);
    let ended = terminal.finish();
    assert_eq!(
        ended.code, 2,
        "an empty input is no query: {}",
        ended.screen
    );
}

#[test]
fn prompt_is_where_the_table_is() {
    let stage = logged_in();
    let arguments = stage.arguments(GROUPS);
    let mut terminal = stage.sandbox.terminal_without(arguments, Apart::Stderr);
    terminal.expect("(6 rows)\n");
    terminal.expect("or just enter.\n");
    terminal.send("");
    assert_eq!(terminal.finish().code, 0);
}

#[test]
fn queries_are_asked_for_until_there_is_none() {
    let stage = logged_in();
    let mut terminal = stage.terminal("hql --style plain");
    terminal.expect("Enter query:");
    terminal.send("select i.id from Image i where i.id = 51");
    terminal.expect("0,51\n");
    terminal.expect("To run another query, press enter\n");
    terminal.send("");
    terminal.expect("Enter query:");
    terminal.send("select frm");
    terminal.expect("Bad query: unexpected end of subtree [select frm]");
    assert_eq!(terminal.finish().code, 52);
}

#[test]
fn refusals_have_their_exit_codes() {
    let stage = logged_in();
    for (line, code, words) in [
        (GROUPS.to_owned(), 54, "SecurityViolation: not for you\n"),
        (
            format!("{GROUPS} --all"),
            53,
            "SecurityViolation: Current user is not an admin and cannot use '--admin'\n",
        ),
    ] {
        let refusal = Fault::Raise(Thrown::security("not for you"));
        stage.server.faults().on("projection", refusal);
        let output = stage.run(&line).expect_code(code);
        assert!(output.stderr.ends_with(words), "{output:?}");
        assert_eq!(output.stdout, "");
    }
}

#[test]
fn lost_connections_and_ended_sessions_fail_in_one_line() {
    for (line, operation) in [
        (GROUPS, "projection"),
        ("group list", "lookupGroups"),
        ("group info 3", "getGroup"),
        ("group listusers 3", "containedExperimenters"),
    ] {
        let stage = logged_in();
        for fault in [
            Fault::Disconnect,
            Fault::CutReply(20),
            Fault::CloseConnection,
        ] {
            stage.server.faults().on(operation, fault.clone());
            let output = stage.run(line);
            assert_ne!(output.code, 0, "{line} {fault:?}: {output:?}");
            assert_eq!(output.stdout, "", "{line} {fault:?}");
            assert!(!output.stderr.contains("panicked"), "{output:?}");
            let errors = output
                .stderr
                .lines()
                .filter(|line| !line.starts_with("Using session"));
            assert!(errors.count() <= 2, "{line} {fault:?}: {}", output.stderr);
        }
        // A server that was away for one call costs no session.
        assert_eq!(stage.server.sessions().len(), 1);
        stage.run(line).success();
        stage.server.faults().on(operation, Fault::EndSession);
        let output = stage.run(line);
        assert_ne!(output.code, 0, "{line}: {output:?}");
        assert_eq!(output.stdout, "", "{line}");
    }
}
