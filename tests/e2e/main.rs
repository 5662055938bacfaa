//! End-to-end tests: the real binary, real plugins, a real terminal, and the embedded server over
//! real sockets and TLS.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bad_input;
mod clear;
mod closed_store;
mod commands;
mod directories;
mod expired;
mod homes;
mod homes_configuration;
mod keepalive;
mod left_behind;
mod list;
mod login_keys;
mod login_new;
mod login_rules;
mod many_jobs;
mod middle_man;
mod nothing_is_lost;
mod odd_files;
mod open_close;
mod person;
mod pins;
mod plugins;
mod proxies;
mod queries;
mod seed;
mod server_names;
mod stage;
mod streams;
mod told;
mod transports;
mod trust;
