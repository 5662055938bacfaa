//! Time as the server sees it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A clock that runs like the real one, but from where a test wants and with jumps.
#[derive(Debug)]
pub struct Clock {
    started: Instant,
    base: i64,
    offset: AtomicI64,
}

impl Clock {
    /// Starts at a time in milliseconds since the epoch, or now.
    pub fn new(base: Option<i64>) -> Self {
        let now = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| d.as_millis())
        };
        let base = base.unwrap_or_else(|| i64::try_from(now()).unwrap_or(i64::MAX));
        Self {
            started: Instant::now(),
            base,
            offset: AtomicI64::new(0),
        }
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        let elapsed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.base
            .saturating_add(elapsed)
            .saturating_add(self.offset.load(Ordering::SeqCst))
    }

    /// Jumps ahead by so many milliseconds.
    pub fn advance(&self, milliseconds: i64) {
        self.offset.fetch_add(milliseconds, Ordering::SeqCst);
    }
}
