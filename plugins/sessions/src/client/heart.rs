//! Keeping a connection and its session alive while a command works on something else.

use std::{
    sync::{
        Weak,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use super::OmeroSession;

/// The time between two heartbeats of the Ice protocol. Routers drop a silent connection after
/// their session timeout, which is 60 s or more.
const BEAT: Duration = Duration::from_secs(20);
/// The longest time between two calls that count as use of the session, as OMERO.py has it.
const LONGEST_USE: Duration = Duration::from_secs(300);

/// Stops the beating when it is dropped.
#[derive(Debug)]
pub(super) struct Heart {
    _stop: Sender<()>,
}

impl Heart {
    /// Starts a thread that beats for the session as long as it exists. `time_to_idle` is the
    /// session's idle time in milliseconds, 0 for none. Without a thread the session works as
    /// well, only not for long silent work.
    pub(super) fn start(session: Weak<OmeroSession>, time_to_idle: i64) -> Self {
        let (stop, stopped) = channel();
        let idle = Duration::from_millis(u64::try_from(time_to_idle).unwrap_or_default());
        let every = if idle.is_zero() {
            LONGEST_USE
        } else {
            LONGEST_USE.min(idle / 3)
        };
        let beat = move || beat(&session, &stopped, every);
        // Refused threads are reported by whatever needs them; this one is a convenience.
        let _ = thread::Builder::new()
            .name("keep-alive".to_owned())
            .spawn(beat);
        Self { _stop: stop }
    }
}

fn beat(session: &Weak<OmeroSession>, stopped: &Receiver<()>, every: Duration) {
    let mut used = Instant::now();
    while stopped.recv_timeout(BEAT.min(every)) == Err(RecvTimeoutError::Timeout) {
        let Some(session) = session.upgrade() else {
            return;
        };
        let alive = if used.elapsed() >= every {
            used = Instant::now();
            session.keep_alive().is_ok()
        } else {
            session.heartbeat().is_ok()
        };
        if !alive {
            return;
        }
    }
}
