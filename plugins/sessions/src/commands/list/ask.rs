//! Asking the servers of all stored sessions, side by side.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    thread,
};

use omero_plugin_api::Context;

use crate::{
    client::ClientError,
    ice::{Blame, IceError, OpenOptions},
    login::{Attached, connect_stored},
    store::StoredSession,
};

/// How many sessions are asked at once.
const PARALLEL: usize = 16;

/// What the server said of a session.
#[derive(Clone)]
pub enum Answer {
    /// It lives.
    Alive {
        /// The name of its current group.
        group: String,
        /// When it began, in milliseconds since 1970.
        started: Option<i64>,
    },
    /// It is over, in the server's words: the only answer that forgets it.
    Ended(String),
    /// There was no answer.
    Unreachable,
    /// The server, or this program's trust in it, refused for another reason.
    Refused(String),
    /// Nobody asked.
    Cancelled,
}

/// The servers that nobody need try again in this run, with what is said of their sessions: waiting
/// for one that is down takes seconds, and there may be hundreds of sessions on it.
#[derive(Default)]
struct Down(Mutex<HashMap<(String, Option<String>), Answer>>);

impl Down {
    fn answer(&self, stored: &StoredSession) -> Option<Answer> {
        let servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        servers.get(&Self::server(stored)).cloned()
    }

    fn remember(&self, stored: &StoredSession, answer: &Answer) {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        servers.insert(Self::server(stored), answer.clone());
    }

    fn server(stored: &StoredSession) -> (String, Option<String>) {
        (
            stored.host.as_str().to_owned(),
            stored.properties.port.clone(),
        )
    }

    /// Whether a failure is that of the server as a whole, before it was asked anything.
    fn is_of_server(error: &IceError) -> bool {
        matches!(
            error,
            IceError::Dns { .. }
                | IceError::Refused { .. }
                | IceError::ConnectTimeout { .. }
                | IceError::Unreachable { .. }
                | IceError::ValidationTimeout { .. }
        )
    }
}

/// Asks all servers, a bounded number at a time, in the order of the sessions.
pub fn ask_all(ctx: &Context, options: &OpenOptions, sessions: &[StoredSession]) -> Vec<Answer> {
    let next = Mutex::new(0);
    let down = Down::default();
    let answers: Vec<Mutex<Answer>> = sessions
        .iter()
        .map(|_| Mutex::new(Answer::Cancelled))
        .collect();
    let take = || {
        let mut next = next.lock().ok()?;
        *next += 1;
        Some(*next - 1).filter(|index| *index < sessions.len())
    };
    thread::scope(|scope| {
        for _ in 0..PARALLEL.min(sessions.len()) {
            scope.spawn(|| {
                while let Some(index) = take().filter(|_| !ctx.cancelled()) {
                    let answer = ask(ctx, options, &down, &sessions[index]);
                    if let Ok(mut slot) = answers[index].lock() {
                        *slot = answer;
                    }
                }
            });
        }
    });
    answers
        .into_iter()
        .map(|slot| slot.into_inner().unwrap_or(Answer::Cancelled))
        .collect()
}

fn ask(ctx: &Context, options: &OpenOptions, down: &Down, stored: &StoredSession) -> Answer {
    if let Some(answer) = down.answer(stored) {
        return answer;
    }
    let outcome = connect_stored(ctx, options, stored);
    let is_down = matches!(&outcome, Err(ClientError::Ice(error)) if Down::is_of_server(error));
    let answer = interpret(ctx, stored, outcome);
    if is_down {
        down.remember(stored, &answer);
    }
    answer
}

fn interpret(
    ctx: &Context,
    stored: &StoredSession,
    outcome: Result<Attached, ClientError>,
) -> Answer {
    match outcome {
        Ok(attached) => Answer::Alive {
            group: attached.session().context().group_name.clone(),
            started: attached.details().started,
        },
        Err(error) if error.is_definite() => Answer::Ended(error.to_string()),
        Err(ClientError::Ice(error)) if error.blame() == Blame::Network => {
            ctx.debug(1, format_args!("{}: {error}", stored.host.as_str()));
            Answer::Unreachable
        }
        Err(error) => Answer::Refused(error.to_string()),
    }
}
