//! The server, user and group of the session that a command would use.

use std::sync::Arc;

use omero_plugin_api::{Error, context::LoginTarget};

use crate::{ask, host::Host, invocation::Invocation, provider};

/// Asks the session provider for what it knows about the session without connecting.
///
/// # Errors
///
/// There is no provider, or it fails.
pub fn find(host: &Arc<Host>, invocation: &Invocation) -> Result<LoginTarget, Error> {
    let needed_for = format!("the session of `{}`", invocation.program);
    let plugin = provider::find(host, invocation.quiet, &needed_for)?;
    let known = ask::surroundings(host, &plugin, &invocation.login, false)?.unwrap_or_default();
    let mut target = LoginTarget::default();
    target.port = known.port.and_then(|port| port.parse().ok());
    target.server = known.server;
    target.user = known.user;
    target.group = known.group;
    Ok(target)
}
