//! The command line as data: which words are options of whom.
//!
//! `options` holds the tables, `level` what counts at one place of the command line, `walk` goes
//! over the words, `text` turns a word into text where it is interpreted, `debug` understands the
//! value of `--debug`. What the words mean is decided elsewhere.

mod debug;
mod level;
mod options;
mod text;
mod walk;

pub use debug::debug_level;
pub use level::Level;
pub use options::{GLOBAL, HostOption, LOGIN, LOGIN_HEADING, QUIET};
pub use text::{Shown, text, texts};
pub use walk::{Taken, Walk, Word, take_paths};
