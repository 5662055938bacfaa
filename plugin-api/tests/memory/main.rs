//! What decoding takes of the memory, which an allocator of this binary counts.
//!
//! The counter is that of the process, so everything is in one test.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

mod attacks;
mod real;

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Runs something, and gives the most memory it took.
fn peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = run();
    (result, MEMORY.peak_usage().saturating_sub(before))
}

/// An encapsulation in encoding 1.1.
fn encapsulation(body: &[u8]) -> Vec<u8> {
    let size = i32::try_from(body.len() + 6).unwrap();
    [&size.to_le_bytes()[..], &[1, 1], body].concat()
}

/// A count of more than 254.
fn count(count: usize) -> Vec<u8> {
    let count = i32::try_from(count).unwrap();
    [&[255][..], &count.to_le_bytes()].concat()
}

#[test]
fn memory_is_bounded_by_the_bytes_of_the_reply() {
    attacks::null_proxies();
    attacks::lists_that_share_their_elements();
    attacks::texts_that_share_their_bytes();
    attacks::a_row_of_three_million_columns();
    attacks::replies_at_the_same_time();
    real::a_million_rows_of_two_columns();
    real::images_with_details();
}
