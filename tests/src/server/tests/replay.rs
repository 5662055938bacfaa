//! The login of a real client, as it was recorded, must be understood and answered as it was.

use super::raw_client::RawClient;
use crate::server::model::{Group, Permissions, User};
use crate::server::{Config, TestServer, Transport};

fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/wire/{name}.bin", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The people and the session key of the recording.
fn recorded_server() -> TestServer {
    let group = |id, name: &str, members: &[i64]| Group {
        members: members.to_vec(),
        permissions: Permissions::default(),
        ..Group::new(id, name)
    };
    TestServer::start(Config {
        users: vec![User::new(2, "ada", "secret", 3)],
        groups: vec![
            group(0, "system", &[0]),
            group(1, "user", &[2]),
            group(3, "lab", &[2]),
        ],
        session_uuids: vec!["11111111-2222-3333-4444-555555555555".to_owned()],
        listeners: Config::standard().listeners,
        ..Config::deserted()
    })
    .unwrap()
}

/// Sends a recorded request and gives the answer, and the answer of the recording.
fn ask(client: &mut RawClient, operation: &str, encoding: &str) -> (Vec<u8>, Vec<u8>) {
    client
        .send_bytes(&sample(&format!("login-{operation}-request.{encoding}")))
        .unwrap();
    (
        client.read_message().unwrap(),
        sample(&format!("login-{operation}-reply.{encoding}")),
    )
}

/// Where the two differ, bytes and lengths.
fn differences(ours: &[u8], theirs: &[u8]) -> Vec<usize> {
    assert_eq!(ours.len(), theirs.len());
    (0..ours.len())
        .filter(|at| ours[*at] != theirs[*at])
        .collect()
}

/// Whether a place is not in the port of the proxy that ends a reply: port, time-out, bool.
fn elsewhere_in(reply: &[u8]) -> impl FnMut(&usize) -> bool + use<> {
    let port = reply.len() - 9..reply.len() - 5;
    move |at| !port.contains(at)
}

fn replay(transport: Transport, encoding: &str) {
    let server = recorded_server();
    let mut client = RawClient::connect(&server, transport);
    let (ours, theirs) = ask(&mut client, "createSession", encoding);
    let proxy = ours[25..].to_vec();
    assert!(
        !differences(&ours, &theirs)
            .iter()
            .any(elsewhere_in(&theirs)),
        "{ours:?}"
    );
    for operation in ["getServerProxy", "getClientProxy", "getCategoryForClient"] {
        let (ours, _) = ask(&mut client, operation, encoding);
        assert_eq!(ours[18], 0, "{operation}: status");
    }
    add_proxy(&mut client, &proxy, encoding);
    let (ours, theirs) = ask(&mut client, "setCallback", encoding);
    assert_eq!(ours, theirs, "setCallback");
    let (ours, theirs) = ask(&mut client, "getAdminService", encoding);
    assert!(
        !differences(&ours, &theirs)
            .iter()
            .any(elsewhere_in(&theirs)),
        "{ours:?}"
    );
    let (ours, theirs) = ask(&mut client, "addProxies", encoding);
    assert_eq!(ours, theirs, "addProxies");
    let (ours, theirs) = ask(&mut client, "getEventContext", encoding);
    assert_eq!(ours, theirs, "getEventContext");
    let (ours, theirs) = ask(&mut client, "destroySession", encoding);
    assert_eq!(ours, theirs, "destroySession");
    client.send_bytes(&sample("msg-close-connection")).unwrap();
    assert!(client.at_end());
    assert!(server.sessions().is_empty());
}

/// The recording has only the last request of this kind, so the first one is made here, from the
/// bytes of the proxy.
fn add_proxy(client: &mut RawClient, proxy: &[u8], encoding: &str) {
    let mut parameters = i32::try_from(7 + proxy.len())
        .unwrap()
        .to_le_bytes()
        .to_vec();
    parameters.extend([1, u8::from(encoding == "11"), 1]);
    parameters.extend(proxy);
    let router = omero_plugin_api::slice::Identity::new("OMERO.Glacier2", "router");
    client.send_request(&router, None, "addProxies", 2, &parameters);
    assert_eq!(client.read_message().unwrap()[18], 0);
}

#[test]
fn recorded_login_over_tcp_in_both_encodings() {
    replay(Transport::Tcp, "10");
    replay(Transport::Tcp, "11");
}

#[test]
fn recorded_login_over_ssl_in_both_encodings() {
    replay(Transport::Ssl, "10");
    replay(Transport::Ssl, "11");
}

#[test]
fn refusals_are_the_recorded_bytes() {
    for encoding in ["10", "11"] {
        let server = recorded_server();
        server.with_model(|model| model.users.clear());
        let mut client = RawClient::connect(&server, Transport::Tcp);
        let (ours, _) = ask(&mut client, "createSession", encoding);
        let mut theirs = sample(&format!("rep-login-ada-bad.{encoding}"));
        theirs[14..18].copy_from_slice(&ours[14..18]);
        assert_eq!(ours, theirs);
    }
}
