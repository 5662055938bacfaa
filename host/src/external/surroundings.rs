//! What a program learns from its environment.
//!
//! The host knows nothing of servers and stores: it asks the session provider, which answers from
//! what is on this machine. Without a provider, or where the provider cannot tell, the variables
//! stay as they are.
//!
//! A program that a script starts gets a session directory of its own, which holds the script's
//! session: what is current in the user's store may be another one by then.

use std::{process::Command, sync::Arc};

use omero_plugin_abi::LoginOption;
use omero_plugin_api::{
    Error,
    questions::{ChildStore, Question, Surroundings},
};

use super::run_child;
use crate::{arguments::Taken, ask::ask, error, host::Host, provider};

/// The variable that names the session directory.
const SESSION_DIRECTORY: &str = "OMERO_SESSIONDIR";

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
        (SESSION_DIRECTORY, known.store),
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
        command.env(SESSION_DIRECTORY, store);
    }
}

/// A session directory that a program gets; to be given back when the program has ended. Without a
/// path the program uses the user's own.
#[derive(Default)]
pub struct Lent {
    path: Option<String>,
    login: Vec<LoginOption>,
}

impl Lent {
    /// Asks the provider for a directory with the session that these login options ask for. Outside of
    /// scripts and without login options the program uses the user's own directory.
    ///
    /// # Errors
    ///
    /// The directory cannot be made, or login options are given and no provider can be used: the
    /// program would run as whoever logged in last.
    pub fn ask(host: &Arc<Host>, taken: &Taken) -> Result<Self, Error> {
        let script = host.runs_script();
        if !script && taken.login.is_empty() {
            return Ok(Self::default());
        }
        let provider = match provider::find(host, true, "the session of programs") {
            Ok(provider) => provider,
            // What needs no session needs no provider either, but one was asked for.
            Err(error) if !taken.login.is_empty() => return Err(error),
            Err(_) => return Ok(Self::default()),
        };
        let question = Question::ChildStore(ChildStore::Open { script });
        let answer = ask(host, &provider, &taken.login, &question)?;
        Ok(Self {
            path: answer.as_str().map(str::to_owned),
            login: taken.login.clone(),
        })
    }

    /// Runs a program with the directory and gives that back.
    ///
    /// # Errors
    ///
    /// As [`run_child`].
    pub fn run(self, host: &Arc<Host>, mut command: Command, quiet: bool) -> Result<i32, Error> {
        if let Some(path) = &self.path {
            command.env(SESSION_DIRECTORY, path);
        }
        let outcome = run_child(host, command);
        self.give_back(host, quiet);
        outcome
    }

    /// Gives the directory back; what the program did to the session counts from now on.
    fn give_back(self, host: &Arc<Host>, quiet: bool) {
        let Some(store) = self.path else { return };
        let question = Question::ChildStore(ChildStore::Close { store });
        let outcome = provider::find(host, true, "the session of programs")
            .and_then(|provider| ask(host, &provider, &self.login, &question));
        if let Err(error) = outcome {
            let reason = error::bare(&error);
            host.warn(
                quiet,
                &format!("what the program did to the session was not taken over: {reason}"),
            );
        }
    }
}
