//! The ways in: TLS and its certificates, WebSocket, several addresses.

use std::io::{Read, Write};

use tungstenite::{ClientRequestBuilder, Message, http::Uri};

use super::raw_client::{RawClient, tcp_stream, tls_stream};
use crate::server::{Config, Listener, TestServer, TlsOptions, Transport, frame};

fn upgrade<S: Read + Write>(
    stream: S,
    protocol: &str,
) -> tungstenite::Result<tungstenite::WebSocket<S>> {
    let uri = Uri::from_static("ws://localhost/omero-wss");
    let request = ClientRequestBuilder::new(uri).with_sub_protocol(protocol);
    match tungstenite::client(request, stream) {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::HandshakeError::Failure(error)) => Err(error),
        Err(tungstenite::HandshakeError::Interrupted(_)) => panic!("interrupted"),
    }
}

fn converse<S: Read + Write>(stream: S) {
    let mut socket = upgrade(stream, "ice.zeroc.com").unwrap();
    let first = socket.read().unwrap();
    assert_eq!(first, Message::binary(frame::VALIDATE_CONNECTION.to_vec()));
    // One message in pieces, one frame each, with a ping in between.
    let sample = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/wire/login-createSession-request.11.bin"
    );
    let request = std::fs::read(sample).unwrap();
    for piece in request.chunks(11) {
        socket.send(Message::binary(piece.to_vec())).unwrap();
        socket.send(Message::Ping("?".into())).unwrap();
    }
    let reply = loop {
        match socket.read().unwrap() {
            Message::Binary(bytes) => break bytes,
            Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        (reply[8], reply[18]),
        (2, 1),
        "a reply with a user exception"
    );
    socket
        .send(Message::binary(frame::CLOSE_CONNECTION.to_vec()))
        .unwrap();
    let close = loop {
        match socket.read().unwrap() {
            Message::Close(frame) => break frame.unwrap(),
            Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(u16::from(close.code), 1000);
}

#[test]
fn websockets_carry_messages_in_any_pieces() {
    let server = TestServer::start(Config::standard()).unwrap();
    converse(tcp_stream(&server, Transport::Ws));
    converse(tls_stream(&server, Transport::Wss));
}

#[test]
fn other_subprotocols_are_refused() {
    let server = TestServer::start(Config::standard()).unwrap();
    let refused = upgrade(tcp_stream(&server, Transport::Ws), "chat");
    assert!(matches!(refused, Err(tungstenite::Error::Http(r)) if r.status() == 400));
}

#[test]
fn certificate_can_be_exchanged() {
    let server = TestServer::start(Config::standard()).unwrap();
    let before = server.fingerprint();
    assert_eq!(before.split(':').count(), 32);
    drop(RawClient::connect(&server, Transport::Ssl));
    server.replace_certificate(&TlsOptions::default()).unwrap();
    assert_ne!(server.fingerprint(), before);
    drop(RawClient::connect(&server, Transport::Ssl));
}

#[test]
fn bad_certificates_are_really_bad() {
    for options in [
        TlsOptions {
            expired: true,
            ..TlsOptions::default()
        },
        TlsOptions {
            names: vec!["elsewhere.example.org".to_owned()],
            ..TlsOptions::default()
        },
    ] {
        let server = TestServer::start(Config {
            tls: options,
            ..Config::standard()
        })
        .unwrap();
        let mut first = [0];
        let failed = tls_stream(&server, Transport::Ssl).read(&mut first);
        assert_eq!(failed.unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    }
}

#[test]
fn tls_1_2_alone_is_enough() {
    let tls = TlsOptions {
        only_tls12: true,
        ..TlsOptions::default()
    };
    let server = TestServer::start(Config {
        tls,
        ..Config::standard()
    })
    .unwrap();
    drop(RawClient::connect(&server, Transport::Ssl));
}

#[test]
fn plain_text_at_the_tls_port_is_answered_by_silence_or_the_end() {
    let server = TestServer::start(Config::standard()).unwrap();
    let mut stream = tcp_stream(&server, Transport::Ssl);
    stream.write_all(&frame::VALIDATE_CONNECTION).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert_ne!(answer.get(..4), Some(&b"IceP"[..]));
}

#[test]
fn listens_on_ipv6_too() {
    let address = "[::1]:0".parse().unwrap();
    let listeners = vec![Listener {
        transport: Transport::Tcp,
        address,
    }];
    let Ok(server) = TestServer::start(Config {
        listeners,
        ..Config::standard()
    }) else {
        // A machine without IPv6 has nothing to test here.
        assert!(std::net::TcpListener::bind("[::1]:0").is_err());
        return;
    };
    let mut stream = std::net::TcpStream::connect(server.addresses()[0].1).unwrap();
    let mut first = [0; 14];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(first, frame::VALIDATE_CONNECTION);
}

#[test]
fn a_taken_port_is_an_error_that_names_it() {
    let server = TestServer::start(Config::standard()).unwrap();
    let listeners = vec![Listener::local(Transport::Tcp, server.port(Transport::Tcp))];
    let error = TestServer::start(Config {
        listeners,
        ..Config::standard()
    })
    .err()
    .unwrap();
    assert!(
        error
            .to_string()
            .contains(&server.port(Transport::Tcp).to_string()),
        "{error}"
    );
}
