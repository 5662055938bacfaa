//! Progress displays.

use std::fmt;

use omero_plugin_abi::ProgressBox;

use super::Context;

/// A progress display, which [`Context::progress`] makes. It leaves the screen when it is dropped.
///
/// ```
/// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
/// use omero_plugin_api::context::Progress;
///
/// fn fetch(planes: u64, progress: &Progress) {
///     for done in 0..planes {
///         progress.set(done, planes);
///         // … fetch one …
///     }
/// }
///
/// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
///     fetch(3, &ctx.progress("Fetching Image:51"));
///     ctx.line("done")
/// }
/// # assert_eq!(Harness::new(|| Command::new("fetch"), run).run().stdout, "done\n");
/// ```
pub struct Progress {
    inner: ProgressBox,
}

impl Progress {
    /// How far the work is; a `total` of 0 means unknown.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("copy"), |ctx, _| {
    /// let progress = ctx.progress("Copying");
    /// progress.set(0, 0); // the size is not known yet
    /// progress.set(512, 2048); // a quarter
    /// # Ok(())
    /// # }).run();
    /// # assert_eq!(outcome.code, 0);
    /// ```
    pub fn set(&self, done: u64, total: u64) {
        self.inner.set(done, total);
    }

    /// Replaces the label.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("copy"), |ctx, _| {
    /// let progress = ctx.progress("Copying");
    /// for file in ["a.tif", "b.tif"] {
    ///     progress.label(&format!("Copying {file}"));
    ///     // … copy it …
    /// }
    /// # Ok(())
    /// # }).run();
    /// # assert_eq!(outcome.code, 0);
    /// ```
    pub fn label(&self, text: &str) {
        self.inner.label(text.into());
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}

impl Context {
    /// Starts a progress display, which ends when it is dropped. Nothing is shown where that would
    /// disturb: not a terminal, `-q`, or work that takes less than a second.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let progress = ctx.progress("Copying");
    ///     for done in 0..3 {
    ///         if ctx.cancelled() {
    ///             return Err(Error::cancelled());
    ///         }
    ///         progress.set(done, 3);
    ///         // … copy one …
    ///     }
    ///     Ok(())
    /// }
    /// # assert_eq!(Harness::new(|| Command::new("copy"), run).cancelled().run().code, 1);
    /// ```
    pub fn progress(&self, label: &str) -> Progress {
        Progress {
            inner: self.host.progress(label.into()),
        }
    }
}
