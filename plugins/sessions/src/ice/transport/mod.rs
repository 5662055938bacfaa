//! A byte stream to the server that one thread reads while others write.
//!
//! Encryption and WebSocket framing are [layers](layer::Layer) that work on memory only, so the
//! socket is read and written outside of their lock: a reader that waits for the server never
//! keeps a writer waiting, nor the reverse.

mod dial;
mod layer;
mod socket;
#[cfg(test)]
mod tests;
mod tls;
mod tunnel;
mod upgrade;
mod ws;

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{Cancelled, Endpoint, IceError, Proxy};
use crate::trust::{ServerTrust, TlsOptions, TlsSetup};
use layer::{Layer, Plain, Stacked};
use socket::Socket;

/// How much is given to the layers and the socket at once, in bytes.
pub(super) const PIECE: usize = 64 * 1024;

/// What may wait to be sent in answer to the server while another thread is writing, in bytes.
const QUEUE_MAX: usize = 1024 * 1024;

/// The time limits of one attempt to connect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For each address of the host, and again for the encryption and the server's greeting.
    pub(super) step: Duration,
    /// When everything must be done.
    pub(super) end: Instant,
}

impl Limits {
    /// When a step that starts now must be done.
    pub(super) fn step_end(&self) -> Instant {
        Instant::now()
            .checked_add(self.step)
            .map_or(self.end, |end| end.min(self.end))
    }
}

/// Whether more can come from the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flow {
    Open,
    Ended,
}

/// An open byte stream.
pub(super) struct Transport {
    socket: Socket,
    layers: Mutex<Box<dyn Layer>>,
    /// Whether bytes travel as they are.
    bare: bool,
    /// Held while bytes are put on the wire, so that those of two messages do not mix.
    wire: Mutex<()>,
    /// Whole messages that wait for the wire.
    queue: Mutex<Vec<u8>>,
    trust: Option<ServerTrust>,
}

impl Transport {
    /// Connects, through a proxy if there is one, encrypts, and upgrades to a WebSocket, as the
    /// endpoint asks.
    ///
    /// Gives also what the server said already: its first message may share a packet with the end
    /// of a handshake.
    pub(super) fn open(
        endpoint: &Endpoint,
        proxy: Option<&Proxy>,
        tls: &TlsOptions,
        limits: &Limits,
        cancelled: &Cancelled,
    ) -> Result<(Self, Vec<u8>), IceError> {
        let Some(proxy) = proxy else {
            let stream = dial::dial(endpoint.host(), endpoint.port(), limits, cancelled)?;
            let transport = Self::over(Socket::new(stream)?);
            return transport.dress(endpoint, Vec::new(), tls, limits, cancelled);
        };
        let (transport, early) = Self::tunnel(endpoint, proxy, tls, limits, cancelled)
            .map_err(|error| proxy.blame(error))?;
        transport
            .dress(endpoint, early, tls, limits, cancelled)
            .map_err(|error| proxy.comment(error, &endpoint.host_port()))
    }

    /// Connects to the proxy and has it connect to the server. How long that takes depends on both.
    fn tunnel(
        endpoint: &Endpoint,
        proxy: &Proxy,
        tls: &TlsOptions,
        limits: &Limits,
        cancelled: &Cancelled,
    ) -> Result<(Self, Vec<u8>), IceError> {
        let place = proxy.endpoint();
        let stream = dial::dial(place.host(), place.port(), limits, cancelled)?;
        let mut transport = Self::over(Socket::new(stream)?);
        let start = Instant::now();
        let silence = || {
            let seconds = start.elapsed().as_secs();
            proxy.error(format!("gave no answer within {seconds} s"))
        };
        let wait = Wait {
            until: limits.end,
            cancelled,
            silence: &silence,
        };
        let mut early = Vec::new();
        if place.scheme().is_encrypted() {
            let tls = tls.for_proxies();
            let setup = TlsSetup::new(place.certificate_name(), place.host_port(), &tls);
            early = transport.push(Box::new(tls::Tls::new(&setup, place)?), &early, &wait)?;
            setup.settle()?;
        }
        let tunnel = Box::new(tunnel::Tunnel::new(proxy, endpoint));
        early = transport.push(tunnel, &early, &wait)?;
        Ok((transport, early))
    }

