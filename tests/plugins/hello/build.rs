//! Describes the plugin for the host.

#[path = "src/command.rs"]
mod command;

fn main() {
    omero_plugin_api::build::Builder::new(command::command())
        .completion()
        .alias("hi", "hello say")
        .exit_code(523, "what `hello fail` ends with")
        .write();
}
