//! Ctrl-C: the host alone handles it and tells those who wait.
//!
//! The first one asks running commands to stop: `cancelled()` becomes true and every registered
//! waker is called. The second one ends the process with 130. At a prompt Ctrl-C only ends the
//! prompt.

#[cfg(unix)]
mod children;
#[cfg(unix)]
mod signals;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use omero_plugin_abi::WakerBox;

use crate::life::Life;

/// Puts the terminal back as it was before a hidden prompt.
pub type Restore = Box<dyn Fn() + Send>;

/// Whether the user asked to stop, and who wants to know.
#[derive(Default)]
pub struct Interrupt {
    struck: AtomicBool,
    state: Mutex<State>,
    prompt_ended: Condvar,
    #[cfg(unix)]
    signals: std::sync::OnceLock<signals::Installed>,
    #[cfg(unix)]
    children: children::Children,
}

#[derive(Default)]
struct State {
    wakers: BTreeMap<u64, WakerBox>,
    next: u64,
    prompt: Option<Prompt>,
    /// Signals that a hidden prompt raised itself and that are still on their way.
    expected: u32,
    /// Puts the terminal back as it was before the shell.
    restore: Option<Restore>,
}

struct Prompt {
    /// The command that shows it.
    owner: Life,
    /// For a hidden prompt.
    restore: Option<Restore>,
    /// Whether a signal arrived while it was shown.
    struck: bool,
}

/// What to do about a Ctrl-C.
#[derive(Debug, PartialEq, Eq)]
enum Reaction {
    /// It was answered already.
    Nothing,
    /// The visible prompt ends.
    EndPrompt,
    /// The hidden prompt ends by itself, or has to be ended.
    AwaitHiddenPrompt,
    /// Commands were told.
    Told,
    /// They were told before: end the process.
    End,
}

impl Interrupt {
    /// Whether Ctrl-C was pressed outside a prompt.
    pub fn struck(&self) -> bool {
        self.struck.load(Ordering::SeqCst)
    }

    /// The command that was asked to stop has ended; the next one of the shell was not asked.
    pub fn rearm(&self) {
        self.struck.store(false, Ordering::SeqCst);
    }

    /// Registers a waker; calls it at once if the user asked to stop already.
    pub fn on_cancel(&self, waker: WakerBox) -> u64 {
        let mut state = self.lock();
        state.next += 1;
        let number = state.next;
        if self.struck() {
            drop(state);
            wake(&waker);
        } else {
            state.wakers.insert(number, waker);
        }
        number
    }

    /// Takes a waker back.
    pub fn forget_waker(&self, number: u64) {
        let waker = self.lock().wakers.remove(&number);
        // Dropped here, without the lock: its owner's code runs.
        drop(waker);
    }

    /// Says that a prompt will be shown until [`Interrupt::prompt_ends`]. A hidden one gives the way
    /// to restore the terminal. To be called before the prompt is seen: people are quick.
    pub fn prompt_begins(&self, owner: &Life, restore: Option<Restore>) {
        #[cfg(unix)]
        self.silence_bell();
        self.lock().prompt = Some(Prompt {
            owner: owner.clone(),
            restore,
            struck: false,
        });
    }

    /// Says that the prompt is over; `raised` if it raised the signal itself on Ctrl-C.
    pub fn prompt_ends(&self, raised: bool) {
        let mut state = self.lock();
        let prompt = state.prompt.take();
        // Signals are handled on another thread. If ours has not arrived there yet, it would be
        // taken for a second wish to stop.
        if raised && !prompt.is_some_and(|p| p.struck) {
            state.expected += 1;
        }
        drop(state);
        self.prompt_ended.notify_all();
    }

