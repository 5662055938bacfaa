//! Progress displays.

use std::fmt;

use omero_plugin_abi::{ProgressBox, ProgressUnit, std_types::ROption};

use super::Context;

/// The unit in which a [`Progress`] counts.
///
/// ```
/// use omero_plugin_api::context::Unit;
/// assert_eq!(Unit::default(), Unit::Items);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Things that are counted: `3/12`.
    #[default]
    Items,
    /// Bytes: `1.5 of 3.0 MB (50 %)`.
    Bytes,
    /// A share of the whole, in per cent: `50 %`.
    Percent,
}

impl Unit {
    fn to_abi(self) -> ProgressUnit {
        match self {
            Self::Items => ProgressUnit::ITEMS,
            Self::Bytes => ProgressUnit::BYTES,
            Self::Percent => ProgressUnit::PERCENT,
        }
    }
}

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
    /// Sets how much of the work is done; `None` as the total means that it is unknown.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("copy"), |ctx, _| {
    /// let progress = ctx.progress("Copying");
    /// progress.set(0, None); // the size is not known yet
    /// progress.set(512, 2048); // a quarter
    /// # Ok(())
    /// # }).run();
    /// # assert_eq!(outcome.code, 0);
    /// ```
    pub fn set(&self, done: u64, total: impl Into<Option<u64>>) {
        self.inner.set(done, ROption::from(total.into()));
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
        self.progress_in(label, Unit::Items)
    }

    /// As [`Context::progress`], counting in a certain unit. Several displays may exist at the same
    /// time, for instance one for each file that is being copied.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// use omero_plugin_api::context::Unit;
    ///
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let all = ctx.progress("Copying");
    ///     for (number, size) in [4_000_000, 2_000_000].into_iter().enumerate() {
    ///         all.set(number as u64, 2);
    ///         let file = ctx.progress_in("a.tif", Unit::Bytes);
    ///         file.set(1_000_000, size);
    ///     }
    ///     Ok(())
    /// }
    /// # let outcome = Harness::new(|| Command::new("copy"), run).run();
    /// # assert_eq!(outcome.progress[1].unit, Unit::Bytes);
    /// # assert_eq!(outcome.progress[1].steps, [(1_000_000, Some(4_000_000))]);
    /// ```
    pub fn progress_in(&self, label: &str, unit: Unit) -> Progress {
        Progress {
            inner: self.host.progress(label.into(), unit.to_abi()),
        }
    }
}
