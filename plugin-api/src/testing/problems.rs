//! What went wrong with the test itself, gathered where it happens and shown when it is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A list of sentences that several rooms of the kit add to.
#[derive(Debug, Clone, Default)]
pub(super) struct Problems(Arc<Mutex<Vec<String>>>);

impl Problems {
    pub(super) fn add(&self, problem: String) {
        locked(&self.0).push(problem);
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *locked(&self.0))
    }
}

/// What a mutex holds, also after a panic elsewhere: the panic itself is reported already.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
