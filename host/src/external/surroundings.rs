//! What a program learns from its environment.
//!
//! The host knows nothing of servers and stores: it asks the session provider, which answers from
//! what is on this machine. Without a provider, or where the provider cannot tell, the variables
//! stay as they are.

use std::{process::Command, sync::Arc};

use omero_plugin_api::questions::{Question, Surroundings};

use crate::{arguments::Taken, ask::ask, host::Host, provider};

/// Sets the variables of a child; `key` says whether it may have the session's key.
pub fn set(host: &Arc<Host>, command: &mut Command, taken: &Taken, key: bool) {
    command.env_remove("OMERO_PASSWORD");
    if let Ok(program) = std::env::current_exe() {
        command.env("OMERO_BIN", program);
    }
    let Some(known) = known(host, taken, key) else {
        return;
    };
    for (name, value) in [
        ("OMERO_HOST", known.server),
        ("OMERO_PORT", known.port),
        ("OMERO_USER", known.user),
        ("OMERO_GROUP", known.group),
        ("OMERO_SESSIONDIR", known.store),
        ("OMERO_SESSION_KEY", known.key),
    ] {
        // What stood there before was about another session.
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
}

fn known(host: &Arc<Host>, taken: &Taken, key: bool) -> Option<Surroundings> {
    let provider = provider::find(host, true, "the environment of programs").ok()?;
    let question = Question::Surroundings { key };
    let answer = ask(host, &provider, &taken.login, &question).ok()?;
    answer.is_object().then_some(())?;
    serde_json::from_value(answer).ok()
}

/// Only the directory of the session store, for the fallback, which reads everything else itself.
pub fn set_store(host: &Arc<Host>, command: &mut Command, taken: &Taken) {
    if let Some(store) = known(host, taken, false).and_then(|known| known.store) {
        command.env("OMERO_SESSIONDIR", store);
    }
}
