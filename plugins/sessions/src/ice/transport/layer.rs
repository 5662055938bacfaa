//! What stands between messages and the socket, as transformations of bytes in memory.

use super::super::IceError;
use super::Flow;

/// A transformation of the bytes in both directions. Never blocks, never does I/O.
pub(super) trait Layer: Send {
    /// Takes bytes that came from below and appends what they carry to `plain`.
    fn receive(&mut self, bytes: &[u8], plain: &mut Vec<u8>) -> Result<Flow, IceError>;

    /// Takes bytes to be sent; they are ready for below afterwards.
    fn send(&mut self, plain: &[u8]) -> Result<(), IceError>;

    /// Whether something is ready for below.
    fn has_outgoing(&self) -> bool;

    /// Appends what is ready for below to `out`.
    fn take_outgoing(&mut self, out: &mut Vec<u8>) -> Result<(), IceError>;

    /// Whether messages cannot be sent yet.
    fn is_handshaking(&self) -> bool;

    /// Prepares the layer's own good-bye.
    fn close(&mut self) -> Result<(), IceError>;
}

/// Bytes travel as they are.
#[derive(Default)]
pub(super) struct Plain {
    outgoing: Vec<u8>,
}

impl Layer for Plain {
    fn receive(&mut self, bytes: &[u8], plain: &mut Vec<u8>) -> Result<Flow, IceError> {
        plain.extend(bytes);
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
        false
    }

    fn close(&mut self) -> Result<(), IceError> {
        Ok(())
    }
}

/// One layer on top of another.
pub(super) struct Stacked {
    top: Box<dyn Layer>,
    bottom: Box<dyn Layer>,
}

impl Stacked {
    pub(super) fn new(top: Box<dyn Layer>, bottom: Box<dyn Layer>) -> Self {
        Self { top, bottom }
    }

    /// Hands what the upper layer has ready to the lower one.
    fn sink(&mut self) -> Result<(), IceError> {
        let mut between = Vec::new();
        self.top.take_outgoing(&mut between)?;
        if between.is_empty() {
            Ok(())
        } else {
            self.bottom.send(&between)
        }
    }
}

impl Layer for Stacked {
    fn receive(&mut self, bytes: &[u8], plain: &mut Vec<u8>) -> Result<Flow, IceError> {
        let mut between = Vec::new();
        let below = self.bottom.receive(bytes, &mut between)?;
        let above = match between.is_empty() {
            true => Flow::Open,
            false => self.top.receive(&between, plain)?,
        };
        Ok(if below == Flow::Ended { below } else { above })
    }

    fn send(&mut self, plain: &[u8]) -> Result<(), IceError> {
        self.top.send(plain)
    }

    fn has_outgoing(&self) -> bool {
        self.top.has_outgoing() || self.bottom.has_outgoing()
    }

    fn take_outgoing(&mut self, out: &mut Vec<u8>) -> Result<(), IceError> {
        self.sink()?;
        self.bottom.take_outgoing(out)
    }

    fn is_handshaking(&self) -> bool {
        self.top.is_handshaking()
    }

    fn close(&mut self) -> Result<(), IceError> {
        self.top.close()?;
        self.sink()?;
        self.bottom.close()
    }
}
