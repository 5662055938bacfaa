//! Waiting for what another thread or process is about to do.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Only there to end a hang.
const LIMIT: Duration = Duration::from_secs(600);

/// Waits for a condition; returns whether it came true before the wait counts as a hang.
pub fn comes_true(mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !condition() {
        if start.elapsed() > LIMIT {
            return false;
        }
        thread::sleep(Duration::from_millis(2));
    }
    true
}

/// Waits for a condition; fails with these words if it does not come true.
#[track_caller]
pub fn eventually(what: &str, condition: impl FnMut() -> bool) {
    assert!(comes_true(condition), "{what}");
}
