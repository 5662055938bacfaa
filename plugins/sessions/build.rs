//! Describes the plugin for the host.

use omero_plugin_api::manifest::ValueHint;

#[path = "src/command.rs"]
mod command;

fn main() {
    omero_plugin_api::build::Builder::new(command::command())
        .session_provider()
        .hint("close", "session", ValueHint::Session)
        .hint("timeout", "session", ValueHint::Session)
        .hint("open", "user-name", ValueHint::User)
        .hint("open", "group-name", ValueHint::Group)
        .exit_code(3, "server given twice")
        .exit_code(4, "user given twice")
        .exit_code(5, "port given twice")
        .exit_code(111, "administrators only")
        .exit_code(155, "the session directory cannot be used")
        .exit_code(156, "no such user")
        .exit_code(503, "no such group")
        .exit_code(523, "the session key is not accepted")
        .exit_code(524, "three wrong passwords")
        .exit_code(525, "the account or session was removed")
        .exit_code(554, "connection refused")
        .exit_code(555, "unknown host name")
        .exit_code(556, "any other failure to connect")
        .exit_code(557, "the server's security refused")
        .exit_code(558, "the server refused the idle time")
        .exit_code(559, "the idle time could not be changed")
        .exit_code(560, "the list of sessions failed on the server")
        .exit_code(561, "the server is too old for the list of sessions")
        .exit_code(562, "the list of sessions could not be asked for")
        .exit_code(563, "the server took too long")
        .exit_code(564, "a terminal is needed, or the group switch was refused")
        .write();
}