    /// Encrypts and upgrades to a WebSocket what is connected to the server. `early` is what came
    /// from there already.
    fn dress(
        mut self,
        endpoint: &Endpoint,
        mut early: Vec<u8>,
        tls: &TlsOptions,
        limits: &Limits,
        cancelled: &Cancelled,
    ) -> Result<(Self, Vec<u8>), IceError> {
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
        let scheme = endpoint.scheme();
        if scheme.is_encrypted() {
            let setup = TlsSetup::new(endpoint.certificate_name(), endpoint.host_port(), tls);
            early = self.push(Box::new(tls::Tls::new(&setup, endpoint)?), &early, &wait)?;
            // Only now has the other side proved that the certificate is its own.
            let bare = || IceError::Tls("the server showed no certificate".to_owned());
            self.trust = Some(setup.settle()?.ok_or_else(bare)?);
        }
        if scheme.is_websocket() {
            early = self.push(Box::new(ws::WebSocket::new(endpoint)), &early, &wait)?;
        }
        Ok((self, early))
    }

    /// Puts a layer on top of what there is, and waits until it is ready. Gives what has come for the
    /// next one.
    fn push(
        &mut self,
        mut top: Box<dyn Layer>,
        early: &[u8],
        wait: &Wait<'_>,
    ) -> Result<Vec<u8>, IceError> {
        let mut plain = Vec::new();
        if !early.is_empty() {
            top.receive(early, &mut plain)?;
        }
        let layers = self
            .layers
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let bottom = std::mem::replace(layers, Box::new(Plain::default()));
        *layers = match std::mem::replace(&mut self.bare, false) {
            true => top,
            false => Box::new(Stacked::new(top, bottom)),
        };
        plain.extend(self.establish(wait)?);
        Ok(plain)
    }

    fn over(socket: Socket) -> Self {
        Self {
            socket,
            layers: Mutex::new(Box::new(Plain::default())),
            bare: true,
            wire: Mutex::default(),
            queue: Mutex::default(),
            trust: None,
        }
    }

    /// How the server's certificate came to be trusted; `None` without encryption.
    pub(super) fn trust(&self) -> Option<&ServerTrust> {
        self.trust.as_ref()
    }

    /// Exchanges bytes until the layers are ready for messages; gives what came with the last.
    fn establish(&self, wait: &Wait<'_>) -> Result<Vec<u8>, IceError> {
        let mut early = Vec::new();
        loop {
            self.pump(&self.wire())?;
            if !self.layers().is_handshaking() {
                return Ok(early);
            }
            let flow = self.read_within(&mut early, wait);
            if flow.is_err() {
                // An alert tells the server's log why; whether it arrives does not matter here.
                let _ = self.pump(&self.wire());
            }
            if flow? == Flow::Ended && self.layers().is_handshaking() {
                let text = "the server hung up before the connection was set up".to_owned();
                return Err(IceError::ConnectionLost(text));
            }
        }
    }

    /// Appends what the server sends next to `plain`, waiting for it without limit.
    ///
    /// `piece` is room for what comes from the socket.
    pub(super) fn read(&self, piece: &mut [u8], plain: &mut Vec<u8>) -> Result<Flow, IceError> {
        let count = self.socket.read(piece)?;
        self.absorb(piece.get(..count).unwrap_or_default(), plain)
    }

    /// As [`Transport::read`], but not longer than allowed.
    pub(super) fn read_within(
        &self,
        plain: &mut Vec<u8>,
        wait: &Wait<'_>,
    ) -> Result<Flow, IceError> {
        let mut piece = vec![0; PIECE];
        let count = self.socket.read_within(&mut piece, wait)?;
        self.absorb(&piece[..count], plain)
    }

    fn absorb(&self, bytes: &[u8], plain: &mut Vec<u8>) -> Result<Flow, IceError> {
        if bytes.is_empty() {
            return Ok(Flow::Ended);
        }
        let flow = self.layers().receive(bytes, plain)?;
        // What a layer answers by itself (pong, key update) must not wait for the next call. If it
        // cannot be sent the server has hung up, but what it said before still counts.
        let _ = self.drain_if_free();
        Ok(flow)
    }

