//! Whether the user wants to stop.

use std::fmt;
use std::sync::Arc;

/// Asked again and again while a connection is being opened; true ends the attempt.
#[derive(Clone)]
pub struct Cancelled(Arc<dyn Fn() -> bool + Send + Sync>);

impl Cancelled {
    /// Asks this function. It is called several times a second and must not block.
    pub fn new(ask: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    /// Whether to stop now.
    #[must_use]
    pub fn is_set(&self) -> bool {
        (self.0)()
    }
}

/// Nobody ever stops.
impl Default for Cancelled {
    fn default() -> Self {
        Self::new(|| false)
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cancelled({})", self.is_set())
    }
}
