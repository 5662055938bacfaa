//! The calls that wait for their replies.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::{IceError, RawReply};

/// What a waiting call gets.
pub(super) type Outcome = Result<RawReply, IceError>;

#[derive(Default)]
pub(super) struct Outstanding {
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Default)]
struct State {
    last_id: i32,
    calls: HashMap<i32, SyncSender<Outcome>>,
    ended: Option<IceError>,
    /// The reader has seen the last byte.
    over: bool,
}

impl Outstanding {
    /// Makes room for a reply. Ids count from 1 and are not used twice at a time.
    pub(super) fn register(&self) -> Result<(i32, Receiver<Outcome>), IceError> {
        let mut state = self.state();
        if let Some(error) = &state.ended {
            return Err(error.clone());
        }
        loop {
            state.last_id = state.last_id.checked_add(1).unwrap_or(1);
            if !state.calls.contains_key(&state.last_id) {
                break;
            }
        }
        // Room for the one outcome: whoever delivers it never waits.
        let (sender, receiver) = sync_channel(1);
        let id = state.last_id;
        state.calls.insert(id, sender);
        Ok((id, receiver))
    }

    /// Nobody waits for this reply any more.
    pub(super) fn forget(&self, id: i32) {
        self.state().calls.remove(&id);
    }

    /// Hands a reply to who waits for it. Replies that nobody waits for are dropped: their callers
    /// gave up.
    pub(super) fn deliver(&self, id: i32, outcome: Outcome) {
        let sender = self.state().calls.remove(&id);
        if let Some(sender) = sender {
            // Fails only if the caller gave up just now.
            let _ = sender.send(outcome);
        }
    }

    /// Fails everything with the first reason that was ever given, and returns that.
    pub(super) fn end(&self, error: IceError) -> IceError {
        let mut state = self.state();
        let first = state.ended.get_or_insert(error).clone();
        for (_, sender) in state.calls.drain() {
            let _ = sender.send(Err(first.clone()));
        }
        first
    }

    /// Fails what waits now; later calls are not affected.
    pub(super) fn interrupt(&self) {
        for (_, sender) in self.state().calls.drain() {
            let _ = sender.send(Err(IceError::Interrupted));
        }
    }

    /// The reason of the end, if there was one.
    pub(super) fn check(&self) -> Result<(), IceError> {
        self.state().ended.clone().map_or(Ok(()), Err)
    }

    /// Nothing more will be read.
    pub(super) fn set_over(&self) {
        self.state().over = true;
        self.over.notify_all();
    }

    pub(super) fn is_over(&self) -> bool {
        self.state().over
    }

    /// Waits until nothing more will be read, at most for `limit`.
    pub(super) fn wait_over(&self, limit: Duration) {
        let waited = self
            .over
            .wait_timeout_while(self.state(), limit, |state| !state.over);
        drop(waited);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
