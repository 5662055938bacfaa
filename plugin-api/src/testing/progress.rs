//! Progress displays that a test can look at.

use std::sync::{Arc, Mutex};

use omero_plugin_abi::{
    Progress, ProgressUnit,
    std_types::{ROption, RStr},
};

use super::problems::locked;
use crate::context::Unit;

/// What a command showed in one progress display.
///
/// ```
/// # use omero_plugin_api::{clap::Command, testing::Harness};
/// use omero_plugin_api::context::Unit;
///
/// let outcome = Harness::new(|| Command::new("copy"), |ctx, _| {
///     let progress = ctx.progress_in("a.tif", Unit::Bytes);
///     progress.set(512, None);
///     progress.label("b.tif");
///     progress.set(1024, 4096);
///     Ok(())
/// }).run();
/// let shown = &outcome.progress[0];
/// assert_eq!(shown.labels, ["a.tif", "b.tif"]);
/// assert_eq!(shown.steps, [(512, None), (1024, Some(4096))]);
/// assert!(shown.ended);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedProgress {
    /// The labels, the first one included.
    pub labels: Vec<String>,
    /// The unit.
    pub unit: Unit,
    /// How much was done, of how much, at each step.
    pub steps: Vec<(u64, Option<u64>)>,
    /// Whether the display was dropped.
    pub ended: bool,
}

/// A progress display that notes what it is told.
pub(super) struct Recorder(Arc<Mutex<RecordedProgress>>);

impl Recorder {
    pub(super) fn new(label: &str, unit: ProgressUnit) -> Self {
        let unit = match unit {
            ProgressUnit::BYTES => Unit::Bytes,
            ProgressUnit::PERCENT => Unit::Percent,
            _ => Unit::Items,
        };
        Self(Arc::new(Mutex::new(RecordedProgress {
            labels: vec![label.to_owned()],
            unit,
            ..RecordedProgress::default()
        })))
    }

    pub(super) fn shared(&self) -> Arc<Mutex<RecordedProgress>> {
        Arc::clone(&self.0)
    }
}

impl Progress for Recorder {
    fn set(&self, done: u64, total: ROption<u64>) {
        locked(&self.0).steps.push((done, total.into_option()));
    }

    fn label(&self, text: RStr<'_>) {
        locked(&self.0).labels.push(text.as_str().to_owned());
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        locked(&self.0).ended = true;
    }
}
