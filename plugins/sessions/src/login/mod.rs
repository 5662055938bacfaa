//! Getting a session: the current one, another stored one, or a new one after a dialogue.
//!
//! [`request`] collects what the user asked for, and [`flow`] decides in the order that OMERO.py's
//! users know: [`by_key`] joins, [`reuse`] goes back to a stored session, [`asking`] asks for what
//! is missing, [`create`] and [`password`] log in anew. [`report`] says what was done, [`failure`]
//! gives each failure its documented text and exit code, [`live`] keeps what is attached for
//! the commands to come.

mod asking;
mod attached;
mod by_key;
pub mod conflict;
mod create;
mod failure;
mod flow;
mod idle_time;
mod live;
mod means;
mod password;
mod prompt;
mod report;
mod request;
mod reuse;
pub mod target;

pub use attached::{Attached, PATIENCE, connect_stored, has_ended};
pub use failure::connection_failure;
pub use flow::{attach, attach_early, attach_in, log_in};
pub use live::{adopt, attached, current, forget, forget_stored, leave_all, take_up_stored};
pub use report::short_time;
pub use request::Request;
