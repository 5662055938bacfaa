//! Being told when the user asks to stop.

use omero_plugin_abi::Waker;

use super::Context;

/// Takes a waker back when it is dropped.
#[derive(Debug)]
pub struct CancelGuard {
    pub(super) number: u64,
    pub(super) context: Context,
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        self.context.host.forget_waker(self.number);
    }
}

/// A function as a waker.
pub(super) struct WakeFn<F>(pub(super) F);

impl<F: Fn() + Send + Sync> Waker for WakeFn<F> {
    fn wake(&self) {
        // A panic must not cross the border; there is nobody to report it to on this thread.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(&self.0));
    }
}
