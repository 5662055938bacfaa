//! Ctrl-C, pressed when a test says so.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use omero_plugin_abi::WakerBox;

use super::problems::locked;

/// Whether Ctrl-C was pressed, and what to wake when it is. Clones share the state.
#[derive(Clone, Default)]
pub(super) struct Interrupt(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    struck: bool,
    /// How many calls of the session are answered before Ctrl-C is pressed.
    calls_left: Option<usize>,
    wakers: BTreeMap<u64, WakerBox>,
    registered: u64,
}

impl Interrupt {
    /// Presses Ctrl-C.
    pub(super) fn strike(&self) {
        let wakers = {
            let mut state = locked(&self.0);
            state.struck = true;
            std::mem::take(&mut state.wakers)
        };
        wakers.values().for_each(|waker| waker.wake());
    }

    /// Presses Ctrl-C after this many calls of the session.
    pub(super) fn strike_after(&self, calls: usize) {
        if calls == 0 {
            self.strike();
        } else {
            locked(&self.0).calls_left = Some(calls);
        }
    }

    /// Notes that a call of the session was answered.
    pub(super) fn answered(&self) {
        let left = {
            let mut state = locked(&self.0);
            state.calls_left = state.calls_left.map(|left| left.saturating_sub(1));
            state.calls_left
        };
        if left == Some(0) && !self.struck() {
            self.strike();
        }
    }

    pub(super) fn struck(&self) -> bool {
        locked(&self.0).struck
    }

    pub(super) fn on_cancel(&self, waker: WakerBox) -> u64 {
        let mut state = locked(&self.0);
        if state.struck {
            drop(state);
            waker.wake();
            return 0;
        }
        state.registered += 1;
        let number = state.registered;
        state.wakers.insert(number, waker);
        number
    }

    pub(super) fn forget_waker(&self, number: u64) {
        locked(&self.0).wakers.remove(&number);
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Interrupt").field(&self.struck()).finish()
    }
}
