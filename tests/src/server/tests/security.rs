//! Who may do what.

use omero_plugin_api::slice::{Graph, Identity, Value};

use super::raw_client::{RawClient, Reply};
use crate::server::{Config, TestServer};

fn key_of(server: &TestServer, user: i64) -> String {
    let sessions = server.sessions().into_values();
    sessions
        .filter(|session| session.owner == user)
        .map(|session| session.uuid)
        .next()
        .unwrap()
}

fn sudo(client: &mut RawClient, service: &Identity, user: &str, group: &str) -> Reply {
    let mut graph = Graph::new();
    let principal = graph.new_object("::omero::sys::Principal").unwrap();
    graph.set(principal, "name", user).unwrap();
    graph.set(principal, "group", group).unwrap();
    graph.set(principal, "eventType", "User").unwrap();
    let arguments = [principal.into(), 0_i64.into(), 300_000_i64.into()];
    client.call(
        "ISession",
        service,
        "createSessionWithTimeouts",
        &arguments,
        &graph,
    )
}

#[test]
fn administrators_and_group_owners_open_sessions_for_others() {
    let server = TestServer::start(Config::standard()).unwrap();
    let mut root = RawClient::logged_in(&server, "root", "omero");
    let service = root.service(&key_of(&server, 0), "getSessionService");
    let reply = sudo(&mut root, &service, "test", "my_group");
    let key = reply
        .graph()
        .rstring_of(reply.field("_uuid"))
        .unwrap()
        .unwrap()
        .to_owned();
    let session = &server.sessions()[&key];
    assert_eq!(
        (session.owner, session.sudoer, session.group),
        (2, Some(0), 5)
    );
    assert_eq!((session.time_to_idle, session.time_to_live), (300_000, 0));
    let missing = sudo(&mut root, &service, "nobody", "");
    let removed = "::omero::RemovedSessionException";
    assert_eq!(
        missing.exception(),
        (removed, "Cannot find a user with name nobody")
    );

    let mut owner = RawClient::logged_in(&server, "testuser", "pasw");
    let service = owner.service(&key_of(&server, 3), "getSessionService");
    assert!(matches!(
        sudo(&mut owner, &service, "test", "read-annotate-2"),
        Reply::Results(_)
    ));
    let refused = sudo(&mut owner, &service, "test", "my_group");
    assert_eq!(refused.exception().0, "::omero::SecurityViolation");

    let mut joined = RawClient::logged_in(&server, &key, &key);
    let admin = joined.service(&key, "getAdminService");
    let context = joined.call("IAdmin", &admin, "getEventContext", &[], &Graph::new());
    assert_eq!(context.field("userName"), &Value::from("test"));
    let sudoer = context
        .graph()
        .rstring_of(context.field("sudoerName"))
        .unwrap();
    assert_eq!(sudoer, Some("root"));
}

#[test]
fn guests_may_use_few_services() {
    let server = TestServer::start(Config::standard()).unwrap();
    let mut guest = RawClient::logged_in(&server, "guest", "guest");
    let key = key_of(&server, 1);
    assert!(matches!(
        guest.session(&key, "getConfigService", &[]),
        Reply::Results(_)
    ));
    let refused = guest.session(&key, "getQueryService", &[]);
    let words = "Access denied to guest user: omero.api.IQuery";
    assert_eq!(refused.exception(), ("::omero::SecurityViolation", words));
    let unknown = guest.session(&key, "getByName", &["omero.api.IPixels".into()]);
    let (type_id, words) = unknown.exception();
    assert_eq!(type_id, "::omero::ApiUsageException");
    assert!(words.starts_with("omero.api.IPixels is an unknown service."));
}

fn switch(client: &mut RawClient, key: &str, group: i64) -> Reply {
    let mut graph = Graph::new();
    let object = graph
        .new_object("::omero::model::ExperimenterGroup")
        .unwrap();
    let id = graph.rlong(group);
    graph.set(object, "_id", id).unwrap();
    let identity = Identity::new(format!("session-{}", client.uuid), key);
    client.call(
        "ServiceFactory",
        &identity,
        "setSecurityContext",
        &[object.into()],
        &graph,
    )
}

#[test]
fn switching_groups_needs_membership() {
    let server = TestServer::start(Config::standard()).unwrap();
    let mut test = RawClient::logged_in(&server, "test", "pw");
    let key = key_of(&server, 2);
    let old = switch(&mut test, &key, 5);
    assert_eq!(old.graph().rlong_of(old.field("_id")).unwrap(), Some(3));
    assert_eq!(server.sessions()[&key].group, 5);
    let violation = "::omero::SecurityViolation";
    let words = "User 2 is not a member of group 4";
    assert_eq!(switch(&mut test, &key, 4).exception(), (violation, words));
    server.with_model(|model| model.groups.get_mut(&3).unwrap().forbidden = true);
    let words = "not in group read-annotate-2";
    assert_eq!(switch(&mut test, &key, 3).exception(), (violation, words));
    let admin = test.service(&key, "getAdminService");
    test.context
        .push(("omero.group".to_owned(), "4".to_owned()));
    let words = "User 2 is not a member of group 4 and cannot login";
    let refused = test.call("IAdmin", &admin, "getEventContext", &[], &Graph::new());
    assert_eq!(refused.exception(), (violation, words));
}

