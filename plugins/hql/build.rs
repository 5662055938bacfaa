//! Describes the plugin for the host.

#[path = "src/command.rs"]
mod command;

fn main() {
    omero_plugin_api::build::Builder::new(command::command())
        .exit_code(52, "the server does not understand the query")
        .exit_code(53, "the server refuses a query in all groups")
        .exit_code(54, "the server's security refuses the query")
        .exit_code(67, "`-q` is given, but no query")
        .write();
}
