//! The typed services on answers that a real Ice server encoded, and on scripted ones.

mod commands;
mod errors;
mod recorded;
mod typed;
