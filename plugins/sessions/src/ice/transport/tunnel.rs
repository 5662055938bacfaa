//! The connection that an HTTP proxy opens (`CONNECT`, RFC 9110, section 9.3.6), as a layer over bytes
//! in memory.

use httparse::{EMPTY_HEADER, Response, Status};
use zeroize::Zeroizing;

use super::super::{Endpoint, IceError, Proxy};
use super::Flow;
use super::layer::Layer;

/// The largest answer that is read, in bytes.
const ANSWER_MAX: usize = 16 * 1024;

const HEADERS_MAX: usize = 64;

pub(super) struct Tunnel {
    proxy: Proxy,
    server: String,
    answer: Vec<u8>,
    outgoing: Zeroizing<Vec<u8>>,
    open: bool,
}

impl Tunnel {
    pub(super) fn new(proxy: &Proxy, server: &Endpoint) -> Self {
        let server = server.host_port();
        Self {
            outgoing: proxy.request(&server),
            proxy: proxy.clone(),
            server,
            answer: Vec::new(),
            open: false,
        }
    }

    /// Takes bytes of the proxy's answer. `Some`: the connection stands, and these bytes came after
    /// the answer.
    fn read_answer(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, IceError> {
        self.answer.extend(bytes);
        let mut headers = [EMPTY_HEADER; HEADERS_MAX];
        let mut response = Response::new(&mut headers);
        match response.parse(&self.answer) {
            Ok(Status::Complete(end)) => match response.code.unwrap_or_default() {
                200..=299 => Ok(Some(self.answer.split_off(end))),
                status => Err(self.proxy.refusal(status, &self.server)),
            },
            Ok(Status::Partial) if self.answer.len() <= ANSWER_MAX => Ok(None),
            Ok(Status::Partial) => Err(self.proxy.error("gave an answer without an end")),
            Err(_) => Err(self
                .proxy
                .error("gave an answer that is not HTTP: is it a proxy, and its port right?")),
        }
    }
}

impl Layer for Tunnel {
    fn receive(&mut self, bytes: &[u8], plain: &mut Vec<u8>) -> Result<Flow, IceError> {
        if self.open {
            plain.extend(bytes);
        } else if let Some(rest) = self.read_answer(bytes)? {
            self.open = true;
            plain.extend(rest);
        }
        Ok(Flow::Open)
    }

    fn send(&mut self, plain: &[u8]) -> Result<(), IceError> {
        self.outgoing.extend(plain);
        Ok(())
    }

    fn has_outgoing(&self) -> bool {
        !self.outgoing.is_empty()
    }

    fn take_outgoing(&mut self, out: &mut Vec<u8>) -> Result<(), IceError> {
        out.append(&mut self.outgoing);
        Ok(())
    }

    fn is_handshaking(&self) -> bool {
        !self.open
    }

    fn close(&mut self) -> Result<(), IceError> {
        Ok(())
    }
}
