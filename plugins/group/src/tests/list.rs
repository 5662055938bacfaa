use omero_plugin_api::{
    Error, Kind,
    services::admin,
    testing::{Answer, FakeSession, Harness},
};

use super::{group, run, server};

#[test]
fn all_groups_are_listed_by_id_with_counts() {
    let outcome = run(&["list"], server());
    assert_eq!(
        outcome.stdout,
        " id | name            | perms  | ldap  | # of owners | # of members \n\
         ----+-----------------+--------+-------+-------------+--------------\n \
         0  | system          | rw---- | False | 1           | 0            \n \
         3  | read-annotate-2 | rwra-- | False | 1           | 2            \n \
         4  | mygroup         | rwrw-- | False | 0           | 1            \n\
         (3 rows)\n"
    );
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert_eq!(outcome.calls.len(), 1, "one round trip is enough");
}

#[test]
fn long_lists_ids_in_the_order_of_their_text() {
    let outcome = run(&["list", "--long", "--style", "csv"], server());
    assert_eq!(
        outcome.stdout,
        "id,name,perms,ldap,owner ids,member ids\n\
         0,system,rw----,False,0,\n\
         3,read-annotate-2,rwra--,False,3,\"10,2\"\n\
         4,mygroup,rwrw--,False,,3\n"
    );
}

#[test]
fn sorted_by_name() {
    let outcome = run(&["list", "--sort-by-name", "--style", "plain"], server());
    let names: Vec<_> = outcome
        .stdout
        .lines()
        .map(|l| l.split(',').nth(1))
        .collect();
    assert_eq!(
        names,
        [Some("mygroup"), Some("read-annotate-2"), Some("system")]
    );
}

#[test]
fn names_that_need_it_are_quoted_and_steer_no_terminal() {
    let nasty = group(7, "we,\"ird\u{1b}[2J", -120, &[], &[]);
    let answer = || {
        FakeSession::new().reply(
            &admin::LOOKUP_GROUPS,
            Answer::groups(std::slice::from_ref(&nasty)),
        )
    };
    let csv = run(&["list", "--style", "plain"], answer()).stdout;
    assert_eq!(csv, "7,\"we,\"\"ird [2J\",rw----,False,0,0\n");
    assert!(!run(&["list"], answer()).stdout.contains('\u{1b}'));
}

#[test]
fn one_way_to_print_and_one_to_sort() {
    for pair in [["--count", "--long"], ["--sort-by-id", "--sort-by-name"]] {
        let outcome = run(&["list", pair[0], pair[1]], server());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{pair:?}");
        assert!(
            outcome.stderr.contains("cannot be used with"),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn an_unknown_style_is_a_usage_error() {
    let outcome = run(&["list", "--style", "xx"], server());
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("csv, json, plain, sql"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.calls.is_empty());
}

#[test]
fn failures_pass_through() {
    let refused = Error::of_kind(Kind::NoSession, 564, "not logged in");
    let outcome = Harness::new(crate::command::command, crate::run)
        .args(["list"])
        .no_session(refused)
        .run();
    assert_eq!(
        (outcome.code, outcome.stderr.as_str()),
        (564, "not logged in\n")
    );
    let denied = Answer::exception("::omero::SecurityViolation", "not for you");
    let outcome = run(
        &["list"],
        FakeSession::new().reply(&admin::LOOKUP_GROUPS, denied),
    );
    assert_eq!(
        (outcome.code, outcome.stderr.as_str()),
        (1, "SecurityViolation: not for you\n")
    );
}

#[test]
fn without_a_subcommand_there_is_help() {
    let outcome = run(&[], FakeSession::new());
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("listusers"), "{}", outcome.stderr);
}
