//! Describes the plugin for the host.

#[path = "src/command.rs"]
mod command;

fn main() {
    omero_plugin_api::build::Builder::new(command::command())
        .exit_code(504, "no group found")
        .exit_code(516, "more than one group where one is asked for")
        .write();
}
