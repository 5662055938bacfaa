//! A TCP socket whose two directions are used by different threads.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::super::IceError;
use super::Wait;

/// How long the server may refuse to take any byte before the connection counts as lost.
const STALL: Duration = Duration::from_secs(30);

/// How often a wait looks whether the user wants to stop.
const GLANCE: Duration = Duration::from_millis(50);

pub(super) struct Socket {
    stream: TcpStream,
}

impl Socket {
    pub(super) fn new(stream: TcpStream) -> Result<Self, IceError> {
        let local = |error: std::io::Error| IceError::Local(error.to_string());
        // Requests are small and wait for their replies: gathering them only costs time.
        stream.set_nodelay(true).map_err(local)?;
        stream.set_write_timeout(Some(STALL)).map_err(local)?;
        Ok(Self { stream })
    }

    /// Reads once; 0 bytes mean that the server will send nothing more.
    pub(super) fn read(&self, buffer: &mut [u8]) -> Result<usize, IceError> {
        loop {
            match (&self.stream).read(buffer) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(lost(&error)),
            }
        }
    }

    /// As [`Socket::read`], within a time limit.
    pub(super) fn read_within(
        &self,
        buffer: &mut [u8],
        wait: &Wait<'_>,
    ) -> Result<usize, IceError> {
        loop {
            if wait.cancelled.is_set() {
                return Err(IceError::Interrupted);
            }
            let left = wait.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err((wait.silence)());
            }
            let step = left.min(GLANCE).max(Duration::from_millis(1));
            self.stream
                .set_read_timeout(Some(step))
                .map_err(|e| IceError::Local(e.to_string()))?;
            match (&self.stream).read(buffer) {
                Ok(count) => return Ok(count),
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(lost(&error)),
            }
        }
    }

    pub(super) fn wait_forever(&self) -> Result<(), IceError> {
        self.stream
            .set_read_timeout(None)
            .map_err(|e| IceError::Local(e.to_string()))
    }

    pub(super) fn write_all(&self, bytes: &[u8]) -> Result<(), IceError> {
        (&self.stream)
            .write_all(bytes)
            .map_err(|error| lost(&error))
    }

    /// Lets the next writes take no longer than `limit`.
    pub(super) fn limit_writes(&self, limit: Duration) {
        // Best effort: without it a good-bye waits as long as any other message.
        let _ = self
            .stream
            .set_write_timeout(Some(limit.max(Duration::from_millis(1))));
    }

    pub(super) fn shut_writing(&self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    pub(super) fn shut(&self) {
        // Fails only if the connection is gone already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

fn is_pause(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

fn lost(error: &std::io::Error) -> IceError {
    IceError::ConnectionLost(match error.kind() {
        ErrorKind::WouldBlock => "it takes no more data".to_owned(),
        _ => error.to_string(),
    })
}
