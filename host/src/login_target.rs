//! The server, user and group of the session that a command would use.

use std::sync::Arc;

use omero_plugin_api::{
    Error,
    context::LoginTarget,
    questions::{Question, Surroundings},
};

use crate::{ask::ask, error, host::Host, invocation::Invocation, provider};

/// Asks the session provider for what it knows about the session without connecting.
///
/// # Errors
///
/// There is no provider, or it fails.
pub fn find(host: &Arc<Host>, invocation: &Invocation) -> Result<LoginTarget, Error> {
    let needed_for = format!("the session of `{}`", invocation.program);
    let plugin = provider::find(host, invocation.quiet, &needed_for)?;
    let question = Question::Surroundings { key: false };
    let answer = ask(host, &plugin, &invocation.login, &question)?;
    // A provider that does not know the question answers with an empty list.
    let known: Surroundings = match answer.is_object() {
        true => serde_json::from_value(answer).map_err(no_json)?,
        false => Surroundings::default(),
    };
    let mut target = LoginTarget::default();
    target.port = known.port.and_then(|port| port.parse().ok());
    target.server = known.server;
    target.user = known.user;
    target.group = known.group;
    Ok(target)
}

fn no_json(error: serde_json::Error) -> Error {
    error::fatal(1, "the session provider's answer cannot be read").with_source(error)
}
