//! How long sessions live: references, detaching, idle time.

use std::time::Duration;

use omero_plugin_api::slice::{Graph, Identity, Value};

use super::raw_client::{RawClient, Reply};
use crate::{
    server::{Config, Fault, TestServer, Transport},
    waiting::eventually,
};

fn server() -> TestServer {
    TestServer::start(Config::standard()).unwrap()
}

fn only_key(server: &TestServer) -> String {
    server.sessions().into_keys().next().unwrap()
}

fn close_session(client: &mut RawClient, service: &Identity, key: &str) -> Value {
    let mut graph = Graph::new();
    let session = graph.new_object("::omero::model::Session").unwrap();
    let uuid = graph.rstring(key);
    graph.set(session, "_uuid", uuid).unwrap();
    graph.set(session, "_loaded", true).unwrap();
    client
        .call(
            "ISession",
            service,
            "closeSession",
            &[session.into()],
            &graph,
        )
        .value()
        .clone()
}

#[test]
fn session_ends_with_its_only_client() {
    let server = server();
    let mut client = RawClient::logged_in(&server, "root", "omero");
    assert_eq!(server.sessions().len(), 1);
    assert!(matches!(
        client.router("destroySession", &[]),
        Reply::Results(_)
    ));
    assert!(server.sessions().is_empty());
    client.close();
    assert_eq!(server.events().closed_gracefully, 1);
    let client = RawClient::logged_in(&server, "root", "omero");
    drop(client);
    eventually("a lost connection ends the session", || {
        server.sessions().is_empty()
    });
    eventually("no connection is left", || server.events().open == 0);
}

#[test]
fn detached_session_waits_for_the_next_client() {
    let server = server();
    let mut client = RawClient::logged_in(&server, "root", "omero");
    let key = only_key(&server);
    client.session(&key, "detachOnDestroy", &[]);
    client.router("destroySession", &[]);
    assert_eq!(server.sessions()[&key].references, 0);
    let mut second = RawClient::logged_in(&server, &key, &key);
    assert_eq!(server.sessions()[&key].references, 1);
    // Detaching is each client's own affair.
    second.router("destroySession", &[]);
    assert!(server.sessions().is_empty());
    let mut third = RawClient::connect(&server, Transport::Tcp);
    let reply = third.log_in(&key, &key);
    let (type_id, reason) = reply.exception();
    assert_eq!(type_id, "::Glacier2::PermissionDeniedException");
    assert!(reason.starts_with(&format!("Password check failed for '{key}': [user=root, ")));
}

#[test]
fn every_client_counts_and_closing_counts_down() {
    let server = server();
    let mut first = RawClient::logged_in(&server, "root", "omero");
    let key = only_key(&server);
    let mut second = RawClient::logged_in(&server, &key, &key);
    let service = second.service(&key, "getSessionService");
    let count = |client: &mut RawClient| {
        let arguments = [key.as_str().into()];
        let graph = Graph::new();
        client
            .call(
                "ISession",
                &service,
                "getReferenceCount",
                &arguments,
                &graph,
            )
            .value()
            .clone()
    };
    assert_eq!(count(&mut second), Value::Int(2));
    first.router("destroySession", &[]);
    assert_eq!(count(&mut second), Value::Int(1));
    assert_eq!(
        close_session(&mut second, &service, "no-such-session"),
        Value::Int(-1)
    );
    assert_eq!(close_session(&mut second, &service, &key), Value::Int(-2));
    assert!(server.sessions().is_empty());
    let gone = second.call(
        "ISession",
        &service,
        "getMyOpenSessions",
        &[],
        &Graph::new(),
    );
    assert!(matches!(gone, Reply::NoSuch(2, operation) if operation == "getMyOpenSessions"));
}

