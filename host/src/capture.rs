//! The output of a command that another command runs and reads.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use omero_plugin_abi::Stream;
use omero_plugin_api::Error;

use crate::error;

/// More than this is an error: the caller gets all of it at once.
const LARGEST: usize = 256 << 20;

/// What a command has written so far. Clones share it.
#[derive(Debug, Clone)]
pub struct Capture(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    open: AtomicBool,
    written: Mutex<Written>,
}

/// The bytes of both streams.
#[derive(Debug, Default)]
pub struct Written {
    /// Standard output.
    pub output: Vec<u8>,
    /// Standard error.
    pub errors: Vec<u8>,
}

impl Capture {
    /// Begins.
    pub fn begin() -> Self {
        Self(Arc::new(Shared {
            open: AtomicBool::new(true),
            written: Mutex::default(),
        }))
    }

    /// Whether output is still captured.
    pub fn is_open(&self) -> bool {
        self.0.open.load(Ordering::SeqCst)
    }

    /// Keeps what is written to a stream.
    ///
    /// # Errors
    ///
    /// It is too much; the stream cannot be written to.
    pub fn write(&self, stream: Stream, bytes: &[u8]) -> Result<(), Error> {
        let mut written = self.written();
        if written.output.len() + written.errors.len() + bytes.len() > LARGEST {
            return Err(Error::new(1, "the captured output is too long").labelled());
        }
        match stream {
            Stream::OUTPUT => written.output.extend_from_slice(bytes),
            Stream::ERROR => written.errors.extend_from_slice(bytes),
            _ => return Err(error::not_writable()),
        }
        Ok(())
    }

    /// Ends; returns what was written.
    pub fn end(&self) -> Written {
        self.0.open.store(false, Ordering::SeqCst);
        std::mem::take(&mut *self.written())
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.0
            .written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
