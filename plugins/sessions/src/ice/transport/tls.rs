//! Encryption, as a layer over bytes in memory.

use std::io::{Read, Write};

use rustls::{AlertDescription, ClientConnection, Error, InvalidMessage};

use super::super::{Endpoint, IceError};
use super::Flow;
use super::layer::Layer;
use crate::trust::{TlsSetup, TrustError};

/// How many of the server's first bytes are kept, to say what it speaks if it is not TLS.
const FIRST_BYTES: usize = 16;

pub(super) struct Tls {
    connection: ClientConnection,
    refusal: Box<dyn Fn() -> Option<TrustError> + Send>,
    first: Vec<u8>,
    address: String,
}

impl Tls {
    pub(super) fn new(setup: &TlsSetup, endpoint: &Endpoint) -> Result<Self, IceError> {
        let mut connection = setup
            .client_config()
            .and_then(|config| ClientConnection::new(config, setup.server_name()))
            .map_err(|error| IceError::Tls(error.to_string()))?;
        // The transport never hands in more than one piece at a time.
        connection.set_buffer_limit(None);
        let refusal = Box::new(setup.refusal());
        Ok(Self {
            connection,
            refusal,
            first: Vec::new(),
            address: endpoint.host_port(),
        })
    }

    fn explain(&self, error: &Error) -> IceError {
        if let Some(refusal) = (self.refusal)() {
            return IceError::Trust(refusal);
        }
        if !self.connection.is_handshaking() {
            return IceError::ConnectionLost(format!("broken encryption: {error}"));
        }
        IceError::Tls(match error {
            Error::InvalidMessage(InvalidMessage::InvalidContentType) => self.not_tls(),
            Error::InvalidMessage(_) if !matches!(self.first.first(), Some(0x14..=0x18)) => {
                self.not_tls()
            }
            Error::AlertReceived(AlertDescription::HandshakeFailure)
            | Error::AlertReceived(AlertDescription::ProtocolVersion)
            | Error::PeerIncompatible(_) => format!(
                "{} and this program have no protocol in common ({error}): the server needs TLS \
                 1.2 or 1.3 and a certificate (on the server: omero certificates)",
                self.address
            ),
            _ => error.to_string(),
        })
    }

    fn not_tls(&self) -> String {
        let address = &self.address;
        match self.first.as_slice() {
            [b'I', b'c', b'e', b'P', ..] => format!(
                "{address} is the server's unencrypted port: use the encrypted one (usually 4064)"
            ),
            [b'H', b'T', b'T', b'P', ..] => {
                format!("{address} is a web server without encryption, not an OMERO server")
            }
            _ => format!("what listens at {address} does not speak TLS: is the port right?"),
        }
    }
}

impl Layer for Tls {
    fn receive(&mut self, mut bytes: &[u8], plain: &mut Vec<u8>) -> Result<Flow, IceError> {
        let missing = FIRST_BYTES.saturating_sub(self.first.len());
        self.first.extend(&bytes[..bytes.len().min(missing)]);
        let mut flow = Flow::Open;
        while !bytes.is_empty() && flow == Flow::Open {
            let broken = |error: std::io::Error| IceError::Tls(error.to_string());
            self.connection.read_tls(&mut bytes).map_err(broken)?;
            let state = self.connection.process_new_packets();
            let state = state.map_err(|error| self.explain(&error))?;
            let ready = state.plaintext_bytes_to_read();
            let start = plain.len();
            plain.resize(start.saturating_add(ready), 0);
            self.connection
                .reader()
                .read_exact(&mut plain[start..])
                .map_err(broken)?;
            if state.peer_has_closed() {
                flow = Flow::Ended;
            }
        }
        Ok(flow)
    }

    fn send(&mut self, plain: &[u8]) -> Result<(), IceError> {
        let sent = self.connection.writer().write_all(plain);
        sent.map_err(|error| IceError::ConnectionLost(error.to_string()))
    }

    fn has_outgoing(&self) -> bool {
        self.connection.wants_write()
    }

    fn take_outgoing(&mut self, out: &mut Vec<u8>) -> Result<(), IceError> {
        while self.connection.wants_write() {
            let taken = self.connection.write_tls(out);
            taken.map_err(|error| IceError::ConnectionLost(error.to_string()))?;
        }
        Ok(())
    }

    fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    fn close(&mut self) -> Result<(), IceError> {
        self.connection.send_close_notify();
        Ok(())
    }
}
