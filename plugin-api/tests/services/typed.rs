//! What the typed services send, and what they make of scripted answers.

use omero_plugin_api::{
    services::{
        Admin, Cell, EventContext, Experimenter, Group, Membership, OpenSession, Page, Permissions,
        Query, Roles, Sessions, Types, UserGroup, admin, query, sessions, types,
    },
    slice::Value,
    testing::{Answer, FakeSession, RecordedCall},
};

fn only(fake: &FakeSession) -> RecordedCall {
    let mut calls = fake.calls();
    assert_eq!(calls.len(), 1);
    calls.remove(0)
}

fn staff() -> Group {
    let member = |user_id, owner| Membership { user_id, owner };
    Group {
        id: 7,
        name: "staff".to_owned(),
        description: "people".to_owned(),
        permissions: Permissions::from_bits(0x750),
        ldap: true,
        members: vec![member(2, true), member(3, false)],
    }
}

fn ada() -> Experimenter {
    Experimenter {
        id: 2,
        login: "ada".to_owned(),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        email: "ada@example.org".to_owned(),
        ldap: true,
        groups: vec![UserGroup {
            group_id: 7,
            owner: true,
        }],
    }
}

#[test]
fn people_and_groups() {
    let fake = FakeSession::new()
        .reply(&admin::LOOKUP_GROUP, Answer::group(&staff()))
        .reply(&admin::LOOKUP_EXPERIMENTER, Answer::experimenter(&ada()))
        .reply(
            &admin::CONTAINED_EXPERIMENTERS,
            Answer::experimenters(&[ada()]),
        );
    let admin = Admin::of(&fake.session()).unwrap();
    assert_eq!(admin.group_named("staff").unwrap(), staff());
    assert_eq!(admin.experimenter_named("ada").unwrap(), ada());
    assert_eq!(admin.experimenters_of(7).unwrap(), [ada()]);
    let arguments: Vec<_> = fake
        .calls()
        .into_iter()
        .map(|call| call.arguments)
        .collect();
    assert_eq!(
        arguments,
        [
            [Value::from("staff")],
            [Value::from("ada")],
            [Value::Long(7)]
        ]
    );
    assert!(fake.calls().iter().all(|call| call.service == admin::NAME));
}

#[test]
fn who_one_is() {
    let context = EventContext {
        session_uuid: "key".to_owned(),
        user_id: 2,
        user_name: "ada".to_owned(),
        group_id: 7,
        group_name: "staff".to_owned(),
        admin: true,
        privileges: vec!["Sudo".to_owned()],
        member_of: vec![1, 7],
        leader_of: vec![7],
    };
    let roles = Roles {
        root_id: 1,
        system_group_id: 2,
        user_group_id: 3,
        guest_group_id: 4,
    };
    let fake = FakeSession::new()
        .reply(&admin::GET_EVENT_CONTEXT, Answer::event_context(&context))
        .reply(&admin::GET_SECURITY_ROLES, Answer::roles(&roles));
    let admin = Admin::of(&fake.session()).unwrap();
    assert_eq!(admin.event_context().unwrap(), context);
    assert_eq!(admin.roles().unwrap(), roles);
}

