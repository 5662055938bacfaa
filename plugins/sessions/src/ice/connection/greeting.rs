//! The server speaks first: one ValidateConnection message.

use super::super::message::{Frame, HEADER_SIZE, Kind, take_frame};
use super::super::transport::{Flow, Limits, Transport, Wait};
use super::super::{Cancelled, Endpoint, IceError};

/// Waits for the greeting; gives what came after it. `stream` is what came before.
pub(super) fn expect(
    transport: &Transport,
    mut stream: Vec<u8>,
    endpoint: &Endpoint,
    limits: &Limits,
    cancelled: &Cancelled,
) -> Result<Vec<u8>, IceError> {
    let silence = || IceError::ValidationTimeout {
        host: endpoint.host().to_owned(),
        port: endpoint.port(),
        limit: limits.step,
    };
    let wait = Wait {
        until: limits.step_end(),
        cancelled,
        silence: &silence,
    };
    loop {
        let first = stream.clone();
        match take_frame(&mut stream, HEADER_SIZE) {
            Ok(Some(Frame { header, .. })) if header.kind == Kind::Validate => return Ok(stream),
            Ok(Some(_)) => return Err(not_ice(&first)),
            Err(_) => return Err(not_ice(&first)),
            Ok(None) => {}
        }
        if transport.read_within(&mut stream, &wait)? == Flow::Ended && stream.len() < HEADER_SIZE {
            return Err(match stream.is_empty() {
                true => IceError::ConnectionLost("the server hung up without a word".to_owned()),
                false => not_ice(&stream),
            });
        }
    }
}

fn not_ice(first: &[u8]) -> IceError {
    let hint = match first {
        [b'I', b'c', b'e', b'P', ..] => "it is an Ice server, but not of a version that OMERO uses",
        [0x14..=0x18, 0x03, ..] => "this port wants encryption: use the address ssl://HOST:PORT",
        [b'H', b'T', b'T', b'P', ..] => "this is a web server: use the address wss://HOST/PATH",
        [b'S', b'S', b'H', b'-', ..] => "this is the port of ssh, not of OMERO",
        _ => "is the port right?",
    };
    let shown = &first[..first.len().min(16)];
    IceError::NotIce {
        first: format!("\"{}\"", shown.escape_ascii()),
        hint,
    }
}
