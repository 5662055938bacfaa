use std::net::TcpListener;
use std::time::{Duration, Instant};

use omero_plugin_api::slice::Identity;
use rustls::version::{TLS12, TLS13};

use super::*;
use crate::ice::peer::{self, Dress, Peer, saying};
use crate::ice::{Failure, RawReply};
use crate::trust::{KnownServers, TlsPolicy};

const LONG: Duration = Duration::from_secs(20);
const EMPTY: [u8; 6] = [6, 0, 0, 0, 1, 1];

fn options(directory: &std::path::Path) -> OpenOptions {
    let tls = TlsOptions::new(TlsPolicy::FirstUse, KnownServers::new(directory));
    OpenOptions {
        connect_timeout: Duration::from_secs(5),
        ..OpenOptions::new(tls.with_roots(rustls::RootCertStore::empty()))
    }
}

fn open(scheme: &str, port: &str) -> Result<Arc<Connection>, IceError> {
    let directory = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::parse(&format!("{scheme}://127.0.0.1"), Some(port)).unwrap();
    Connection::open(&endpoint, &options(directory.path()))
}

/// One peer for each way to travel.
fn everywhere() -> Vec<(&'static str, Peer)> {
    let identity = peer::Identity::self_signed("localhost");
    vec![
        ("tcp", Peer::start(Dress::Plain)),
        ("ssl", Peer::start(Dress::Tls(identity.server(&[&TLS12])))),
        ("ssl", Peer::start(Dress::Tls(identity.server(&[&TLS13])))),
        ("ws", Peer::start(Dress::Ws)),
        (
            "wss",
            Peer::start(Dress::Wss(identity.server(&[&TLS12, &TLS13]))),
        ),
    ]
}

fn plain() -> Arc<Connection> {
    open("tcp", &Peer::start(Dress::Plain).port()).unwrap()
}

fn begin(connection: &Connection, operation: &str, parameters: &[u8]) -> Pending {
    let identity = Identity::new("OMERO.Glacier2", "router");
    connection
        .begin(&identity, None, operation, 0, &[], parameters)
        .unwrap()
}

fn call(connection: &Connection, operation: &str) -> Result<RawReply, IceError> {
    begin(connection, operation, &EMPTY).wait(LONG)
}

fn encapsulation(payload: &[u8]) -> Vec<u8> {
    let size = i32::try_from(payload.len() + 6).unwrap();
    [&size.to_le_bytes()[..], &[1, 1], payload].concat()
}

#[test]
fn calls_come_back_over_every_transport() {
    for (scheme, peer) in everywhere() {
        let connection = open(scheme, &peer.port()).unwrap();
        for operation in ["echo", "slowly", "heartbeats", "unasked"] {
            let reply = call(&connection, operation).unwrap();
            assert_eq!(
                (reply.status, reply.body.as_slice()),
                (0, &EMPTY[..]),
                "{scheme}"
            );
        }
        assert_eq!(
            connection.trust().is_some(),
            scheme == "ssl" || scheme == "wss"
        );
        connection.close();
        assert_eq!(*peer.goodbyes.lock().unwrap(), 1, "{scheme}");
        assert_eq!(connection.ended(), Some(IceError::Closed));
        let identity = Identity::new("", "x");
        let late = connection.begin(&identity, None, "echo", 0, &[], &EMPTY);
        assert_eq!(late.err(), Some(IceError::Closed));
    }
}

#[test]
fn large_messages_in_both_directions_at_once() {
    for (scheme, peer) in everywhere() {
        let connection = open(scheme, &peer.port()).unwrap();
        let big = encapsulation(&vec![0x5a; 3_000_000]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..3 {
                        let reply = begin(&connection, "echo", &big).wait(LONG).unwrap();
                        assert!(reply.body == big, "{scheme}");
                    }
                });
            }
        });
        connection.close();
    }
}

#[test]
fn many_threads_share_one_connection() {
    for (scheme, peer) in everywhere() {
        let connection = open(scheme, &peer.port()).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8_u8 {
                let connection = &connection;
                scope.spawn(move || {
                    for round in 0..50_u8 {
                        let sent = encapsulation(&[thread, round]);
                        let reply = begin(connection, "echo", &sent).wait(LONG).unwrap();
                        assert_eq!(reply.body, sent);
                    }
                });
            }
        });
    }
}

#[test]
fn replies_may_come_out_of_order() {
    let connection = plain();
    let first = begin(&connection, "hold", &encapsulation(b"one"));
    let second = begin(&connection, "release", &encapsulation(b"two"));
    assert_eq!(second.wait(LONG).unwrap().body, encapsulation(b"two"));
    assert_eq!(first.wait(LONG).unwrap().body, encapsulation(b"two"));
}