#[test]
fn a_query_sends_its_parameters_and_page() {
    let fake = FakeSession::new().reply(&query::PROJECTION, Answer::rows(&[]));
    let names = Cell::List(vec![Cell::Text("a".to_owned()), Cell::Null]);
    let page = Page {
        offset: Some(5),
        limit: Some(10),
    };
    let query = Query::of(&fake.session()).unwrap();
    query
        .projection(
            "from X where n in (:n) and i = :i",
            &[("n", names), ("i", Cell::Integer(3))],
            page,
            true,
        )
        .unwrap();
    let call = only(&fake);
    assert_eq!(call.context, [("omero.group".to_owned(), "-1".to_owned())]);
    let parameters = call.member(1, "map").unwrap();
    let list = call
        .graph
        .rlist_of(parameters.entry("n").unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(call.graph.rstring_of(&list[0]), Ok(Some("a")));
    assert!(list[1].is_null());
    assert_eq!(
        call.graph.rlong_of(parameters.entry("i").unwrap()),
        Ok(Some(3))
    );
    let filter = call
        .graph
        .object_of(call.member(1, "theFilter").unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(
        call.graph.rint_of(filter.get("offset").unwrap()),
        Ok(Some(5))
    );
    assert_eq!(
        call.graph.rint_of(filter.get("limit").unwrap()),
        Ok(Some(10))
    );
}

/// A null has one byte in a reply and 32 in memory.
#[test]
fn replies_may_have_many_nulls() {
    let rows = vec![vec![Cell::Null; 9]; 100_000];
    let fake = FakeSession::new().reply(&query::PROJECTION, Answer::rows(&rows));
    let query = Query::of(&fake.session()).unwrap();
    let reply = query.reply("x", &[], Page::default(), false).unwrap();
    assert_eq!(reply.values[0].as_seq().unwrap().len(), rows.len());
}

#[test]
fn an_object_is_no_parameter() {
    let fake = FakeSession::new();
    let object = Cell::from(omero_plugin_api::services::ModelObject::default());
    let query = Query::of(&fake.session()).unwrap();
    assert!(
        query
            .projection("x", &[("o", object)], Page::default(), false)
            .is_err()
    );
    assert!(fake.calls().is_empty());
}

#[test]
fn closing_repeats_until_no_reference_is_left() {
    let left = |count: i32| Answer::value(count);
    let fake = FakeSession::new()
        .reply(&sessions::CLOSE_SESSION, left(2))
        .reply(&sessions::CLOSE_SESSION, left(1))
        .reply(&sessions::CLOSE_SESSION, left(0));
    Sessions::of(&fake.session()).unwrap().close("key").unwrap();
    assert_eq!(fake.calls().len(), 3);
}

/// The server answers a negative count for a session that it does not know. An exception of a lost
/// session is thus about the session that asks.
#[test]
fn losing_the_asking_session_is_success_only_if_it_was_to_be_closed() {
    for exception in [
        "::omero::RemovedSessionException",
        "::omero::SessionTimeoutException",
    ] {
        let fake = FakeSession::new()
            .key("own")
            .reply(&sessions::CLOSE_SESSION, Answer::value(1))
            .reply(
                &sessions::CLOSE_SESSION,
                Answer::exception(exception, "gone"),
            );
        let service = Sessions::of(&fake.session()).unwrap();
        service.close("own").unwrap();
        assert_eq!(fake.calls().len(), 2, "{exception}");
        let error = service.close("other").unwrap_err();
        assert!(error.is_session_lost(), "{exception}: {error}");
    }

    let fake = FakeSession::new().reply(&sessions::CLOSE_SESSION, Answer::value(-2));
    Sessions::of(&fake.session()).unwrap().close("key").unwrap();
    assert_eq!(fake.calls().len(), 1);
}

#[test]
fn refused_close_is_an_error() {
    for key in ["own", "other"] {
        let refused = Answer::exception("::omero::SecurityViolation", "no");
        let fake = FakeSession::new()
            .key("own")
            .reply(&sessions::CLOSE_SESSION, refused);
        let service = Sessions::of(&fake.session()).unwrap();
        assert!(service.close(key).is_err(), "{key}");
        assert_eq!(fake.calls().len(), 1, "{key}");
    }
}

#[test]
fn close_gives_up_with_an_error_after_1000_requests() {
    let fake = FakeSession::new().reply(&sessions::CLOSE_SESSION, Answer::value(1));
    let closed = Sessions::of(&fake.session()).unwrap().close("key");
    let error = closed.unwrap_err().to_string();
    assert!(
        error.contains("the session is still open after 1000 requests"),
        "{error}"
    );
    assert_eq!(fake.calls().len(), 1000);
}

#[test]
fn a_session_for_somebody_else() {
    let made = OpenSession {
        uuid: "new".to_owned(),
        ..OpenSession::default()
    };
    let fake = FakeSession::new()
        .reply(&sessions::CREATE_WITH_TIMEOUT, Answer::open_session(&made))
        .reply(&sessions::CREATE_WITH_TIMEOUTS, Answer::open_session(&made));
    let sessions = Sessions::of(&fake.session()).unwrap();
    assert_eq!(
        sessions
            .create_for("ada", "lab", 60_000, None)
            .unwrap()
            .uuid,
        "new"
    );
    sessions.create_for("ada", "", 0, Some(5_000)).unwrap();
    let calls = fake.calls();
    assert_eq!(calls[0].member(0, "name"), Some(&Value::from("ada")));
    assert_eq!(calls[0].member(0, "group"), Some(&Value::from("lab")));
    assert_eq!(calls[0].member(0, "eventType"), Some(&Value::from("User")));
    assert_eq!(calls[0].arguments[1..], [Value::Long(60_000)]);
    assert_eq!(
        calls[1].arguments[1..],
        [Value::Long(0), Value::Long(5_000)]
    );
}

#[test]
fn enumerations() {
    let names = Answer::value(vec!["PixelsType".to_owned()]);
    let fake = FakeSession::new().reply(&types::GET_ENUMERATION_TYPES, names);
    let types = Types::of(&fake.session()).unwrap();
    assert_eq!(types.enumerations().unwrap(), ["PixelsType"]);
}
