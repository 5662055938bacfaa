//! `omero sessions clear`.

use std::thread;

use omero_plugin_api::{Context, Error, clap::ArgMatches, style::Style, value::render};

use super::{down::Down, logout::end, session_dir};
use crate::{
    settings,
    store::{StoredSession, properties::Malformed},
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
    let down = Down::default();
    let progress = ctx.progress("Ending sessions");
    let total = u64::try_from(sessions.len()).unwrap_or(u64::MAX);
    let mut done = 0;
    for batch in sessions.chunks(PARALLEL) {
        progress.set(u64::try_from(done).unwrap_or(total), total);
        thread::scope(|scope| {
            for stored in batch {
                scope.spawn(|| end(ctx, &options, &down, stored));
            }
        });
        if ctx.cancelled() {
            break; // what was interrupted may live on, so it stays in the store
        }
        done += batch.len();
    }
    drop(progress);
    // Only what was ended, or could not be because its server is down, is forgotten: a session
    // that another login adds meanwhile stays.
    let removed = store
        .remove_all(&sessions[..done])
        .map_err(settings::store_error)?;
    for error in &removed.failed {
        kept += 1;
        ctx.warn(format_args!("a session could not be removed: {error}"));
    }
    settings::show_warnings(ctx, &store);
    if done < sessions.len() {
        return Err(Error::cancelled());
    }
    let text = format!("{} session(s) cleared", removed.count);
    let count = i64::try_from(removed.count).unwrap_or(i64::MAX);
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
