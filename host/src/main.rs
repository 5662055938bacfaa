//! The command `omero`: finds, describes and runs plugins, and lends them the one session of this
//! run. It knows nothing of OMERO's protocol.

mod alias;
mod app;
mod arguments;
mod ask;
mod builtin;
mod capture;
mod commands;
mod complete;
mod configuration;
mod context;
mod dispatch;
mod end;
mod environment;
mod error;
mod exit;
mod external;
mod host;
mod index;
mod interrupt;
mod invocation;
mod leave;
mod lend;
mod life;
mod load;
mod locate;
mod login_target;
mod lookup;
mod manifest;
mod missing;
mod noexec;
mod plugins;
mod private_files;
mod progress;
mod provider;
mod records;
mod resolve;
mod script;
mod search;
mod sessions;
mod shell;
mod split;
mod stamp;
mod streams;
mod terminal;
mod text_file;
mod trust;

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(app::run(std::env::args_os().collect()))
}
