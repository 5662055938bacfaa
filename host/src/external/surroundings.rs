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
use crate::{
    arguments::Taken,
    ask::{self, ask},
    host::Host,
    provider,
};

/// The variable that names the session directory.
const SESSION_DIRECTORY: &str = "OMERO_SESSIONDIR";

/// Sets the variables of a child; `key` says whether it may have the session's key.
pub fn set(host: &Arc<Host>, command: &mut Command, taken: &Taken, key: bool) {
    if let Ok(program) = std::env::current_exe() {
        command.env("OMERO_BIN", program);
    }
    let known = match known(host, taken, key) {
        Ok(Some(known)) => known,
        Ok(None) => return,
        Err(error) => {
            let text = format!("OMERO_HOST and the like stay as they are for the program: {error}");
            return host.warn(taken.quiet(), &text);
        }
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

/// What the provider tells; nothing without a provider, or where that does not know the question.
fn known(host: &Arc<Host>, taken: &Taken, key: bool) -> Result<Option<Surroundings>, Error> {
    let Ok(provider) = provider::find(host, true, "the environment of programs") else {
        return Ok(None);
    };
    ask::surroundings(host, &provider, &taken.login, key)
}

/// Only the directory of the session store, for the fallback, which reads everything else itself.
pub fn set_store(host: &Arc<Host>, command: &mut Command, taken: &Taken) {
    // The fallback finds out itself what is wrong with the store.
    let store = known(host, taken, false).ok().flatten();
    if let Some(store) = store.and_then(|known| known.store) {
        command.env(SESSION_DIRECTORY, store);
    }
}

/// A session directory that a program gets; to be given back when the program has ended. Without a
/// path the program uses the user's own.
#[derive(Default)]
pub struct ChildDirectory {
    path: Option<String>,
    login: Vec<LoginOption>,
}

impl ChildDirectory {
    /// Asks the provider for a directory with the session that these login options ask for. Outside of
    /// scripts and without login options the program uses the user's own directory. `log_in` says
    /// whether the provider may log in for them.
    ///
    /// # Errors
    ///
    /// The directory cannot be made, the login fails, or login options are given and no provider can
    /// be used: the program would run as the user who logged in last.
    pub fn ask(host: &Arc<Host>, taken: &Taken, log_in: bool) -> Result<Self, Error> {
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
        let question = Question::ChildStore(ChildStore::Open { script, log_in });
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
            host.warn(
                quiet,
                &format!("what the program did to the session was not taken over: {error}"),
            );
        }
    }
}
