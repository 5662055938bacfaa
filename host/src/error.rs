//! What the host itself says when it cannot go on.
//!
//! Failures of commands come from plugins with their own words; the host's own sentences are labelled:
//! they are shown after `omero: error: `, so that scripts can tell them from those of OMERO.py.

use std::fmt::Display;

use omero_plugin_api::{Error, Kind};

/// The command line is wrong.
pub const USAGE: i32 = 2;
/// A plugin panicked (`EX_SOFTWARE`).
pub const PANIC: i32 = 70;
/// A plugin or the configuration cannot be used (`EX_CONFIG`).
pub const UNUSABLE: i32 = 78;
/// A file is not trusted.
pub const UNTRUSTED: i32 = 126;
/// Ctrl-C: 128 and the number of the signal.
pub const INTERRUPTED: i32 = 130;

/// The command line is wrong: one sentence without a final dot.
pub fn usage(sentence: impl Display) -> Error {
    Error::of_kind(Kind::Usage, USAGE, sentence.to_string()).labelled()
}

/// A plugin that is needed is missing or cannot be used.
pub fn plugin(code: i32, sentence: impl Display) -> Error {
    Error::of_kind(Kind::Plugin, code, sentence.to_string()).labelled()
}

/// The host cannot go on, and this documented code says why to scripts.
pub fn fatal(code: i32, sentence: impl Display) -> Error {
    Error::new(code, sentence.to_string()).labelled()
}

/// A stream that is not for output.
pub fn not_writable() -> Error {
    Error::of_kind(Kind::Unsupported, 1, "this stream cannot be written to").labelled()
}
