//! Being told when the user asks to stop.

use omero_plugin_abi::{Waker, WakerBox};

use super::Context;

/// Takes a waker back when it is dropped.
///
/// ```
/// # use omero_plugin_api::{clap::Command, testing::Harness};
/// # use std::sync::{Arc, atomic::{AtomicBool, Ordering}};
/// # let _ = Harness::new(|| Command::new("copy"), |ctx, _| {
/// let stop = Arc::new(AtomicBool::new(false));
/// let guard = ctx.on_cancel({
///     let stop = Arc::clone(&stop);
///     move || stop.store(true, Ordering::Relaxed)
/// });
/// // … work that looks at `stop` …
/// drop(guard); // from here on Ctrl-C does not concern it
/// assert!(!stop.load(Ordering::Relaxed));
/// # Ok(())
/// # }).run();
/// ```
#[derive(Debug)]
#[must_use = "the waker is taken back as soon as this is dropped"]
pub struct CancelGuard {
    number: u64,
    context: Context,
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        self.context.host.forget_waker(self.number);
    }
}

/// A function as a waker.
struct WakeFn<F>(F);

impl<F: Fn() + Send + Sync> Waker for WakeFn<F> {
    fn wake(&self) {
        // A panic must not cross the border; there is nobody to report it to on this thread.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(&self.0));
    }
}

impl Context {
    /// Whether the user asked to stop.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     for image in [51, 52, 53] {
    ///         if ctx.cancelled() {
    ///             ctx.note(format_args!("stopped before Image:{image}"));
    ///             return Err(Error::cancelled());
    ///         }
    ///         // … work on the image …
    ///     }
    ///     Ok(())
    /// }
    /// let outcome = Harness::new(|| Command::new("copy"), run).cancelled().run();
    /// assert_eq!(outcome.stderr, "omero: note: stopped before Image:51\nCancelled\n");
    /// ```
    pub fn cancelled(&self) -> bool {
        self.host.cancelled()
    }

    /// Calls `wake` from another thread when the user presses Ctrl-C, until the guard is dropped.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// use std::{sync::mpsc, time::Duration};
    ///
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let (sender, receiver) = mpsc::channel();
    ///     let _guard = ctx.on_cancel(move || {
    ///         let _ = sender.send(());
    ///     });
    ///     // A sleep that Ctrl-C ends.
    ///     match receiver.recv_timeout(Duration::from_millis(10)) {
    ///         Ok(()) => Err(Error::cancelled()),
    ///         Err(_) => ctx.line("slept well"),
    ///     }
    /// }
    /// # let harness = Harness::new(|| Command::new("sleep"), run);
    /// # assert_eq!(harness.clone().run().stdout, "slept well\n");
    /// # assert_eq!(harness.cancelled().run().stderr, "Cancelled\n");
    /// ```
    pub fn on_cancel(&self, wake: impl Fn() + Send + Sync + 'static) -> CancelGuard {
        let waker = WakerBox::from_value(WakeFn(wake), omero_plugin_abi::TD_Opaque);
        CancelGuard {
            number: self.host.on_cancel(waker),
            context: self.clone(),
        }
    }
}
