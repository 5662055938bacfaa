//! Opening and closing, and whom one may meet.

use super::*;

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
        let mut limit = Duration::from_millis(150);
        let error = loop {
            let options = OpenOptions {
                connect_timeout: limit,
                ..options(directory.path())
            };
            match Connection::open(&endpoint, &options).unwrap_err() {
                // On a busy machine even the connection itself may take longer.
                IceError::ConnectTimeout { .. } => limit *= 4,
                error => break error,
            }
        };
        assert!(
            matches!(error, IceError::ValidationTimeout { .. }),
            "{scheme}: {error}"
        );
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
    assert!(start.elapsed() < LONG);
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
    let socket = greeter.join().unwrap();
    let big = encapsulation(&vec![0; 50_000_000]);
    let identity = Identity::new("", "x");
    std::thread::scope(|scope| {
        let stuck = scope.spawn(|| {
            connection
                .begin(&identity, None, "never", 0, &[], &big)
                .map(drop)
        });
        // The message is under way as soon as its first byte has arrived, and it is too long to be
        // held by the system.
        socket.peek(&mut [0]).unwrap();
        connection.interrupt();
        assert_eq!(stuck.join().unwrap(), Err(IceError::Interrupted));
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
