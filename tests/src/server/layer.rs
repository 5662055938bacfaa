//! What may lie between a socket and Ice messages: TLS, WebSocket, or both.
//!
//! Layers do no I/O. They turn bytes from below into bytes for above and the other way round, so
//! that one thread can wait on the socket while others answer.

use std::io;

/// One protocol under Ice.
pub trait Layer: Send {
    /// Takes bytes from below and gives those for above. `None` means the peer has closed.
    fn incoming(&mut self, below: &[u8]) -> io::Result<Option<Vec<u8>>>;

    /// Takes bytes from above and gives those for below, with any that were waiting.
    fn outgoing(&mut self, above: &[u8]) -> io::Result<Vec<u8>>;

    /// Whether the handshake is over, so that messages may be sent.
    fn ready(&self) -> bool;

    /// Says goodbye in this layer's own words; [`Self::outgoing`] gives the bytes.
    fn close(&mut self) -> io::Result<()>;
}

/// The layers of one connection, the lowest first.
pub type Layers = Vec<Box<dyn Layer>>;

/// Bytes from the socket through all layers.
pub fn climb(layers: &mut Layers, wire: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = wire.to_vec();
    for layer in layers.iter_mut() {
        match layer.incoming(&bytes)? {
            Some(above) => bytes = above,
            None => return Ok(None),
        }
    }
    Ok(Some(bytes))
}

/// A message through all layers to bytes for the socket.
pub fn descend(layers: &mut Layers, message: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = message.to_vec();
    for layer in layers.iter_mut().rev() {
        bytes = layer.outgoing(&bytes)?;
    }
    Ok(bytes)
}

/// All goodbyes, from the top down, as bytes for the socket.
pub fn farewell(layers: &mut Layers) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for layer in layers.iter_mut().rev() {
        let mut below = layer.outgoing(&bytes)?;
        layer.close()?;
        below.extend(layer.outgoing(&[])?);
        bytes = below;
    }
    Ok(bytes)
}
