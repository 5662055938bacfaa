use omero_plugin_api::{
    services::{EventContext, Experimenter, admin},
    slice::Value,
    testing::{Answer, FakeSession, Outcome},
};

use super::{roles, run, server, user};

fn users() -> [Experimenter; 3] {
    let mut test = user(2, "test", &[], &[1, 3, 10]);
    test.first_name = "Tess".to_owned();
    test.last_name = "Ter".to_owned();
    test.email = "t@example.org".to_owned();
    [
        user(30, "a-left", &[], &[3]),
        user(3, "testuser", &[3], &[1, 4, 0]),
        test,
    ]
}

fn with_users() -> FakeSession {
    server()
        .reply_to(
            &admin::CONTAINED_EXPERIMENTERS,
            &[Value::Long(3)],
            Answer::experimenters(&users()),
        )
        .reply(&admin::GET_SECURITY_ROLES, Answer::roles(&roles()))
}

fn listusers(arguments: &[&str]) -> Outcome {
    run(&[&["listusers"], arguments].concat(), with_users())
}

/// The second column of each line.
fn logins(outcome: &Outcome) -> Vec<&str> {
    outcome
        .stdout
        .lines()
        .filter_map(|line| line.split(',').nth(1))
        .collect()
}

#[test]
fn ids_of_groups_without_the_two_that_have_columns() {
    let outcome = listusers(&["3"]);
    assert_eq!(
        outcome.stdout,
        " id | login    | first name | last name | email         | active | ldap  | admin | member of | owner of \n\
         ----+----------+------------+-----------+---------------+--------+-------+-------+-----------+----------\n \
         2  | test     | Tess       | Ter       | t@example.org | Yes    | False |       | 3,10      |          \n \
         3  | testuser |            |           |               | Yes    | False | Yes   | 4         | 3        \n \
         30 | a-left   |            |           |               |        | False |       | 3         |          \n\
         (3 rows)\n"
    );
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
}

#[test]
fn counts_are_empty_instead_of_zero() {
    let outcome = listusers(&["read-annotate-2", "--count", "--style", "csv"]);
    assert_eq!(
        outcome.stdout,
        "id,login,first name,last name,email,active,ldap,admin,# group memberships,# group ownerships\n\
         2,test,Tess,Ter,t@example.org,Yes,False,,2,\n\
         3,testuser,,,,Yes,False,Yes,1,1\n\
         30,a-left,,,,,False,,1,\n"
    );
}

#[test]
fn each_order() {
    for (flag, expected) in [
        ("--sort-by-id", ["test", "testuser", "a-left"]),
        ("--sort-by-login", ["a-left", "test", "testuser"]),
        ("--sort-by-first-name", ["a-left", "testuser", "test"]),
        ("--sort-by-last-name", ["a-left", "testuser", "test"]),
        ("--sort-by-email", ["a-left", "testuser", "test"]),
    ] {
        let outcome = listusers(&["--group-id", "3", "--style", "plain", flag]);
        assert_eq!(logins(&outcome), expected, "{flag}");
    }
}

#[test]
fn one_group_at_a_time() {
    let outcome = listusers(&["3", "system"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (516, ""));
    assert_eq!(outcome.stderr, "Too many group arguments\n");
    assert_eq!(listusers(&["nogroup"]).code, 504);
    assert_eq!(
        listusers(&["3", "read-annotate-2"]).code,
        516,
        "a group that is named twice counts twice, as in OMERO.py"
    );
}

#[test]
fn the_current_group() {
    let context = EventContext {
        group_id: 3,
        ..EventContext::default()
    };
    let server = with_users().reply(&admin::GET_EVENT_CONTEXT, Answer::event_context(&context));
    assert_eq!(run(&["listusers"], server).code, 0);
}
