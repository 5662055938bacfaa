//! Describes the plugin for the host.

#[path = "src/command.rs"]
mod command;

fn main() {
    omero_plugin_api::build::Builder::new(command::command())
        .session_provider()
        .needs_abi("1.0")
        .write();
}