    /// Sends one message, waiting until the operating system has taken it all.
    ///
    /// After an error nothing more can be sent: the server has part of a message.
    pub(super) fn write(&self, message: &[u8]) -> Result<(), IceError> {
        let guard = self.wire();
        self.write_locked(&guard, message)
    }

    /// Sends one message soon, without ever waiting for another thread. For the reader.
    pub(super) fn post(&self, message: &[u8]) -> Result<(), IceError> {
        let mut queue = self.queue();
        if queue.len().saturating_add(message.len()) > QUEUE_MAX {
            let text = "it calls without reading the answers".to_owned();
            return Err(IceError::Protocol(text));
        }
        queue.extend(message);
        drop(queue);
        // As above: reading goes on, and tells when the server has hung up.
        let _ = self.drain_if_free();
        Ok(())
    }

    fn write_locked(&self, guard: &MutexGuard<'_, ()>, message: &[u8]) -> Result<(), IceError> {
        for piece in message.chunks(PIECE) {
            self.layers().send(piece)?;
            self.pump(guard)?;
        }
        Ok(())
    }

    /// Sends whatever waits, unless another thread has the wire: that one does it then.
    pub(super) fn drain_if_free(&self) -> Result<(), IceError> {
        while self.has_waiting() {
            let guard = match self.wire.try_lock() {
                Ok(guard) => guard,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return Ok(()),
            };
            let queued = std::mem::take(&mut *self.queue());
            self.write_locked(&guard, &queued)?;
            self.pump(&guard)?;
        }
        Ok(())
    }

    fn has_waiting(&self) -> bool {
        !self.queue().is_empty() || self.layers().has_outgoing()
    }

    /// Puts what the layers have ready on the wire.
    fn pump(&self, _wire: &MutexGuard<'_, ()>) -> Result<(), IceError> {
        let mut ready = Zeroizing::new(Vec::new());
        self.layers().take_outgoing(&mut ready)?;
        if ready.is_empty() {
            return Ok(());
        }
        let written = self.socket.write_all(&ready);
        if written.is_err() {
            // What would follow half a message makes no sense to the server.
            self.socket.shut_writing();
        }
        written
    }

    /// Sends a last message and then the good-bye of the layers, if the wire gets free in time.
    pub(super) fn finish(&self, message: &[u8], limit: Duration) -> Result<(), IceError> {
        let Some(guard) = self.wire_within(limit) else {
            return Err(IceError::ConnectionLost(
                "another message got stuck".to_owned(),
            ));
        };
        self.socket.limit_writes(limit);
        self.write_locked(&guard, message)?;
        self.layers().close()?;
        self.pump(&guard)
    }

    /// Whether no writer is stuck for longer than `limit`.
    pub(super) fn is_writable_within(&self, limit: Duration) -> bool {
        let is_writable = self.wire_within(limit).is_some();
        // While the wire was held here, the reader may have left something.
        let _ = self.drain_if_free();
        is_writable
    }

    /// Ends the stream at once: readers and writers come back with an error.
    pub(super) fn shut(&self) {
        self.socket.shut();
    }

    /// From now on [`Transport::read`] waits without limit.
    pub(super) fn established(&self) -> Result<(), IceError> {
        self.socket.wait_forever()
    }

    fn wire_within(&self, limit: Duration) -> Option<MutexGuard<'_, ()>> {
        let start = Instant::now();
        loop {
            match self.wire.try_lock() {
                Ok(guard) => return Some(guard),
                Err(TryLockError::Poisoned(poisoned)) => {
                    return Some(poisoned.into_inner());
                }
                Err(TryLockError::WouldBlock) if start.elapsed() >= limit => {
                    return None;
                }
                Err(TryLockError::WouldBlock) => {
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        }
    }

    fn wire(&self) -> MutexGuard<'_, ()> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn layers(&self) -> MutexGuard<'_, Box<dyn Layer>> {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Vec<u8>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long to wait for the server, and what to say if it keeps silent.
pub(super) struct Wait<'a> {
    pub(super) until: Instant,
    pub(super) cancelled: &'a Cancelled,
    pub(super) silence: &'a dyn Fn() -> IceError,
}
