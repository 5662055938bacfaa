//! Calls, their answers and their ends.

use super::*;

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
        // A call that has not begun yet is not meant by an interruption, so it takes another one.
        while !waiting.iter().all(|thread| thread.is_finished()) {
            connection.interrupt();
            std::thread::yield_now();
        }
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
