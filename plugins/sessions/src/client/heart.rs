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

/// When the router is asked how long it bears silence. Most commands are over by then.
const FIRST_BEAT: Duration = Duration::from_secs(5);
/// The longest time between two heartbeats of the Ice protocol.
const LONGEST_BEAT: Duration = Duration::from_secs(20);
/// The shortest one, so that an odd answer of the router does not keep the line busy.
const SHORTEST_BEAT: Duration = Duration::from_secs(1);
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
    let mut pause = None;
    while stopped.recv_timeout(pause.unwrap_or(FIRST_BEAT).min(every))
        == Err(RecvTimeoutError::Timeout)
    {
        let Some(session) = session.upgrade() else {
            return;
        };
        pause.get_or_insert_with(|| match session.longest_silence() {
            // A third leaves room for a beat that is lost; no answer or no limit is as good as any.
            Ok(silence) if !silence.is_zero() => (silence / 3).clamp(SHORTEST_BEAT, LONGEST_BEAT),
            _ => LONGEST_BEAT,
        });
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
