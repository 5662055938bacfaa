//! Tests of `omero plugin` and of what plugins may expect: the real binary with real libraries.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod ancestors;
mod author;
mod cost;
mod damaged;
mod doctor;
mod grammar;
mod hostile;
mod indexes;
mod install;
mod managed;
mod names;
mod new_project;
mod package;
mod publisher;
mod room;
mod running;
mod tampering;
mod trust;
mod which;
