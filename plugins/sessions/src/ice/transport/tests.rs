use std::fs;
use std::path::PathBuf;

use tungstenite::handshake::derive_accept_key;

use super::ws::WebSocket;
use super::*;
use crate::ice::message::{Kind, MESSAGE_SIZE_MAX, take_frame};

/// One direction of a recorded WebSocket connection between a real Ice client and server.
fn recorded(direction: &str) -> Vec<u8> {
    let name = format!("../../tests/fixtures/wire/ws-stream-{direction}.raw");
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn endpoint() -> Endpoint {
    Endpoint::parse("ws://localhost:1/omero", None).unwrap()
}

fn sent(layer: &mut WebSocket) -> Vec<u8> {
    let mut out = Vec::new();
    layer.take_outgoing(&mut out).unwrap();
    out
}

/// A new WebSocket and the accept key that its server must answer with.
fn asked() -> (WebSocket, String) {
    let mut layer = WebSocket::new(&endpoint());
    let request = String::from_utf8(sent(&mut layer)).unwrap();
    let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap().trim();
    let accept = derive_accept_key(key.as_bytes());
    (layer, accept)
}

fn answer(accept: &str, protocol: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUPGRADE: WebSocket\r\nConnection: keep-alive, Upgrade\
         \r\n{protocol}Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

fn opened() -> WebSocket {
    let (mut layer, accept) = asked();
    let flow = layer.receive(answer(&accept, "").as_bytes(), &mut Vec::new());
    assert_eq!(flow, Ok(Flow::Open));
    assert!(!layer.is_handshaking());
    layer
}

fn kinds(mut stream: Vec<u8>) -> Vec<Kind> {
    let mut kinds = Vec::new();
    while let Some(frame) = take_frame(&mut stream, MESSAGE_SIZE_MAX).unwrap() {
        kinds.push(frame.header.kind);
    }
    assert!(stream.is_empty(), "bytes are left over");
    kinds
}

#[test]
fn the_upgrade_is_asked_for_as_ice_does() {
    let ice = recorded("client-to-server");
    let ice = String::from_utf8_lossy(&ice);
    let (ice, _) = ice.split_once("\r\n\r\n").unwrap();
    let own = String::from_utf8(sent(&mut WebSocket::new(&endpoint()))).unwrap();
    let names = |request: &str| -> Vec<String> {
        let headers = request.lines().skip(1).take_while(|line| !line.is_empty());
        headers
            .map(|line| line.split(':').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&own), names(ice));
    assert!(
        own.starts_with("GET /omero HTTP/1.1\r\nHost: localhost:1\r\n"),
        "{own}"
    );
    assert!(
        own.contains("\r\nSec-WebSocket-Protocol: ice.zeroc.com\r\n"),
        "{own}"
    );
}

#[test]
fn what_a_real_ice_server_sent_is_read_in_pieces_of_any_size() {
    let recorded = recorded("server-to-client");
    let end = recorded
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    for size in [1, 2, 3, 7, 64, 1000, recorded.len()] {
        let (mut layer, accept) = asked();
        let protocol = "Sec-WebSocket-Protocol: ice.zeroc.com\r\n";
        let all = [answer(&accept, protocol).as_bytes(), &recorded[end..]].concat();
        let (mut plain, mut flow) = (Vec::new(), Flow::Open);
        for piece in all.chunks(size) {
            flow = layer.receive(piece, &mut plain).unwrap();
            if flow == Flow::Ended {
                break;
            }
        }
        // The recording ends with the server's close frame, which is answered with a masked one.
        assert_eq!(flow, Flow::Ended, "pieces of {size}");
        assert_eq!(sent(&mut layer)[..2], [0x88, 0x82]);
        let kinds = kinds(plain);
        assert_eq!(kinds.first(), Some(&Kind::Validate));
        assert!(
            kinds.len() > 3 && kinds[1..].iter().all(|kind| *kind == Kind::Reply),
            "{kinds:?}"
        );
    }
}

#[test]
fn answers_to_the_upgrade_are_checked() {
    let other = "Sec-WebSocket-Protocol: chat\r\n";
    type Change = fn(String) -> String;
    let table: [(Change, &str); 5] = [
        (
            |good| good.replace("Accept: ", "Accept: x"),
            "belongs to another request",
        ),
        (
            |good| good.replace("WebSocket", "h2c"),
            "upgrades to something else",
        ),
        (
            |good| good.replace("Upgrade\r", "close\r"),
            "upgrades to something else",
        ),
        (
            |good| good.replace("101", "502"),
            "HTTP 502 for the path /omero",
        ),
        (
            |_| format!("HTTP/1.1 200 Ok\r\nX: {}", "x".repeat(20_000)),
            "no end",
        ),
    ];
    for (change, expected) in table {
        let (mut layer, accept) = asked();
        let bytes = change(answer(&accept, ""));
        let error = layer
            .receive(bytes.as_bytes(), &mut Vec::new())
            .unwrap_err();
        assert!(matches!(error, IceError::WebSocket(_)), "{error}");
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
    let (mut layer, accept) = asked();
    let error = layer
        .receive(answer(&accept, other).as_bytes(), &mut Vec::new())
        .unwrap_err();
    assert!(
        error.to_string().contains("something else than Ice"),
        "{error}"
    );
}

#[test]
fn frames_are_a_stream_of_bytes() {
    let mut layer = opened();
    let mut plain = Vec::new();
    // "ab" in two fragments with a ping between them, then "c" and "d" in two frames.
    let frames = b"\x02\x01a\x89\x02hi\x80\x01b\x82\x01c\x82\x01d";
    assert_eq!(layer.receive(frames, &mut plain), Ok(Flow::Open));
    assert_eq!(plain, b"abcd");
    let pong = sent(&mut layer);
    assert_eq!(pong[..2], [0x8a, 0x82], "a masked pong of two bytes");
    let unmasked: Vec<_> = pong[6..]
        .iter()
        .zip(&pong[2..6])
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    assert_eq!(unmasked, b"hi");
}

#[test]
fn broken_frames_are_errors() {
    let table: [&[u8]; 5] = [
        b"\x81\x02hi",
        b"\x82\x81\0\0\0\0a",
        b"\xc2\x01a",
        b"\x80\x01a",
        b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
    ];
    for frames in table {
        let error = opened().receive(frames, &mut Vec::new()).unwrap_err();
        let is_told = matches!(
            error,
            IceError::Protocol(_) | IceError::LimitExceeded { .. }
        );
        assert!(is_told, "{frames:?}: {error}");
    }
}

#[test]
fn no_damage_to_a_websocket_does_harm() {
    let recorded = recorded("server-to-client");
    let end = recorded
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    let frames = &recorded[end..recorded.len().min(end + 600)];
    for bit in 0..frames.len() * 8 {
        let mut flipped = frames.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let _ = opened().receive(&flipped, &mut Vec::new());
    }
}
