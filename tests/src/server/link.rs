//! One client's socket with the layers on top of it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::layer::{Layers, climb, descend, farewell};

/// Longest wait for a client that does not read.
const WRITE_TIMEOUT: Duration = Duration::from_secs(600);

/// A connection as bytes: any thread may send, one receives.
pub struct Link {
    socket: TcpStream,
    layers: Mutex<Layers>,
    tiny_segments: AtomicBool,
}

impl Link {
    pub fn new(socket: TcpStream, layers: Layers) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(WRITE_TIMEOUT))?;
        Ok(Self {
            socket,
            layers: Mutex::new(layers),
            tiny_segments: AtomicBool::new(false),
        })
    }

    /// From now on every byte travels in a TCP segment of its own.
    pub fn use_tiny_segments(&self) {
        self.tiny_segments.store(true, Ordering::SeqCst);
    }

    /// Whether all handshakes are over.
    pub fn ready(&self) -> bool {
        self.lock().iter().all(|layer| layer.ready())
    }

    /// Waits for bytes and appends what they contain; false at the end of the stream.
    pub fn receive(&self, into: &mut Vec<u8>) -> io::Result<bool> {
        let mut wire = vec![0; 64 * 1024];
        let count = (&self.socket).read(&mut wire)?;
        if count == 0 {
            return Ok(false);
        }
        let mut layers = self.lock();
        let received = climb(&mut layers, &wire[..count]);
        // Handshakes, pongs and alerts, also those that explain a failure.
        if let Ok(answers) = descend(&mut layers, &[]) {
            self.write(&answers)?;
        }
        drop(layers);
        let Some(bytes) = received? else {
            return Ok(false);
        };
        into.extend(bytes);
        Ok(true)
    }

    /// Sends bytes, which need not be a whole message.
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let mut layers = self.lock();
        let wire = descend(&mut layers, bytes)?;
        self.write(&wire)
    }

    /// Ends the stream in good order and waits a moment for the client to do the same.
    pub fn finish(&self) {
        let goodbye = farewell(&mut self.lock());
        if let Ok(bytes) = goodbye {
            let _ = self.write(&bytes);
        }
        let _ = self.socket.shutdown(Shutdown::Write);
        let _ = self.socket.set_read_timeout(Some(Duration::from_secs(1)));
        let mut rest = [0; 1024];
        while matches!((&self.socket).read(&mut rest), Ok(count) if count > 0) {}
        self.cut();
    }

    /// Ends the stream at once.
    pub fn cut(&self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    fn write(&self, wire: &[u8]) -> io::Result<()> {
        if !self.tiny_segments.load(Ordering::SeqCst) {
            return (&self.socket).write_all(wire);
        }
        for byte in wire {
            (&self.socket).write_all(std::slice::from_ref(byte))?;
            thread::sleep(Duration::from_micros(100));
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Layers> {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
