//! The command line as data: which words are options of whom.
//!
//! `options` holds the tables, `level` what counts at one place of the command line, `walk` reads
//! the words one by one and says in a `step` what a word is, `taken` holds what the host takes out,
//! `text` turns a word into text where it is interpreted, `debug` understands the value of
//! `--debug`. What the words mean is decided elsewhere.

mod debug;
mod level;
mod lex;
mod options;
mod step;
mod taken;
mod text;
mod walk;
mod wrong;

pub use debug::debug_level;
pub use level::{Known, Level, Owner};
pub use options::{HostOption, LOGIN_HEADING, QUIET};
pub use step::{Role, Step};
pub use taken::Taken;
pub use text::{Shown, text, texts};
pub use walk::Walk;
