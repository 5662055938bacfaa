//! Scripts and the shell through the real binary: many commands, one session.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cookbook;
mod language;
mod login_options;
mod one_session;
mod programs;
mod shell;
mod slow_work;
mod stage;
mod typed_ahead;
mod untidy_programs;
