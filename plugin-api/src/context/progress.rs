//! Progress displays.

use std::fmt;

use omero_plugin_abi::ProgressBox;

/// A progress display.
pub struct Progress {
    pub(super) inner: ProgressBox,
}

impl Progress {
    /// How far the work is; a `total` of 0 means unknown.
    pub fn set(&self, done: u64, total: u64) {
        self.inner.set(done, total);
    }

    /// Replaces the label.
    pub fn label(&self, text: &str) {
        self.inner.label(text.into());
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}