#[test]
fn idle_sessions_say_so_until_they_are_cleaned_up() {
    let server = server();
    let mut client = RawClient::logged_in(&server, "root", "omero");
    let key = only_key(&server);
    server.advance(Duration::from_secs(599));
    // A ping of the router is no use of the session, keepAlive is.
    client.router("refreshSession", &[]);
    client.session(&key, "keepAlive", &[Value::Proxy(None)]);
    server.advance(Duration::from_secs(599));
    let alive = client.session(&key, "keepAllAlive", &[Value::Seq(Vec::new())]);
    assert_eq!(alive.value(), &Value::Long(-1));
    server.advance(Duration::from_secs(601));
    for _ in 0..2 {
        let reply = client.session(&key, "keepAlive", &[Value::Proxy(None)]);
        let (type_id, message) = reply.exception();
        assert_eq!(type_id, "::omero::SessionTimeoutException");
        assert!(
            message.contains("exceeded timeToIdle (600000) by "),
            "{message}"
        );
    }
    server.advance(Duration::from_secs(120));
    let reply = client.session(&key, "keepAlive", &[Value::Proxy(None)]);
    let (type_id, message) = reply.exception();
    assert_eq!(type_id, "::omero::RemovedSessionException");
    assert_eq!(message, format!("No context for {key}"));
    let reply = client.session(&key, "keepAlive", &[Value::Proxy(None)]);
    assert!(matches!(reply, Reply::NoSuch(2, operation) if operation == "keepAlive"));
}

#[test]
fn expired_key_is_refused_in_two_ways() {
    let server = server();
    let mut client = RawClient::logged_in(&server, "root", "omero");
    let key = only_key(&server);
    client.session(&key, "detachOnDestroy", &[]);
    client.close();
    server.advance(Duration::from_secs(601));
    let mut client = RawClient::connect(&server, Transport::Tcp);
    let reply = client.log_in(&key, &key);
    let (type_id, reason) = reply.exception();
    assert_eq!(type_id, "::omero::WrappedCreateSessionException");
    assert_eq!(reason, format!("Can't find default group for {key}"));
    server.advance(Duration::from_secs(120));
    let reply = client.log_in(&key, &key);
    let (type_id, reason) = reply.exception();
    assert_eq!(type_id, "::Glacier2::PermissionDeniedException");
    assert!(
        reason.starts_with(&format!("Password check failed for '{key}': [user=root")),
        "{reason}"
    );
}

#[test]
fn router_may_drop_a_client_whose_session_has_expired() {
    let server = TestServer::start(Config {
        drop_expired: true,
        ..Config::standard()
    })
    .unwrap();
    let mut client = RawClient::logged_in(&server, "root", "omero");
    let key = only_key(&server);
    server.advance(Duration::from_secs(601));
    let target = Identity::new(format!("session-{}", client.uuid), key);
    let arguments = [Value::Proxy(None)];
    client.send(
        "ServiceFactory",
        &target,
        "keepAlive",
        &arguments,
        &Graph::new(),
    );
    assert!(client.at_end());
}

#[test]
fn group_of_others_opens_a_session_in_which_no_service_works() {
    let server = server();
    let mut client = RawClient::connect(&server, Transport::Tcp);
    client
        .context
        .push(("omero.group".to_owned(), "mygroup".to_owned()));
    client.log_in("test", "pw");
    let key = only_key(&server);
    let admin = client.service(&key, "getAdminService");
    let reply = client.call("IAdmin", &admin, "getEventContext", &[], &Graph::new());
    let words = "User 2 is not a member of group 4 and cannot login";
    assert_eq!(reply.exception(), ("::omero::SecurityViolation", words));
    assert_eq!(server.sessions().len(), 1);
    client.close();
    eventually("the session ends with its client", || {
        server.sessions().is_empty()
    });
}

#[test]
fn client_that_leaves_before_its_login_is_answered_leaves_no_session() {
    let server = server();
    let delay = Fault::Delay(Duration::from_millis(50));
    server.faults().on("createSession", delay);
    let mut client = RawClient::connect(&server, Transport::Tcp);
    let arguments = ["root".into(), "omero".into()];
    client.send(
        "Router",
        &Identity::new("OMERO.Glacier2", "router"),
        "createSession",
        &arguments,
        &Graph::new(),
    );
    drop(client);
    eventually("the login is over", || !server.events().logins.is_empty());
    eventually("its session is gone", || server.sessions().is_empty());
}