#[test]
fn a_timeout_breaks_nothing_else() {
    let connection = plain();
    let limit = Duration::from_millis(50);
    let late = begin(&connection, "hold", &EMPTY).wait(limit);
    assert_eq!(late, Err(IceError::Timeout { limit }));
    // Its reply comes now, too late, and is dropped.
    assert_eq!(call(&connection, "release").unwrap().status, 0);
    assert_eq!(call(&connection, "echo").unwrap().status, 0);
    assert_eq!(connection.ended(), None);
}

#[test]
fn interrupting_wakes_those_who_wait_and_no_others() {
    let connection = plain();
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| call(&connection, "never")))
            .collect();
        std::thread::sleep(Duration::from_millis(200));
        connection.interrupt();
        for thread in waiting {
            assert_eq!(thread.join().unwrap(), Err(IceError::Interrupted));
        }
    });
    assert_eq!(call(&connection, "echo").unwrap().status, 0);
}

#[test]
fn calls_of_the_server_are_answered() {
    for (scheme, peer) in everywhere() {
        let connection = open(scheme, &peer.port()).unwrap();
        let reply = call(&connection, "callback").unwrap();
        let Some(Failure::NotExist {
            status: 2,
            identity,
            operation,
            ..
        }) = reply.failure().unwrap()
        else {
            panic!("{scheme}: not status 2");
        };
        assert_eq!(identity.to_string(), "cat/callback");
        assert_eq!(operation, "requestHeartbeat");
    }
}

#[test]
fn the_end_fails_all_that_wait_with_its_reason() {
    let lost = |text: &str| IceError::ConnectionLost(text.to_owned());
    let protocol = |text: &str| IceError::Protocol(text.to_owned());
    let limit = super::MESSAGE_SIZE_MAX;
    let table = [
        ("goodbye", IceError::ClosedByPeer),
        ("hangup", lost("the server hung up without a good-bye")),
        ("half", lost("the server hung up inside a message")),
        ("garbage", protocol("a message does not begin with 'IceP'")),
        ("compressed", protocol("a compressed message")),
        (
            "huge",
            IceError::LimitExceeded {
                what: "message",
                size: 0x7fff_ffff,
                limit,
            },
        ),
    ];
    for (operation, expected) in table {
        for (scheme, peer) in everywhere() {
            let connection = open(scheme, &peer.port()).unwrap();
            let other = begin(&connection, "never", &EMPTY);
            assert_eq!(
                call(&connection, operation),
                Err(expected.clone()),
                "{scheme}"
            );
            assert_eq!(
                other.wait(LONG),
                Err(expected.clone()),
                "{scheme} {operation}"
            );
            assert_eq!(connection.ended(), Some(expected.clone()));
            connection.close();
        }
    }
}

#[test]
fn a_malformed_reply_fails_only_its_own_call() {
    let connection = plain();
    for operation in ["malformed", "status"] {
        assert!(
            matches!(call(&connection, operation), Err(IceError::Protocol(_))),
            "{operation}"
        );
    }
    let failure = call(&connection, "fail").unwrap().failure().unwrap();
    assert_eq!(
        failure,
        Some(Failure::Unknown {
            status: 7,
            text: "oops!".into()
        })
    );
    assert_eq!(call(&connection, "echo").unwrap().status, 0);
}

#[test]
fn an_unsound_call_breaks_nothing() {
    let connection = plain();
    let identity = Identity::new("", "x");
    let wrong = connection.begin(&identity, None, "echo", 0, &[], b"no encapsulation");
    assert!(matches!(wrong, Err(IceError::Request(_))));
    assert_eq!(call(&connection, "echo").unwrap().status, 0);
}

#[test]
fn a_smaller_limit_is_kept() {
    let peer = Peer::start(Dress::Plain);
    let directory = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::parse("tcp://127.0.0.1", Some(&peer.port())).unwrap();
    let options = OpenOptions {
        message_size_max: 100,
        ..options(directory.path())
    };
    let connection = Connection::open(&endpoint, &options).unwrap();
    assert_eq!(call(&connection, "echo").unwrap().status, 0);
    let error = begin(&connection, "echo", &encapsulation(&[0; 200]))
        .wait(LONG)
        .unwrap_err();
    assert!(
        matches!(error, IceError::LimitExceeded { limit: 100, .. }),
        "{error}"
    );
}

