//! The prompt after a result on a terminal.

use omero_plugin_api::{
    Stream,
    services::{Cell, ModelObject, query::PROJECTION},
    testing::{Answer, FakeSession, Harness},
};

use super::{filter, hql, queries, text, with};

const QUERY: &str = "select i from Image i";

fn on_terminal(harness: Harness) -> Harness {
    [Stream::Input, Stream::Output, Stream::Error]
        .into_iter()
        .fold(harness, Harness::terminal)
}

fn image(id: i64) -> Vec<Cell> {
    vec![Cell::from(ModelObject {
        class: "Image".to_owned(),
        id,
        fields: vec![("name".to_owned(), text("a.tif"))],
    })]
}

#[test]
fn pages_follow_each_other() {
    let pages = [vec![image(1), image(2)], vec![image(3)]];
    let server = pages.iter().fold(FakeSession::new(), |server, rows| {
        server.reply(&PROJECTION, Answer::rows(rows))
    });
    let arguments = [QUERY, "--limit", "2", "--style", "plain"];
    let outcome = on_terminal(with(&arguments, server))
        .types("P")
        .types("r")
        .types("q")
        .run();
    let (first, second) = ("0,ImageI,1,a.tif\n1,ImageI,2,a.tif\n", "0,ImageI,3,a.tif\n");
    assert_eq!(outcome.stdout, [first, second, second].concat());
    let offsets: Vec<_> = outcome
        .calls
        .iter()
        .map(|call| filter(call, "offset"))
        .collect();
    assert_eq!(offsets, [Some(0), Some(2)]);
    assert_eq!(outcome.prompts.len(), 3);
    assert!(
        outcome.prompts[0].starts_with("\nTo see details"),
        "{:?}",
        outcome.prompts
    );
}

#[test]
fn line_number_shows_the_members() {
    let outcome = on_terminal(hql(&[QUERY, "--style", "plain"], &[image(51)]))
        .types("0")
        .types("-1")
        .types("1")
        .types("X")
        .types("")
        .run();
    let mut lines = outcome.stdout.lines().skip(1);
    assert_eq!(lines.next(), Some("id = 51"));
    assert_eq!(lines.next(), Some("acquisitionDate = None"));
    assert!(
        outcome
            .stdout
            .contains("\nannotationLinksCountPerOwner = {}\n")
    );
    assert!(outcome.stdout.contains("\nannotationLinksSeq = []\n"));
    assert!(outcome.stdout.contains("\nloaded = True\nname = 'a.tif'\n"));
    assert!(
        outcome
            .stdout
            .ends_with("\nNo details available: -1\nInvalid choice: 1\nInvalid choice: x\n"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn values_have_no_members_to_show() {
    for (arguments, rows) in [
        (&[QUERY][..], vec![text("x")]),
        (&[QUERY, "--ids-only"], image(51)),
    ] {
        let outcome = on_terminal(hql(arguments, &[rows]))
            .types("0")
            .types("")
            .run();
        assert!(
            outcome
                .stdout
                .ends_with("(1 row)\nNo details available: 0\n")
        );
    }
}

#[test]
fn enter_asks_for_another_query_and_q_ends() {
    let server = || {
        let rows = || Answer::rows(&[image(51)]);
        FakeSession::new()
            .reply(&PROJECTION, rows())
            .reply(&PROJECTION, rows())
    };
    let ask = || on_terminal(with(&[], server())).types("select 1");
    let outcome = ask().types("").types("select 2").types("quit").run();
    assert_eq!(
        (outcome.code, queries(&outcome)),
        (0, vec!["select 1", "select 2"])
    );
    let prompts: Vec<_> = outcome.prompts.iter().map(String::as_str).collect();
    assert_eq!((prompts[0], prompts[2]), ("Enter query:", "Enter query:"));
    assert!(prompts[1].ends_with("To run another query, press enter\n"));
}

#[test]
fn end_of_input_cancels() {
    let outcome = on_terminal(hql(&[QUERY], &[])).ends_input().run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, "Cancelled\n"));
}

#[test]
fn nothing_is_asked_without_a_terminal_or_quietly() {
    let plain = hql(&[QUERY], &[]);
    for harness in [
        plain.clone(),
        plain.clone().terminal(Stream::Output),
        plain.clone().terminal(Stream::Input),
        on_terminal(plain).quiet(),
    ] {
        let outcome = harness.run();
        assert_eq!((outcome.code, outcome.prompts.len()), (0, 0));
    }
}
