//! Every kind of trouble does what it says.

use std::time::{Duration, Instant};

use omero_plugin_api::slice::{Encoding, Graph, Identity, Value};

use super::raw_client::{RawClient, Reply};
use crate::server::frame::{CLOSE_CONNECTION, VALIDATE_CONNECTION};
use crate::server::{Config, Fault, Status, TestServer, Thrown, Transport};

fn server() -> TestServer {
    TestServer::start(Config::standard()).unwrap()
}

fn router() -> Identity {
    Identity::new("OMERO.Glacier2", "router")
}

/// Asks something harmless and gives the next message, or `None` at the end of the stream.
fn next_message(server: &TestServer, fault: Fault) -> Option<Vec<u8>> {
    let mut client = RawClient::connect(server, Transport::Tcp);
    server.faults().on("getACMTimeout", fault);
    client.send("Router", &router(), "getACMTimeout", &[], &Graph::new());
    client.read_message().ok()
}

#[test]
fn connections_fail_as_told() {
    let server = server();
    let first = |fault| {
        let is_silent = matches!(fault, Fault::Silence);
        server.faults().on_connection(fault);
        let mut stream = super::raw_client::tcp_stream(&server, Transport::Tcp);
        if is_silent {
            let limit = Duration::from_millis(200);
            stream.0.set_read_timeout(Some(limit)).unwrap();
        }
        let mut bytes = [0; 14];
        std::io::Read::read_exact(&mut stream, &mut bytes).map(|()| bytes)
    };
    let kind = |result: std::io::Result<[u8; 14]>| result.unwrap_err().kind();
    assert_eq!(
        kind(first(Fault::Refuse)),
        std::io::ErrorKind::UnexpectedEof
    );
    let waited = kind(first(Fault::Silence));
    assert!(matches!(
        waited,
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
    ));
    assert_eq!(
        &first(Fault::Greeting(vec![b'x'; 14])).unwrap(),
        &[b'x'; 14]
    );
    assert_eq!(
        first(Fault::HugeSize(i32::MAX)).unwrap()[10..],
        i32::MAX.to_le_bytes()
    );
    assert_eq!(first(Fault::TinySegments).unwrap(), VALIDATE_CONNECTION);
    assert_eq!(first(Fault::CloseConnection).unwrap(), CLOSE_CONNECTION);
}

#[test]
fn replies_fail_as_told() {
    let server = server();
    assert!(next_message(&server, Fault::Disconnect).is_none());
    assert!(next_message(&server, Fault::CutReply(20)).is_none());
    assert_eq!(
        next_message(&server, Fault::CloseConnection).unwrap(),
        CLOSE_CONNECTION
    );
    assert_eq!(
        next_message(&server, Fault::Heartbeats(1)).unwrap(),
        VALIDATE_CONNECTION
    );
    assert_eq!(next_message(&server, Fault::Compressed).unwrap()[9], 2);
    let stray = next_message(&server, Fault::StrayReply).unwrap();
    assert_eq!(stray[14..18], 1_000_001_i32.to_le_bytes());
    let status = next_message(
        &server,
        Fault::Answer(Status::UnknownException("x".to_owned())),
    );
    assert_eq!(status.unwrap()[18..], [7, 1, b'x']);
}

#[test]
fn a_fault_comes_when_it_is_told_to() {
    let server = server();
    let mut client = RawClient::connect(&server, Transport::Tcp);
    let status = || Fault::Answer(Status::OperationNotExist);
    server.faults().on_some("getACMTimeout", 1, 2, status());
    let mut fine = || matches!(client.router("getACMTimeout", &[]), Reply::Results(_));
    assert_eq!([fine(), fine(), fine(), fine()], [true, false, false, true]);
    server.faults().on_every("getACMTimeout", status());
    assert_eq!([fine(), fine()], [false, false]);
    server.faults().clear();
    assert!(fine());
}

