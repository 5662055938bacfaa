//! The command `omero`: finds, describes and runs plugins, and lends them the one session of this
//! run. It knows nothing of OMERO's protocol.

mod alias;
mod app;
mod arguments;
mod ask;
mod builtin;
mod complete;
mod config_command;
mod configuration;
mod context;
mod dispatch;
mod environment;
mod error;
mod error_codes;
mod exit;
mod external;
mod help;
mod host;
mod index;
mod interrupt;
mod lend;
mod load;
mod locate;
mod man;
mod manifest;
mod plugin;
mod plugins;
mod progress;
mod resolve;
mod script;
mod search;
mod shell;
mod split;
mod stamp;
mod streams;
mod terminal;
mod trust;

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(app::run(std::env::args_os().collect()))
}
