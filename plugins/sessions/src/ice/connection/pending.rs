//! A call that has been sent.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::super::{IceError, RawReply};
use super::Shared;
use super::outstanding::Outcome;

/// How often a wait looks whether it should stop.
const STOP_STEP: Duration = Duration::from_millis(50);

/// A call on its way. Dropping it gives up: the server may still run the call.
#[must_use = "the reply is lost unless it is waited for"]
pub struct Pending {
    id: i32,
    receiver: Receiver<Outcome>,
    shared: Arc<Shared>,
}

impl Pending {
    pub(super) fn new(id: i32, receiver: Receiver<Outcome>, shared: Arc<Shared>) -> Self {
        Self {
            id,
            receiver,
            shared,
        }
    }

    /// Waits for the reply.
    ///
    /// # Errors
    ///
    /// [`IceError::Timeout`] after `timeout` (other calls go on, and a late reply is dropped),
    /// [`IceError::Interrupted`] after [`Connection::interrupt`](super::Connection::interrupt),
    /// [`IceError::Protocol`] for a malformed reply, otherwise why the connection ended.
    pub fn wait(self, timeout: Duration) -> Result<RawReply, IceError> {
        match self.receiver.recv_timeout(timeout) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => Err(IceError::Timeout { limit: timeout }),
            Err(RecvTimeoutError::Disconnected) => Err(IceError::Closed),
        }
    }
}

impl Pending {
    /// As [`Self::wait`], but for at most `grace` from the moment that `stop` says so.
    ///
    /// # Errors
    ///
    /// As [`Self::wait`].
    pub fn wait_unless(
        self,
        timeout: Duration,
        stop: impl Fn() -> bool,
        grace: Duration,
    ) -> Result<RawReply, IceError> {
        let start = Instant::now();
        let mut limit = timeout;
        let mut stopped = false;
        loop {
            if !stopped && stop() {
                stopped = true;
                limit = limit.min(start.elapsed() + grace);
            }
            let left = limit.saturating_sub(start.elapsed());
            match self.receiver.recv_timeout(left.min(STOP_STEP)) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Disconnected) => return Err(IceError::Closed),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    return Err(IceError::Timeout { limit });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.shared.outstanding.forget(self.id);
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
