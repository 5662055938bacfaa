//! Ending the process at once.

/// Ends the process without running destructors: threads of plugins may be anywhere.
#[cfg(unix)]
pub fn end_process(status: i32) -> ! {
    signal_hook::low_level::exit(status)
}

/// Ends the process.
#[cfg(not(unix))]
#[expect(clippy::exit, reason = "there is no other way here")]
pub fn end_process(status: i32) -> ! {
    std::process::exit(status)
}
