//! The WebSocket layer: binary frames with the subprotocol `ice.zeroc.com`.

use std::io::{self, Read, Write};

use tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tungstenite::handshake::{HandshakeError, MidHandshake, server::ServerHandshake};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, WebSocket};
use tungstenite::{Error, Message, http};

use super::layer::Layer;

const SUBPROTOCOL: &str = "ice.zeroc.com";

/// Two buffers that stand in for a socket.
#[derive(Default)]
struct Pipe {
    inbox: Vec<u8>,
    outbox: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.inbox.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = into.len().min(self.inbox.len());
        into[..count].copy_from_slice(&self.inbox[..count]);
        self.inbox.drain(..count);
        Ok(count)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outbox.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Accepts any path, as Ice does, and no subprotocol but Ice's.
struct Agree;

impl Callback for Agree {
    fn on_request(self, request: &Request, response: Response) -> Result<Response, ErrorResponse> {
        let wanted = request.headers().get("Sec-WebSocket-Protocol");
        let Some(wanted) = wanted else {
            return Ok(response);
        };
        if wanted
            .to_str()
            .is_ok_and(|list| list.split(',').any(|p| p.trim() == SUBPROTOCOL))
        {
            let mut response = response;
            let value = http::HeaderValue::from_static(SUBPROTOCOL);
            response
                .headers_mut()
                .insert("Sec-WebSocket-Protocol", value);
            return Ok(response);
        }
        let mut refusal = ErrorResponse::new(Some("unsupported WebSocket protocol".to_owned()));
        *refusal.status_mut() = http::StatusCode::BAD_REQUEST;
        Err(refusal)
    }
}

enum Stage {
    Upgrading(Box<MidHandshake<ServerHandshake<Pipe, Agree>>>),
    Open(Box<WebSocket<Pipe>>),
    Refused(Vec<u8>),
}

/// The server's end of a WebSocket.
pub struct WebSocketLayer {
    stage: Option<Stage>,
}

impl WebSocketLayer {
    pub fn new() -> io::Result<Self> {
        let mut layer = Self { stage: None };
        layer.advance(tungstenite::accept_hdr(Pipe::default(), Agree))?;
        Ok(layer)
    }

    fn advance(
        &mut self,
        result: Result<WebSocket<Pipe>, HandshakeError<ServerHandshake<Pipe, Agree>>>,
    ) -> io::Result<()> {
        self.stage = Some(match result {
            Ok(open) => Stage::Open(Box::new(open)),
            Err(HandshakeError::Interrupted(middle)) => Stage::Upgrading(Box::new(middle)),
            Err(HandshakeError::Failure(Error::Http(_))) => {
                Stage::Refused(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec())
            }
            Err(HandshakeError::Failure(error)) => return Err(io::Error::other(error)),
        });
        Ok(())
    }

    fn pipe(&mut self) -> Option<&mut Pipe> {
        match self.stage.as_mut()? {
            Stage::Upgrading(middle) => Some(middle.get_mut().get_mut()),
            Stage::Open(socket) => Some(socket.get_mut()),
            Stage::Refused(_) => None,
        }
    }
}

impl Layer for WebSocketLayer {
    fn incoming(&mut self, below: &[u8]) -> io::Result<Option<Vec<u8>>> {
        if let Some(pipe) = self.pipe() {
            pipe.inbox.extend(below);
        }
        if let Some(Stage::Upgrading(_)) = self.stage
            && let Some(Stage::Upgrading(middle)) = self.stage.take()
        {
            self.advance(middle.handshake())?;
        }
        match self.stage.as_mut() {
            Some(Stage::Open(socket)) => read_all(socket),
            Some(Stage::Upgrading(_)) => Ok(Some(Vec::new())),
            Some(Stage::Refused(_)) | None => Ok(None),
        }
    }

    fn outgoing(&mut self, above: &[u8]) -> io::Result<Vec<u8>> {
        match self.stage.as_mut() {
            Some(Stage::Refused(answer)) => return Ok(std::mem::take(answer)),
            Some(Stage::Open(socket)) if !above.is_empty() => {
                socket
                    .send(Message::binary(above.to_vec()))
                    .map_err(io::Error::other)?;
            }
            Some(Stage::Open(socket)) => ignore_closed(socket.flush())?,
            _ => {}
        }
        Ok(self
            .pipe()
            .map(|pipe| std::mem::take(&mut pipe.outbox))
            .unwrap_or_default())
    }

    fn ready(&self) -> bool {
        matches!(self.stage, Some(Stage::Open(_)))
    }

    fn close(&mut self) -> io::Result<()> {
        if let Some(Stage::Open(socket)) = self.stage.as_mut() {
            let frame = CloseFrame {
                code: CloseCode::Normal,
                reason: "".into(),
            };
            ignore_closed(socket.close(Some(frame)))?;
        }
        Ok(())
    }
}

/// Everything that has arrived; the frames' borders mean nothing to Ice.
fn read_all(socket: &mut WebSocket<Pipe>) -> io::Result<Option<Vec<u8>>> {
    let mut above = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Binary(bytes)) => above.extend_from_slice(&bytes),
            Ok(Message::Text(_)) => return Err(io::Error::other("a text frame")),
            Ok(_) => {}
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return Ok(Some(above));
            }
            Err(Error::ConnectionClosed | Error::AlreadyClosed) => {
                return Ok(Some(above).filter(|bytes| !bytes.is_empty()));
            }
            Err(error) => return Err(io::Error::other(error)),
        }
    }
}

fn ignore_closed(result: Result<(), Error>) -> io::Result<()> {
    match result {
        Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => Ok(()),
        Err(error) => Err(io::Error::other(error)),
    }
}
