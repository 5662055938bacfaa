//! Flushing the output when a plugin ends the process behind the host's back.
#![expect(unsafe_code, reason = "the C library's atexit has no safe form")]

use std::sync::{Arc, OnceLock};

use crate::streams::Streams;

static STREAMS: OnceLock<Arc<Streams>> = OnceLock::new();

/// Registers the flush, once per process. Until a plugin is loaded nobody else can call `exit`.
pub fn flush_at_exit(streams: &Arc<Streams>) {
    if STREAMS.set(Arc::clone(streams)).is_ok() {
        // SAFETY: `flush` is a plain function that lives as long as the process and does not
        // unwind: a panic in it aborts. Failure to register only loses the safety net.
        unsafe { libc::atexit(flush) };
    }
}

extern "C" fn flush() {
    if let Some(streams) = STREAMS.get() {
        streams.flush_at_exit();
    }
}