/// Submits a change of time-outs and gives name and parameters of the error, if any.
fn change(
    client: &mut RawClient,
    own: &str,
    target: &str,
    idle: Option<i64>,
) -> Result<(), (String, usize)> {
    let mut graph = Graph::new();
    let request = graph
        .new_object("::omero::cmd::UpdateSessionTimeoutRequest")
        .unwrap();
    graph.set(request, "session", target).unwrap();
    if let Some(idle) = idle {
        let idle = graph.rlong(idle);
        graph.set(request, "timeToIdle", idle).unwrap();
    }
    let identity = Identity::new(format!("session-{}", client.uuid), own);
    let handle = client.call(
        "ServiceFactory",
        &identity,
        "submit",
        &[request.into()],
        &graph,
    );
    let handle = handle.proxy();
    client.add(&handle);
    let response = client.call(
        "Handle",
        &handle.identity,
        "getResponse",
        &[],
        &Graph::new(),
    );
    client.call("Handle", &handle.identity, "close", &[], &Graph::new());
    let gone = client.call(
        "Handle",
        &handle.identity,
        "getResponse",
        &[],
        &Graph::new(),
    );
    assert!(matches!(gone, Reply::NoSuch(2, _)));
    let object = response
        .graph()
        .object_of(response.value())
        .unwrap()
        .unwrap();
    if !object.is_a("::omero::cmd::ERR") {
        return Ok(());
    }
    let name = response.field("name").as_str().unwrap().to_owned();
    Err((name, response.field("parameters").as_dict().unwrap().len()))
}

#[test]
fn timeouts_follow_the_rules() {
    let server = TestServer::start(Config::standard()).unwrap();
    let mut test = RawClient::logged_in(&server, "test", "pw");
    let mut root = RawClient::logged_in(&server, "root", "omero");
    let (own, roots) = (key_of(&server, 2), key_of(&server, 0));
    assert_eq!(change(&mut test, &own, &own, Some(120_000)), Ok(()));
    assert_eq!(server.sessions()[&own].time_to_idle, 120_000);
    assert_eq!(change(&mut test, &own, &own, Some(i64::MAX)), Ok(()));
    assert_eq!(server.sessions()[&own].time_to_idle, 6_000_000);
    let error = |name: &str, parameters| Err((name.to_owned(), parameters));
    assert_eq!(
        change(&mut test, &own, &own, Some(0)),
        error("non-admin-disabling", 3)
    );
    assert_eq!(
        change(&mut test, &own, &own, None),
        error("no-update-performed", 1)
    );
    assert_eq!(
        change(&mut test, &own, &roots, Some(1)),
        error("no-session", 0)
    );
    assert_eq!(change(&mut root, &roots, &own, Some(0)), Ok(()));
    assert_eq!(server.sessions()[&own].time_to_idle, 0);
    server.fail_commands(Some("omero.cmd.Denied"));
    assert_eq!(
        change(&mut root, &roots, &own, Some(5)),
        error("omero.cmd.Denied", 0)
    );
}

#[test]
fn only_own_sessions_are_shown_in_full() {
    let server = TestServer::start(Config::standard()).unwrap();
    let _root = RawClient::logged_in(&server, "root", "omero");
    let mut test = RawClient::logged_in(&server, "test", "pw");
    let mut graph = Graph::new();
    let request = graph
        .new_object("::omero::cmd::CurrentSessionsRequest")
        .unwrap();
    let identity = Identity::new(format!("session-{}", test.uuid), key_of(&server, 2));
    server.delay_commands(1);
    let handle = test.call(
        "ServiceFactory",
        &identity,
        "submit",
        &[request.into()],
        &graph,
    );
    let handle = handle.proxy();
    test.add(&handle);
    let early = test.call(
        "Handle",
        &handle.identity,
        "getResponse",
        &[],
        &Graph::new(),
    );
    assert!(early.value().is_null());
    let reply = test.call(
        "Handle",
        &handle.identity,
        "getResponse",
        &[],
        &Graph::new(),
    );
    let sessions = reply.field("sessions").as_seq().unwrap();
    assert_eq!(
        sessions.iter().filter(|session| session.is_null()).count(),
        1
    );
    let contexts = reply.field("contexts").as_seq().unwrap();
    let name = |at: usize, member: &str| {
        let context = reply.graph().object_of(&contexts[at]).unwrap().unwrap();
        context.get(member).unwrap().as_str().unwrap().to_owned()
    };
    assert_eq!(name(0, "userName"), "root");
    assert_eq!(name(0, "sessionUuid"), "");
    assert_eq!(name(1, "sessionUuid"), key_of(&server, 2));
    let data = reply.field("data").as_seq().unwrap();
    assert!(data[0].as_dict().unwrap().is_empty());
    assert!(data[1].entry("hitCount").is_some());
    server.withdraw_command("::omero::cmd::CurrentSessionsRequest");
    let handle = test.call(
        "ServiceFactory",
        &identity,
        "submit",
        &[request.into()],
        &graph,
    );
    assert!(handle.value().is_null());
}