#[test]
fn strangers_are_recognised() {
    let table: &[(&[u8], &str, &str)] = &[
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "tcp",
            "this is a web server",
        ),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "ssl",
            "is a web server without encryption",
        ),
        (
            b"HTTP/1.1 404 Not Found\r\n\r\n",
            "ws",
            "HTTP 404 for the path /: is the path right?",
        ),
        (
            b"HTTP/1.1 101 Ok\r\n\r\n",
            "ws",
            "upgrades to something else",
        ),
        (b"\x15\x03\x01\x00\x02\x02\x28", "tcp", "wants encryption"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "tcp", "port of ssh"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "ssl", "does not speak TLS"),
        (
            b"IceP\x01\x00\x01\x00\x03\x00\x0e\x00\x00\x00",
            "ssl",
            "unencrypted port",
        ),
        (
            b"IceP\x01\x00\x01\x00\x03\x00\x0e\x00\x00\x00",
            "ws",
            "not for WebSockets",
        ),
        (
            b"IceP\x02\x00\x01\x00\x03\x00\x0e\x00\x00\x00",
            "tcp",
            "not of a version",
        ),
        (
            b"IceP\x01\x00\x01\x00\x04\x00\x0e\x00\x00\x00",
            "tcp",
            "not of a version",
        ),
    ];
    for (words, scheme, expected) in table {
        let error = open(scheme, &saying(words).port().to_string()).unwrap_err();
        assert!(
            error.to_string().contains(expected),
            "{scheme} {words:?}: {error}"
        );
        assert_eq!(error.blame(), crate::ice::Blame::Server);
    }
}

#[test]
fn silence_has_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let quiet = saying(b"").port().to_string();
    for scheme in ["tcp", "ssl", "ws", "wss"] {
        let endpoint = Endpoint::parse(&format!("{scheme}://127.0.0.1"), Some(&quiet)).unwrap();
        let limit = Duration::from_millis(150);
        let options = OpenOptions {
            connect_timeout: limit,
            ..options(directory.path())
        };
        let start = Instant::now();
        let error = Connection::open(&endpoint, &options).unwrap_err();
        assert!(
            matches!(error, IceError::ValidationTimeout { .. }),
            "{scheme}: {error}"
        );
        assert!(start.elapsed() < Duration::from_secs(3), "{scheme}");
    }
}

#[test]
fn opening_can_be_cancelled() {
    let directory = tempfile::tempdir().unwrap();
    let quiet = saying(b"").port().to_string();
    let endpoint = Endpoint::parse("tcp://127.0.0.1", Some(&quiet)).unwrap();
    let start = Instant::now();
    let cancelled = Cancelled::new(move || start.elapsed() > Duration::from_millis(100));
    let options = OpenOptions {
        cancelled,
        ..options(directory.path())
    };
    assert_eq!(
        Connection::open(&endpoint, &options).unwrap_err(),
        IceError::Interrupted
    );
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn failures_to_connect_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = open("ssl", &port.to_string()).unwrap_err();
    assert_eq!(
        error,
        IceError::Refused {
            host: "127.0.0.1".into(),
            port
        }
    );
    let directory = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::parse("no-such-host.invalid", None).unwrap();
    let error = Connection::open(&endpoint, &options(directory.path())).unwrap_err();
    assert!(matches!(error, IceError::Dns { .. }), "{error}");
}

#[test]
fn the_next_address_of_a_host_is_tried() {
    // `localhost` is ::1 and 127.0.0.1 on most systems; the peer listens at the second.
    let peer = Peer::start(Dress::Plain);
    let directory = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::parse("tcp://localhost", Some(&peer.port())).unwrap();
    let connection = Connection::open(&endpoint, &options(directory.path())).unwrap();
    assert_eq!(call(&connection, "echo").unwrap().status, 0);
}

#[test]
fn a_server_that_does_not_hang_up_is_not_waited_for_long() {
    let words = b"IceP\x01\x00\x01\x00\x03\x00\x0e\x00\x00\x00";
    let connection = open("tcp", &saying(words).port().to_string()).unwrap();
    let waiting = begin(&connection, "never", &EMPTY);
    let start = Instant::now();
    connection.close();
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(waiting.wait(LONG), Err(IceError::Closed));
    connection.close();
}

#[test]
fn a_message_that_gets_stuck_can_be_interrupted() {
    // The listener's backlog takes the connection, but nobody ever reads from it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let greeter = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut socket, &Header::bodiless(Kind::Validate)).unwrap();
        socket
    });
    let connection = open("tcp", &port).unwrap();
    let _socket = greeter.join().unwrap();
    let big = encapsulation(&vec![0; 50_000_000]);
    let identity = Identity::new("", "x");
    std::thread::scope(|scope| {
        let stuck = scope.spawn(|| {
            connection
                .begin(&identity, None, "never", 0, &[], &big)
                .map(drop)
        });
        std::thread::sleep(Duration::from_millis(300));
        let start = Instant::now();
        connection.interrupt();
        assert_eq!(stuck.join().unwrap(), Err(IceError::Interrupted));
        assert!(start.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn dropping_a_connection_ends_its_thread() {
    let connection = plain();
    let pending = begin(&connection, "never", &EMPTY);
    drop(connection);
    assert_eq!(pending.wait(LONG), Err(IceError::Closed));
}

#[test]
fn the_first_use_is_reported() {
    let identity = peer::Identity::self_signed("localhost");
    let peer = Peer::start(Dress::Tls(identity.server(&[&TLS13])));
    let connection = open("ssl", &peer.port()).unwrap();
    let notice = connection.trust().unwrap().notice().unwrap();
    assert!(notice.contains("trusted on first use"), "{notice}");
}
