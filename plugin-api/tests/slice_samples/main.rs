//! The Slice encoding against messages recorded between real Ice programs.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

mod exceptions;
mod hostile;
mod proxies;
mod round_trip;
mod same;
mod sample;
mod signatures;
mod sliced;
mod worked;
