//! The HTTP exchange that turns a connection into a WebSocket (RFC 6455, section 4).
//!
//! Not left to the WebSocket library, because Ice servers behind proxies may answer without naming
//! the protocol, which the library refuses.

use httparse::{EMPTY_HEADER, Response, Status};
use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;

use super::super::{Endpoint, IceError};

/// The name of Ice among the protocols inside of WebSockets.
const PROTOCOL: &str = "ice.zeroc.com";

/// The largest answer that is read, in bytes.
const ANSWER_MAX: usize = 16 * 1024;

const HEADERS_MAX: usize = 64;

/// A WebSocket upgrade under way.
pub(super) struct Upgrade {
    key: String,
    host: String,
    path: String,
    answer: Vec<u8>,
}

impl Upgrade {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        let (host, path) = (endpoint.host_port(), endpoint.path().to_owned());
        Self {
            key: generate_key(),
            host,
            path,
            answer: Vec::new(),
        }
    }

    /// What is sent to the server. The endpoint has checked host and path.
    pub(super) fn request(&self) -> String {
        let Self {
            key, host, path, ..
        } = self;
        format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Protocol: {PROTOCOL}\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: {key}\r\n\r\n"
        )
    }

    /// Takes bytes of the answer. `Some`: the server agreed, and these bytes came after it.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, IceError> {
        self.answer.extend(bytes);
        let mut headers = [EMPTY_HEADER; HEADERS_MAX];
        let mut response = Response::new(&mut headers);
        match response.parse(&self.answer) {
            Ok(Status::Complete(end)) => {
                self.check(&response)?;
                Ok(Some(self.answer.split_off(end)))
            }
            Ok(Status::Partial) if self.answer.len() <= ANSWER_MAX => Ok(None),
            Ok(Status::Partial) => Err(refused("its answer has no end")),
            Err(_) if self.answer.starts_with(b"IceP") => Err(refused(
                "this is the server's port for tcp:// or ssl://, not for WebSockets",
            )),
            Err(_) => Err(refused(
                "what listens there does not speak HTTP: is the port right?",
            )),
        }
    }

    fn check(&self, response: &Response<'_, '_>) -> Result<(), IceError> {
        let header = |name: &str| {
            let found = response
                .headers
                .iter()
                .find(|header| header.name.eq_ignore_ascii_case(name));
            found
                .and_then(|header| std::str::from_utf8(header.value).ok())
                .unwrap_or("")
                .trim()
        };
        let code = response.code.unwrap_or(0);
        if code != 101 {
            let hint = if code == 404 {
                ": is the path right?"
            } else {
                ""
            };
            let path = &self.path;
            let text = format!("the server answers HTTP {code} for the path {path}{hint}");
            return Err(IceError::WebSocket(text));
        }
        if !header("upgrade").eq_ignore_ascii_case("websocket")
            || !header("connection")
                .to_ascii_lowercase()
                .contains("upgrade")
        {
            return Err(refused("the server upgrades to something else"));
        }
        if header("sec-websocket-accept") != derive_accept_key(self.key.as_bytes()) {
            return Err(refused("the answer belongs to another request"));
        }
        match header("sec-websocket-protocol") {
            "" | PROTOCOL => Ok(()),
            _ => Err(refused(
                "the server speaks something else than Ice inside of WebSockets",
            )),
        }
    }
}

fn refused(why: &str) -> IceError {
    IceError::WebSocket(why.to_owned())
}
