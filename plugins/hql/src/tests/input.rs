use omero_plugin_api::Stream;

use super::{hql, queries};

const QUERY: &str = "select i from Image i";

#[test]
fn words_become_one_query() {
    for arguments in [vec![QUERY], QUERY.split(' ').collect()] {
        assert_eq!(queries(&hql(&arguments, &[]).run()), [QUERY]);
    }
}

#[test]
fn standard_input_is_read_to_its_end() {
    for arguments in [&["-"][..], &[]] {
        let outcome = hql(arguments, &[])
            .types("select i")
            .types("from Image i")
            .run();
        assert_eq!(queries(&outcome), ["select i\nfrom Image i"]);
    }
}

#[test]
fn on_a_terminal_there_is_a_prompt() {
    let terminal = hql(&[], &[]).terminal(Stream::INPUT);
    let outcome = terminal.clone().types(QUERY).run();
    assert_eq!(outcome.prompts, ["Enter query: "]);
    assert_eq!(queries(&outcome), [QUERY]);
    let outcome = terminal.ends_input().run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, "Cancelled\n"));
}

#[test]
fn no_query_is_a_usage_error() {
    for arguments in [&["  "][..], &["-"], &[]] {
        let outcome = hql(arguments, &[]).run();
        assert_eq!(
            (outcome.code, outcome.stderr.as_str()),
            (2, "There is no query\n")
        );
        assert!(outcome.calls.is_empty());
    }
}