#[test]
fn login_exceptions_arrive_whole() {
    let server = server();
    for thrown in [
        Thrown::permission_denied("no"),
        Thrown::cannot_create_session("no"),
        Thrown::authentication("no"),
        Thrown::expired_credential("no"),
        Thrown::wrapped("ome.conditions.SecurityViolation", "no"),
        Thrown::busy("ome.conditions.DatabaseBusyException", "no", 1000),
    ] {
        server
            .faults()
            .on("createSession", Fault::Raise(thrown.clone()));
        let mut client = RawClient::connect(&server, Transport::Tcp);
        let reply = client.log_in("root", "omero");
        assert_eq!(reply.exception(), (thrown.type_id.as_str(), "no"));
        let Reply::Exception(exception) = &reply else {
            panic!()
        };
        for (name, value) in &thrown.members {
            assert_eq!(exception.get(name), Some(value), "{name}");
        }
    }
}

#[test]
fn slow_calls_are_overtaken() {
    let server = server();
    let mut client = RawClient::connect(&server, Transport::Tcp);
    server
        .faults()
        .on("getSessionTimeout", Fault::Delay(Duration::from_secs(5)));
    let slow = client.send("Router", &router(), "getSessionTimeout", &[], &Graph::new());
    assert_eq!(
        client.router("getACMTimeout", &[]).value(),
        &Value::Int(600)
    );
    assert!(matches!(
        client.receive(slow, &[omero_plugin_api::slice::Type::Long]),
        Ok(Reply::Results(_))
    ));
}

#[test]
fn server_calls_the_client_and_hears_the_answer() {
    let server = server();
    let mut client = RawClient::logged_in(&server, "root", "omero");
    server.faults().on("getACMTimeout", Fault::RequestToClient);
    let id = client.send("Router", &router(), "getACMTimeout", &[], &Graph::new());
    let request = client.read_message().unwrap();
    assert_eq!(request[8], 0);
    let mut answer = request.clone();
    answer.truncate(18);
    (answer[8], answer[10]) = (2, 19);
    answer[11..14].fill(0);
    answer.push(2);
    client.send_bytes(&answer).unwrap();
    assert!(matches!(
        client.receive(id, &[omero_plugin_api::slice::Type::Int]),
        Ok(Reply::Results(_))
    ));
    client.router("getACMTimeout", &[]);
    assert_eq!(server.events().replies, [(1, 2)]);
}

#[test]
fn sessions_end_between_calls() {
    for (fault, expired) in [(Fault::EndSession, false), (Fault::ExpireSession, true)] {
        let server = server();
        let mut client = RawClient::logged_in(&server, "root", "omero");
        let key = server.sessions().into_keys().next().unwrap();
        server.faults().on("keepAlive", fault);
        let reply = client.session(&key, "keepAlive", &[Value::Proxy(None)]);
        if expired {
            assert_eq!(reply.exception().0, "::omero::SessionTimeoutException");
        } else {
            assert!(matches!(reply, Reply::NoSuch(2, _)));
        }
        assert!(server.sessions().is_empty());
    }
}

#[test]
fn objects_may_be_null_or_unknown() {
    let server = server();
    for encoding in [Encoding::V1_0, Encoding::V1_1] {
        let mut client = RawClient::logged_in(&server, "root", "omero");
        client.encoding = encoding;
        let key = server
            .events()
            .logins
            .last()
            .unwrap()
            .session
            .clone()
            .unwrap();
        let admin = client.service(&key, "getAdminService");
        server.faults().on("getEventContext", Fault::Null);
        let reply = client.call("IAdmin", &admin, "getEventContext", &[], &Graph::new());
        assert!(reply.value().is_null());
        for sliced in [true, false] {
            server
                .faults()
                .on("getEventContext", Fault::UnknownClass { sliced });
            client.send("IAdmin", &admin, "getEventContext", &[], &Graph::new());
            let message = client.read_message().unwrap();
            let name = b"::omero::model::FromTheFuture";
            assert!(message.windows(name.len()).any(|window| window == name));
        }
    }
}

#[test]
fn dropping_the_server_does_not_wait_for_clients() {
    let server = server();
    let mut clients: Vec<_> = Transport::ALL[..2]
        .iter()
        .map(|t| RawClient::connect(&server, *t))
        .collect();
    server
        .faults()
        .on("getACMTimeout", Fault::Delay(Duration::from_secs(600)));
    clients[0].send("Router", &router(), "getACMTimeout", &[], &Graph::new());
    let start = Instant::now();
    drop(server);
    assert!(start.elapsed() < Duration::from_secs(300));
    assert!(clients.iter_mut().all(RawClient::at_end));
}