    /// Handles one Ctrl-C.
    fn strike(&self) -> Reaction {
        let mut state = self.lock();
        if state.expected > 0 {
            state.expected -= 1;
            return Reaction::Nothing;
        }
        if let Some(prompt) = &mut state.prompt {
            prompt.struck = true;
            return match prompt.restore {
                Some(_) => Reaction::AwaitHiddenPrompt,
                None => Reaction::EndPrompt,
            };
        }
        self.tell(state)
    }

    /// Asks running commands to stop, unless they were asked before.
    fn tell(&self, mut state: MutexGuard<'_, State>) -> Reaction {
        if self.struck.swap(true, Ordering::SeqCst) {
            return Reaction::End;
        }
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.values().for_each(wake);
        Reaction::Told
    }

    /// Restores the terminal if a hidden prompt is shown, or the shell is running.
    fn restore_terminal(&self) {
        let state = self.lock();
        let prompt = state.prompt.as_ref().and_then(|p| p.restore.as_ref());
        for restore in [prompt, state.restore.as_ref()].into_iter().flatten() {
            restore();
        }
    }

    /// Says how to restore the terminal when a signal ends the process.
    pub fn restore_with(&self, restore: Restore) {
        self.lock().restore = Some(restore);
    }

    /// Restores the terminal if a command, or one that runs it, has ended and left a thread at a
    /// hidden prompt.
    pub fn abandon_prompt(&self) {
        let mut state = self.lock();
        if let Some(prompt) = state.prompt.take_if(|prompt| prompt.owner.has_ended())
            && let Some(restore) = prompt.restore
        {
            restore();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls a waker; a panic in it concerns its owner only.
pub fn wake(waker: &WakerBox) {
    let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use omero_plugin_abi::{TD_Opaque, Waker};
    use std::sync::{Arc, atomic::AtomicU32};

    struct Counter(Arc<AtomicU32>);

    impl Waker for Counter {
        fn wake(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn counter() -> (Arc<AtomicU32>, impl Fn() -> WakerBox) {
        let count = Arc::new(AtomicU32::new(0));
        let of = Arc::clone(&count);
        (count, move || {
            WakerBox::from_value(Counter(Arc::clone(&of)), TD_Opaque)
        })
    }

    #[test]
    fn the_first_strike_tells_and_the_second_ends() {
        let interrupt = Interrupt::default();
        let (count, waker) = counter();
        interrupt.on_cancel(waker());
        let forgotten = interrupt.on_cancel(waker());
        interrupt.forget_waker(forgotten);
        assert!(!interrupt.struck());
        assert_eq!(interrupt.strike(), Reaction::Told);
        assert!(interrupt.struck());
        assert_eq!(count.load(Ordering::SeqCst), 1);
        interrupt.on_cancel(waker());
        assert_eq!(
            count.load(Ordering::SeqCst),
            2,
            "late wakers are called at once"
        );
        assert_eq!(interrupt.strike(), Reaction::End);
        assert_eq!(count.load(Ordering::SeqCst), 2, "wakers are called once");
    }

    #[test]
    fn a_prompt_takes_the_strike_for_itself() {
        let interrupt = Interrupt::default();
        interrupt.prompt_begins(&Life::default(), None);
        assert_eq!(interrupt.strike(), Reaction::EndPrompt);
        interrupt.prompt_ends(false);
        assert!(!interrupt.struck());
        assert_eq!(interrupt.strike(), Reaction::Told);
    }

    #[test]
    fn a_signal_that_a_hidden_prompt_raised_counts_once() {
        for arrives_late in [false, true] {
            let interrupt = Interrupt::default();
            interrupt.prompt_begins(&Life::default(), Some(Box::new(|| ())));
            if !arrives_late {
                assert_eq!(interrupt.strike(), Reaction::AwaitHiddenPrompt);
            }
            interrupt.prompt_ends(true);
            if arrives_late {
                assert_eq!(interrupt.strike(), Reaction::Nothing);
            }
            assert!(!interrupt.struck());
            assert_eq!(interrupt.strike(), Reaction::Told);
        }
    }
}
