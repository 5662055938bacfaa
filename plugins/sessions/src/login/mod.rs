//! Getting a session: the current one, another stored one, or a new one after a dialogue.
//!
//! [`request`] collects what the user asked for, [`flow`] decides in the order that OMERO.py's
//! users know, [`create`] and [`password`] log in anew, [`report`] says what was done, and
//! [`failure`] gives each failure its documented text and exit code.

mod attached;
pub mod conflict;
mod create;
mod failure;
mod flow;
mod password;
mod prompt;
mod report;
mod request;
pub mod target;

pub use attached::{Attached, connect_stored};
pub use failure::connection_failure;
pub use flow::{attach, attach_in};
pub use report::short_time;
pub use request::Request;
