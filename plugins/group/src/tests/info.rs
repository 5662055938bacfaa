use omero_plugin_api::{
    services::{EventContext, admin},
    slice::Value,
    testing::Answer,
};

use super::{group, run, server};

/// The ids in the first column.
fn ids(stdout: &str) -> Vec<&str> {
    stdout
        .lines()
        .filter_map(|line| line.split(',').next())
        .collect()
}

fn info(arguments: &[&str]) -> omero_plugin_api::testing::Outcome {
    run(
        &[&["info", "--style", "plain"], arguments].concat(),
        server(),
    )
}

#[test]
fn each_argument_has_a_row() {
    let outcome = info(&["system", "3", "0", "read-annotate-2"]);
    assert_eq!(ids(&outcome.stdout), ["0", "0", "3", "3"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
}

#[test]
fn the_options_take_only_ids_or_only_names() {
    let outcome = info(&["--group-id", "4", "x", "--group-name", "system", "4"]);
    assert_eq!(ids(&outcome.stdout), ["0", "4"]);
    assert_eq!(
        outcome.stderr,
        "Not a valid group ID: x\nUnknown group: 4\n"
    );
    assert_eq!(outcome.code, 0);
}

#[test]
fn unknown_groups_are_reported_and_the_others_shown() {
    let outcome = info(&["nogroup", "mygroup", "-q", "99"]);
    assert_eq!(outcome.code, 2, "-q belongs to the host, not to info");
    let outcome = info(&["nogroup", "mygroup", "99"]);
    assert_eq!(ids(&outcome.stdout), ["4"]);
    assert_eq!(
        outcome.stderr,
        "Unknown group: nogroup\nUnknown group: 99\n"
    );
}

#[test]
fn none_left() {
    let outcome = info(&["nogroup"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (504, ""));
    assert_eq!(outcome.stderr, "Unknown group: nogroup\nNo group found\n");
    assert_eq!(outcome.hint(), "`omero group list` shows all groups");
}

#[test]
fn a_number_that_is_also_a_name_is_ambiguous() {
    let misnamed = group(9, "3", -120, &[], &[]);
    let named = Answer::group(&misnamed);
    let server = server().reply_to(&admin::LOOKUP_GROUP, &[Value::from("3")], named);
    let outcome = run(&["info", "3"], server);
    assert_eq!(
        outcome.stderr,
        "Ambiguous group identifier: 3\nNo group found\n"
    );
    assert_eq!(outcome.code, 504);
}

#[test]
fn without_arguments_the_current_group() {
    // The group may have been switched since the session was attached, so the server is asked.
    let context = EventContext {
        group_id: 4,
        ..EventContext::default()
    };
    let server = server().reply(&admin::GET_EVENT_CONTEXT, Answer::event_context(&context));
    let outcome = run(&["info", "--long"], server);
    assert_eq!(
        outcome.stdout,
        " id | name    | perms  | ldap  | owner ids | member ids \n\
         ----+---------+--------+-------+-----------+------------\n \
         4  | mygroup | rwrw-- | False |           | 3          \n\
         (1 row)\n"
    );
}

#[test]
fn other_failures_are_not_taken_for_unknown_groups() {
    let refused = Answer::exception("::omero::SecurityViolation", "no");
    let server = server().reply_to(&admin::LOOKUP_GROUP, &[Value::from("x")], refused);
    let outcome = run(&["info", "x"], server);
    assert_eq!(
        (outcome.code, outcome.stderr.as_str()),
        (1, "SecurityViolation: no\n")
    );
}
