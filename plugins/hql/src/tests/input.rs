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
fn queries_are_asked_for_on_a_terminal() {
    let terminal = || hql(&[], &[]).terminal(Stream::Input);
    let outcome = terminal().types(QUERY).run();
    assert_eq!(outcome.prompts, ["Enter query:"]);
    assert_eq!(queries(&outcome), [QUERY]);
    let outcome = terminal().types("").run();
    assert_eq!((outcome.code, outcome.calls.len()), (0, 0));
    let outcome = terminal().ends_input().run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, "Cancelled\n"));
}

#[test]
fn query_cannot_be_asked_for_quietly() {
    for arguments in [&[][..], &[""]] {
        let outcome = hql(arguments, &[]).terminal(Stream::Input).quiet().run();
        assert_eq!(
            (outcome.code, outcome.stderr.as_str()),
            (67, "Can't ask for query with --quiet option\n")
        );
        assert!(outcome.calls.is_empty());
    }
    let outcome = hql(&["-"], &[]).quiet().types(QUERY).run();
    assert_eq!(queries(&outcome), [QUERY]);
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
