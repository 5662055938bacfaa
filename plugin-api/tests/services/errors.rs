//! How calls fail, as commands report it.

use omero_plugin_api::{
    Error, Kind,
    services::{CallError, Config, Operation, config},
    slice::{Graph, Value},
    testing::{Answer, FakeSession},
};

fn fails(answer: Answer) -> CallError {
    let fake = FakeSession::new().reply(&config::GET_VERSION, answer);
    Config::of(&fake.session()).unwrap().version().unwrap_err()
}

#[test]
fn each_failure_has_its_kind() {
    for (answer, kind, text) in [
        (
            Answer::exception("::omero::SecurityViolation", "no"),
            Kind::Server,
            "SecurityViolation: no",
        ),
        (
            Answer::exception("::omero::SecurityViolation", ""),
            Kind::Server,
            "SecurityViolation",
        ),
        (
            Answer::exception("::Glacier2::PermissionDeniedException", "bad"),
            Kind::Server,
            "PermissionDeniedException: bad",
        ),
        (
            Answer::not_there(),
            Kind::Server,
            "the server does not know the object of `getVersion`",
        ),
        (
            Answer::server_failure("boom\u{7}\n  at line 5"),
            Kind::Server,
            "the server failed in `getVersion`: boom",
        ),
        (
            Answer::failure(Error::of_kind(Kind::Network, 1, "the connection is lost")),
            Kind::Network,
            "the connection is lost",
        ),
    ] {
        let error = Error::from(fails(answer));
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, text));
        assert_ne!(error.code(), 0);
    }
}

#[test]
fn garbage_is_a_protocol_error() {
    for body in [
        &b""[..],
        b"\x06\0\0\0\x01\x01",
        b"\xff\xff\xff\xff\x01\x01",
        &[0x80; 40],
    ] {
        for status in [0, 1] {
            let error = Error::from(fails(Answer::raw(status, body.to_vec())));
            assert_eq!(error.kind(), Kind::Protocol, "{status} {body:?}");
        }
    }
}

#[test]
fn texts_of_servers_steer_no_terminal() {
    let text = "a\u{1b}[2J\nb\u{9b}31m";
    for answer in [
        Answer::exception("::omero::InternalException", text),
        Answer::server_failure(text),
    ] {
        let shown = fails(answer).to_string();
        assert!(
            !shown.contains(|c: char| c.is_control() && c != '\n'),
            "{shown:?}"
        );
    }
}

#[test]
fn the_number_of_arguments_is_checked_before_anything_is_sent() {
    const ADD: Operation = Operation::normal("add", &["int", "int"], &["int"]);
    let fake = FakeSession::new().reply(&ADD, Answer::value(3));
    let session = fake.session();
    let target = session.service("x").unwrap();
    let call = |arguments: &[Value]| session.call(&target, &ADD, arguments, &Graph::new());
    assert!(matches!(
        call(&[Value::Int(1)]),
        Err(CallError::Arguments(_))
    ));
    assert!(matches!(
        call(&[Value::Int(1), Value::from("2")]),
        Err(CallError::Slice(_))
    ));
    assert!(fake.calls().is_empty());
    assert_eq!(
        call(&[Value::Int(1), Value::Int(2)]).unwrap().values,
        [Value::Int(3)]
    );
}
