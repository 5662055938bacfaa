//! One command line, as its plugin gets it.

use omero_plugin_abi::LoginOption;

use crate::life::Life;

/// One command line, as its plugin gets it.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// The name of the plugin.
    pub plugin: String,
    /// Program and command for messages, for instance `omero sessions`.
    pub program: String,
    /// What the plugin parses itself.
    pub arguments: Vec<String>,
    /// The login options.
    pub login: Vec<LoginOption>,
    /// Whether the plugin is the session provider, which alone may see the login options.
    pub is_provider: bool,
    /// Whether the provider is making a session, and cannot be lent one meanwhile.
    pub attaching: bool,
    /// Whether nothing that the plugin writes is shown and nothing can be asked: it answers a question
    /// of the host.
    pub silent: bool,
    /// Whether `-q` was given.
    pub quiet: bool,
    /// The level of `--debug`.
    pub debug: u8,
    /// When the context of this call becomes invalid.
    pub life: Life,
}
