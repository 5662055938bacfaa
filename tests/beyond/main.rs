//! What goes beyond libraries, through the real binary: programs `omero-NAME`, the fallback, aliases,
//! the configuration, manual pages, and completion in real shells.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod aliases;
mod completion;
mod configuration;
mod editor;
mod editors;
mod errors;
mod fallback;
mod guarded;
mod man;
mod not_text;
mod programs;
mod programs_shown;
mod reasons;
mod shells;
mod signals;
mod stage;
