//! WebSocket frames around Ice messages, as a layer over bytes in memory.

use std::io::{Cursor, ErrorKind, Read, Write};

use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

use super::super::message::MESSAGE_SIZE_MAX;
use super::super::{Endpoint, IceError};
use super::Flow;
use super::layer::Layer;
use super::upgrade::Upgrade;

/// The client's end of a WebSocket. Binary frames are taken as a stream of bytes: Ice messages may
/// share a frame or span several.
pub(super) struct WebSocket {
    pipe: Pipe,
    state: State,
}

enum State {
    /// HTTP: the answer to the upgrade request, as far as it has come.
    Upgrading(Upgrade),
    Open(Box<WebSocketContext>),
}

/// What the WebSocket machine takes for its stream.
#[derive(Default)]
struct Pipe {
    incoming: Cursor<Vec<u8>>,
    outgoing: Vec<u8>,
}

impl WebSocket {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        let upgrade = Upgrade::new(endpoint);
        let outgoing = upgrade.request().into_bytes();
        let pipe = Pipe {
            incoming: Cursor::default(),
            outgoing,
        };
        Self {
            pipe,
            state: State::Upgrading(upgrade),
        }
    }

    fn read_frames(&mut self, plain: &mut Vec<u8>) -> Result<Flow, IceError> {
        let State::Open(context) = &mut self.state else {
            return Ok(Flow::Open);
        };
        let flow = loop {
            match context.read(&mut self.pipe) {
                Ok(Message::Binary(payload)) => plain.extend_from_slice(&payload),
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Ok(Message::Close(_)) => break Flow::Ended,
                Ok(Message::Text(_)) => {
                    let text = "a WebSocket text frame, Ice uses binary ones".to_owned();
                    return Err(IceError::Protocol(text));
                }
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => break Flow::Open,
                Err(error) => match ended(&error) {
                    true => break Flow::Ended,
                    false => return Err(broken(&error)),
                },
            }
        };
        // The answers to ping and close wait inside of the machine until it is told.
        match context.flush(&mut self.pipe) {
            Err(error) if !ended(&error) => Err(broken(&error)),
            _ => Ok(flow),
        }
    }
}

impl Layer for WebSocket {
    fn receive(&mut self, bytes: &[u8], plain: &mut Vec<u8>) -> Result<Flow, IceError> {
        let framed = match &mut self.state {
            State::Open(_) => bytes.to_vec(),
            State::Upgrading(upgrade) => {
                let Some(rest) = upgrade.receive(bytes)? else {
                    return Ok(Flow::Open);
                };
                let context = WebSocketContext::new(Role::Client, Some(config()));
                self.state = State::Open(Box::new(context));
                rest
            }
        };
        self.pipe.incoming = Cursor::new(framed);
        self.read_frames(plain)
    }

    fn send(&mut self, plain: &[u8]) -> Result<(), IceError> {
        let State::Open(context) = &mut self.state else {
            return Err(IceError::WebSocket("not open yet".to_owned()));
        };
        let message = Message::binary(plain.to_vec());
        let sent = context.write(&mut self.pipe, message);
        sent.and_then(|()| context.flush(&mut self.pipe))
            .map_err(|error| broken(&error))
    }

    fn has_outgoing(&self) -> bool {
        !self.pipe.outgoing.is_empty()
    }

    fn take_outgoing(&mut self, out: &mut Vec<u8>) -> Result<(), IceError> {
        out.append(&mut self.pipe.outgoing);
        Ok(())
    }

    fn is_handshaking(&self) -> bool {
        matches!(self.state, State::Upgrading(_))
    }

    fn close(&mut self) -> Result<(), IceError> {
        let State::Open(context) = &mut self.state else {
            return Ok(());
        };
        let frame = CloseFrame {
            code: CloseCode::Away,
            reason: "".into(),
        };
        match context.close(&mut self.pipe, Some(frame)) {
            Err(error) if !ended(&error) => Err(broken(&error)),
            _ => Ok(()),
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.incoming.read(buffer)? {
            // No end of the stream, only of what has come so far.
            0 => Err(ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.outgoing.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Ice puts a whole message into one frame, so a frame may be as large as a message.
fn config() -> WebSocketConfig {
    let largest = Some(MESSAGE_SIZE_MAX);
    WebSocketConfig::default()
        .max_frame_size(largest)
        .max_message_size(largest)
}

fn ended(error: &Error) -> bool {
    matches!(error, Error::ConnectionClosed | Error::AlreadyClosed)
}

fn broken(error: &Error) -> IceError {
    match error {
        Error::Capacity(tungstenite::error::CapacityError::MessageTooLong { size, max_size }) => {
            IceError::LimitExceeded {
                what: "WebSocket frame",
                size: *size,
                limit: *max_size,
            }
        }
        _ => IceError::Protocol(format!("broken WebSocket: {error}")),
    }
}
