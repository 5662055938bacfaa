#[path = "src/command.rs"]
mod command;

fn main() {
    omero_plugin_api::build::Builder::new(command::command()).write();
}
