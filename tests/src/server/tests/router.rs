//! What the router answers itself and what it lets through.

use omero_plugin_api::slice::{Encoding, Graph, Identity, Value};

use super::raw_client::{RawClient, Reply};
use crate::server::{Config, TestServer, Transport};

fn server() -> TestServer {
    TestServer::start(Config::standard()).unwrap()
}

fn only_key(server: &TestServer) -> String {
    server.sessions().into_keys().next().unwrap()
}

#[test]
fn wrong_password_leaves_the_connection_usable() {
    let server = server();
    let mut client = RawClient::connect(&server, Transport::Tcp);
    let refused = client.log_in("root", "wrong");
    let denied = "::Glacier2::PermissionDeniedException";
    assert_eq!(
        refused.exception(),
        (denied, "Password check failed for 'root': [id=0]")
    );
    assert!(matches!(client.log_in("root", "omero"), Reply::Results(_)));
    let again = client.log_in("root", "omero");
    let cannot = "::Glacier2::CannotCreateSessionException";
    assert_eq!(again.exception(), (cannot, "session exists"));
    let logins = server.events().logins;
    assert_eq!(logins.len(), 2);
    assert_eq!(logins[0].session, None);
    assert!(
        server
            .sessions()
            .contains_key(logins[1].session.as_ref().unwrap())
    );
}

#[test]
fn without_session_only_some_operations_are_answered() {
    let server = server();
    let mut client = RawClient::connect(&server, Transport::Tcp);
    assert_eq!(
        client.router("getSessionTimeout", &[]).value(),
        &Value::Long(600)
    );
    assert_eq!(
        client.router("getACMTimeout", &[]).value(),
        &Value::Int(600)
    );
    assert_eq!(
        client
            .router("ice_isA", &["::Glacier2::Router".into()])
            .value(),
        &Value::Bool(true)
    );
    for operation in ["refreshSession", "destroySession"] {
        let reply = client.router(operation, &[]);
        assert_eq!(reply.exception().0, "::Glacier2::SessionNotExistException");
    }
    for operation in ["getCategoryForClient", "getClientProxy", "getServerProxy"] {
        let mut client = RawClient::connect(&server, Transport::Tcp);
        let router = Identity::new("OMERO.Glacier2", "router");
        client.send("Router", &router, operation, &[], &Graph::new());
        assert!(client.at_end(), "{operation}");
    }
}

#[test]
fn requests_need_an_entry_in_the_routing_table() {
    let server = server();
    let mut client = RawClient::connect(&server, Transport::Tcp);
    client
        .router("createSession", &["root".into(), "omero".into()])
        .proxy();
    let key = only_key(&server);
    let reply = client.session(&key, "keepAlive", &[Value::Proxy(None)]);
    assert!(matches!(reply, Reply::NoSuch(2, operation) if operation == "ice_add_proxy"));
    let stranger = Identity::new("SomeCat", "nothing");
    let reply = client.call("Object", &stranger, "ice_ping", &[], &Graph::new());
    assert!(matches!(reply, Reply::NoSuch(2, operation) if operation == "ice_ping"));
    let nothing = Identity::new(key.as_str(), "nothing");
    client.add(&omero_plugin_api::slice::Proxy::new(
        nothing.clone(),
        Vec::new(),
    ));
    let reply = client.call("Object", &nothing, "ice_ping", &[], &Graph::new());
    assert!(matches!(reply, Reply::NoSuch(2, operation) if operation == "ice_ping"));
}

#[test]
fn facets_operations_and_modes_are_checked() {
    let server = server();
    let mut client = RawClient::logged_in(&server, "root", "omero");
    let admin = client.service(&only_key(&server), "getAdminService");
    let empty = [6, 0, 0, 0, 1, 1];
    let mut ask = |facet, operation: &str, mode, parameters: &[u8]| {
        let id = client.send_request(&admin, facet, operation, mode, parameters);
        client.receive(id, &[]).unwrap()
    };
    assert!(matches!(
        ask(Some("f"), "ice_ping", 2, &empty),
        Reply::NoSuch(3, _)
    ));
    assert!(matches!(
        ask(None, "getPixels", 2, &empty),
        Reply::NoSuch(4, _)
    ));
    let Reply::Text(5, text) = ask(None, "getEventContext", 0, &empty) else {
        panic!()
    };
    assert!(
        text.ends_with("expected = ::Ice::Idempotent received = ::Ice::Normal"),
        "{text}"
    );
    let Reply::Text(5, text) = ask(None, "getExperimenter", 2, &empty) else {
        panic!()
    };
    assert!(text.contains("MarshalException"), "{text}");
    let Reply::Text(5, text) = ask(None, "getEventContext", 2, &[6, 0, 0, 0, 1, 2]) else {
        panic!()
    };
    assert!(text.contains("unsupported encoding version: 1.2"), "{text}");
}

#[test]
fn oneway_requests_and_heartbeats_get_no_answer() {
    let server = server();
    let mut client = RawClient::logged_in(&server, "root", "omero");
    client
        .send_bytes(&crate::server::frame::VALIDATE_CONNECTION)
        .unwrap();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/wire/");
    for name in [
        "msg-oneway-request.11",
        "msg-batch-request.11",
        "msg-heartbeat-from-client",
    ] {
        client
            .send_bytes(&std::fs::read(format!("{fixtures}{name}.bin")).unwrap())
            .unwrap();
    }
    assert_eq!(
        client.router("getACMTimeout", &[]).value(),
        &Value::Int(600)
    );
    let events = server.events();
    assert_eq!(events.heartbeats, 2);
    assert_eq!(events.calls.iter().filter(|call| !call.twoway).count(), 1);
}

#[test]
fn derived_login_exceptions_survive_in_encoding_1_1_only() {
    let server = server();
    let reason = "No such group: nosuch";
    for (encoding, type_id) in [
        (Encoding::V1_1, "::omero::WrappedCreateSessionException"),
        (Encoding::V1_0, "::Glacier2::CannotCreateSessionException"),
    ] {
        let mut client = RawClient::connect(&server, Transport::Tcp);
        client.encoding = encoding;
        client
            .context
            .push(("omero.group".to_owned(), "nosuch".to_owned()));
        assert_eq!(client.log_in("test", "pw").exception(), (type_id, reason));
    }
}

#[test]
fn client_uuid_is_required() {
    let server = server();
    let mut client = RawClient::connect(&server, Transport::Tcp);
    client.context.clear();
    assert_eq!(
        client.log_in("root", "wrong").exception().0,
        "::Glacier2::PermissionDeniedException"
    );
    let reply = client.log_in("root", "omero");
    assert_eq!(
        reply.exception().0,
        "::omero::WrappedCreateSessionException"
    );
    assert!(server.sessions().is_empty());
}

#[test]
fn garbage_ends_the_connection() {
    let server = server();
    let mut client = RawClient::connect(&server, Transport::Tcp);
    client.send_bytes(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert!(client.at_end());
    assert_eq!(server.events().protocol_errors.len(), 1);
}
