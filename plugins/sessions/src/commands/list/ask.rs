//! Asking the servers of all stored sessions, side by side.

use std::{
    sync::{Mutex, PoisonError},
    thread,
};

use omero_plugin_api::Context;

use crate::{
    client::ClientError,
    commands::down::{self, Down},
    ice::{Blame, OpenOptions},
    login::{Attached, PATIENCE, connect_stored, take_up_stored},
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

/// Asks all servers, a bounded number at a time, in the order of the sessions.
pub fn ask_all(ctx: &Context, options: &OpenOptions, sessions: &[StoredSession]) -> Vec<Answer> {
    let progress = ctx.progress("Asking the servers");
    let total = u64::try_from(sessions.len()).unwrap_or_default();
    let next = Mutex::new(0);
    let down = Down::default();
    let answers: Vec<Mutex<Answer>> = sessions
        .iter()
        .map(|_| Mutex::new(Answer::Cancelled))
        .collect();
    let take = || {
        let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
        progress.set(u64::try_from(*next).unwrap_or(total), total);
        *next += 1;
        Some(*next - 1).filter(|index| *index < sessions.len())
    };
    thread::scope(|scope| {
        for _ in 0..PARALLEL.min(sessions.len()) {
            scope.spawn(|| {
                while let Some(index) = take().filter(|_| !ctx.cancelled()) {
                    let answer = ask(ctx, options, &down, &sessions[index]);
                    *answers[index]
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner) = answer;
                }
            });
        }
    });
    answers
        .into_iter()
        .map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}

fn ask(
    ctx: &Context,
    options: &OpenOptions,
    down: &Down<Answer>,
    stored: &StoredSession,
) -> Answer {
    if let Some(answer) = down.answer(stored) {
        return answer;
    }
    // What an earlier command of the script is attached to needs no other connection.
    if let Some(attached) = take_up_stored(ctx, stored, false)
        && let Ok(context) = attached.session().ask_context_within(PATIENCE)
    {
        return Answer::Alive {
            group: context.group_name.clone(),
            started: attached.details().started,
        };
    }
    let outcome = connect_stored(ctx, options, stored);
    let is_down = down::is_of_server(&outcome);
    let answer = interpret(ctx, stored, outcome);
    if is_down {
        down.remember(stored, answer.clone());
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
        Err(error) if error.is_session_ended() => Answer::Ended(error.to_string()),
        Err(ClientError::Ice(error)) if error.blame() == Blame::Network => {
            ctx.debug(1, format_args!("{}: {error}", stored.host.as_str()));
            Answer::Unreachable
        }
        Err(error) => Answer::Refused(error.to_string()),
    }
}
