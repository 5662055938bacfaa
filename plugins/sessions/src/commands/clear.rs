//! `omero sessions clear`.

use std::{
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::channel,
    },
    thread,
};

use omero_plugin_api::{Context, Error, clap::ArgMatches, style::Style, value::render};

use super::{down::Down, logout::end, session_dir};
use crate::{
    ice::OpenOptions,
    settings,
    store::{Store, StoreError, StoredSession, properties::Malformed},
};

/// How many servers are talked to at once.
const PARALLEL: usize = 8;

/// Ends every stored session on its server and forgets it. A server that is down keeps its
/// session until it idles out; the user hears of it.
///
/// # Errors
///
/// A session file cannot be read or removed; the others are cleared.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let store = settings::store(ctx, session_dir(matches))?;
    let options = settings::open_options(ctx, Some(&store))?;
    let mut kept = 0;
    let sessions: Vec<StoredSession> = store
        .all()
        .map_err(settings::store_error)?
        .into_iter()
        .filter_map(|entry| match entry {
            Ok(stored) => Some(stored),
            // What cannot be read is named and stays: it may be open on its server. A path that no
            // login makes is no session that was to be cleared.
            Err(bad) => {
                kept += usize::from(!matches!(bad.reason, Malformed::ForeignName(_)));
                ctx.warn(bad);
                None
            }
        })
        .collect();
    let ended = end_all(ctx, &store, &options, &sessions).map_err(settings::store_error)?;
    kept += ended.failed;
    store.remove_leftovers(&sessions);
    settings::show_warnings(ctx, &store);
    if ctx.cancelled() {
        return Err(Error::cancelled());
    }
    let text = format!("{} session(s) cleared", ended.removed);
    let count = i64::try_from(ended.removed).unwrap_or(i64::MAX);
    ctx.line(render(
        Style::of(matches),
        text,
        &[("cleared", count.into())],
    ))?;
    match kept {
        0 => Ok(()),
        _ => Err(
            Error::new(1, format!("{kept} session(s) could not be cleared"))
                .hint("repair or remove what the warnings name"),
        ),
    }
}

/// What became of the stored sessions.
#[derive(Default)]
struct Ended {
    /// How many were removed from the store.
    removed: usize,
    /// How many could not be removed.
    failed: usize,
}

/// Ends sessions, [`PARALLEL`] at a time, and removes each from the store as soon as its server was
/// told or is known to be down. The store is locked for one removal at a time, so that a login beside
/// this waits for one only. After Ctrl-C, what was not ended stays stored.
fn end_all(
    ctx: &Context,
    store: &Store,
    options: &OpenOptions,
    sessions: &[StoredSession],
) -> Result<Ended, StoreError> {
    let progress = ctx.progress("Ending sessions");
    let total = u64::try_from(sessions.len()).unwrap_or(u64::MAX);
    let down = Down::default();
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    let (sender, receiver) = channel();
    let mut ended = Ended::default();
    thread::scope(|scope| {
        for _ in 0..PARALLEL.min(sessions.len()) {
            let sender = sender.clone();
            let (next, stopped, down) = (&next, &stopped, &down);
            scope.spawn(move || {
                while !ctx.cancelled() && !stopped.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(stored) = sessions.get(at) else {
                        return;
                    };
                    end(ctx, options, down, stored);
                    // What was interrupted may live on.
                    if ctx.cancelled() || sender.send(stored).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut done = 0;
        for stored in receiver {
            let StoredSession {
                host, user, key, ..
            } = stored;
            match store.remove(host, user, key) {
                Ok(removed) => ended.removed += usize::from(removed),
                // Another process does not give the lock back: each session would wait for it.
                Err(error @ StoreError::Locked { .. }) => {
                    stopped.store(true, Ordering::Relaxed);
                    return Err(error);
                }
                Err(error) => {
                    ended.failed += 1;
                    ctx.warn(format_args!("a session could not be removed: {error}"));
                }
            }
            done += 1;
            progress.set(done, total);
        }
        Ok(ended)
    })
}
