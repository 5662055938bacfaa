//! Counting the memory that decoding takes.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Limits, SliceError};

/// How much the replies that this process holds may take in all.
const PROCESS: usize = 1 << 30;
/// Memory is taken from the process in steps, so that not every value touches a shared counter.
const STEP: usize = 1 << 20;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

/// The memory that decoding one reply may still take.
pub(super) struct Budget {
    left: usize,
    limit: usize,
    /// What was taken from the process and is not used yet.
    spare: usize,
    lease: Lease,
}

impl Budget {
    pub(super) const fn new(limits: &Limits) -> Self {
        Self {
            left: limits.max_bytes,
            limit: limits.max_bytes,
            spare: 0,
            lease: Lease(0),
        }
    }

    /// Counts memory before it is taken.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), SliceError> {
        let Some(left) = self.left.checked_sub(bytes) else {
            return Err(SliceError::ReplyTooLarge { limit: self.limit });
        };
        if bytes > self.spare {
            self.take(bytes - self.spare)?;
        }
        self.left = left;
        self.spare -= bytes;
        Ok(())
    }

    #[cold]
    fn take(&mut self, bytes: usize) -> Result<(), SliceError> {
        let bytes = bytes.div_ceil(STEP).saturating_mul(STEP);
        self.lease.grow(bytes)?;
        self.spare += bytes;
        Ok(())
    }

    /// How much was counted.
    pub(super) const fn charged(&self) -> usize {
        self.limit - self.left
    }

    /// The counted memory, to be kept as long as the decoded values.
    pub(super) fn into_lease(mut self) -> Lease {
        self.lease.shrink(self.spare);
        self.lease
    }
}

/// Memory that is counted until this is dropped.
#[derive(Debug, Default)]
pub(super) struct Lease(usize);

impl Lease {
    fn grow(&mut self, bytes: usize) -> Result<(), SliceError> {
        let grown = |in_use: usize| {
            let sum = in_use.checked_add(bytes)?;
            (sum <= PROCESS).then_some(sum)
        };
        let taken = IN_USE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown);
        let refused = SliceError::RepliesTooLarge { limit: PROCESS };
        taken.map_err(|_| refused)?;
        self.0 += bytes;
        Ok(())
    }

    /// Adds what another one counts.
    pub(super) fn add(&mut self, mut other: Self) {
        self.0 += std::mem::take(&mut other.0);
    }

    fn shrink(&mut self, bytes: usize) {
        let bytes = bytes.min(self.0);
        self.0 -= bytes;
        IN_USE.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shrink(self.0);
    }
}

/// A copy of decoded values takes as much again. That a copy cannot fail is why it is not refused.
impl Clone for Lease {
    fn clone(&self) -> Self {
        IN_USE.fetch_add(self.0, Ordering::Relaxed);
        Self(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, because the counter belongs to the process and tests run at the same time.
    #[test]
    fn memory_of_the_process_is_limited_and_given_back() {
        let limits = Limits {
            max_bytes: usize::MAX,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits);
        budget.charge(PROCESS / 2).unwrap();
        let refused = Budget::new(&limits).charge(PROCESS / 2 + STEP);
        assert_eq!(refused, Err(SliceError::RepliesTooLarge { limit: PROCESS }));
        let lease = budget.into_lease();
        assert_eq!(lease.0, PROCESS / 2);
        drop(lease);
        // Other tests use some of it.
        Budget::new(&limits).charge(PROCESS / 2 + STEP).unwrap();
    }

    #[test]
    fn a_reply_is_limited() {
        let limits = Limits {
            max_bytes: 100,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits);
        budget.charge(60).unwrap();
        let refused = budget.charge(41);
        assert_eq!(refused, Err(SliceError::ReplyTooLarge { limit: 100 }));
        budget.charge(40).unwrap();
    }
}
