//! The sessions of the programs that a script starts: each gets a child store that holds the script's
//! session, and what it did there counts afterwards.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use omero_plugin_api::{Context, Error, questions::ChildStore as Step};

use crate::{
    answers::{Choice, choose},
    login::{self, Request},
    settings::{self, store_error},
    store::{ChildStore, SessionKey, Store, StoredSession, sweep},
};

/// The child stores whose programs run.
static OPEN: Mutex<Vec<Open>> = Mutex::new(Vec::new());
/// Sessions whose servers could not be asked: they are not asked again before each program.
static FAILED: Mutex<Vec<SessionKey>> = Mutex::new(Vec::new());

struct Open {
    store: ChildStore,
    given: Option<StoredSession>,
    /// Whether a login of the program is the script's, if that has no session.
    lasts: bool,
}

/// Makes a child store, or takes back one whose program has ended.
///
/// # Errors
///
/// The options contradict each other, or ask for a session that cannot be had; one of the stores cannot be
/// used.
pub fn child_store(ctx: &Context, step: &Step) -> Result<Option<String>, Error> {
    match step {
        Step::Open { script, log_in } => open(ctx, *script, *log_in),
        Step::Close { store } => close(ctx, Path::new(store)).map(|()| None),
    }
}

fn open(ctx: &Context, script: bool, log_in: bool) -> Result<Option<String>, Error> {
    let wanted = Request::from_options(ctx)?;
    if !script && wanted.is_silent() && wanted.password.is_none() {
        return Ok(None);
    }
    let names_session = wanted.key.is_some() || wanted.password.is_some() || wanted.needs_login();
    let store = match settings::existing_store(ctx)? {
        Some(store) => store,
        None if log_in && names_session => settings::store(ctx, None)?,
        None => return Ok(None),
    };
    let bases = settings::child_store_bases(ctx);
    static SWEPT: Once = Once::new();
    SWEPT.call_once(|| sweep(&bases));
    let mut choice = choose(&store, &wanted)?;
    if log_in && names_session && choice.session.is_none() {
        login::attach_in(ctx, &store, wanted.clone())?;
        choice = choose(&store, &wanted)?;
    }
    let Choice {
        current,
        mut session,
    } = choice;
    if script && let Some(stored) = session.take() {
        session = attached_or_unknown(ctx, &store, &stored)?.then_some(stored);
    }
    let made = ChildStore::create(&bases, store.root(), &current, session.as_ref());
    let made = made.map_err(store_error)?;
    let dir = made.dir().to_str().map(str::to_owned);
    lock(&OPEN).push(Open {
        store: made,
        given: session,
        lasts: script && wanted.is_silent(),
    });
    Ok(dir)
}

/// Attaches to the session, so that its group is known and it is kept alive while programs run.
/// False if the server says that it has ended.
fn attached_or_unknown(
    ctx: &Context,
    store: &Store,
    stored: &StoredSession,
) -> Result<bool, Error> {
    if login::attached(&stored.key).is_some() || lock(&FAILED).contains(&stored.key) {
        return Ok(true);
    }
    match login::attach_early(ctx, store, stored) {
        Ok(attached) => Ok(attached.is_some()),
        Err(error) if error.kind() == omero_plugin_api::Kind::Cancelled => Err(error),
        Err(error) => {
            // The program may need no server, and tells what is wrong if it does.
            ctx.debug(1, format_args!("Exception on attach: {error}"));
            lock(&FAILED).push(stored.key.clone());
            Ok(true)
        }
    }
}

fn close(ctx: &Context, dir: &Path) -> Result<(), Error> {
    let found = {
        let mut open = lock(&OPEN);
        let at = open.iter().position(|open| open.store.dir() == dir);
        at.map(|at| open.swap_remove(at))
    };
    let (Some(open), Some(own)) = (found, settings::existing_store(ctx)?) else {
        return Ok(());
    };
    let Open {
        store,
        given,
        lasts,
    } = open;
    let removed = given.as_ref().is_some_and(|given| !store.has(given));
    let current = store.close().map_err(store_error);
    if let Some(given) = &given {
        check(ctx, &own, given, removed)?;
    }
    let current = current?;
    let is_given = current.key == given.map(|given| given.key);
    if lasts && current.key.is_some() && !is_given {
        login::adopt(&own, current);
    }
    Ok(())
}

/// Learns what became of the session: its group may have been switched, and it may have ended. Only
/// the server's word ends it; that OMERO.py removed its file is a reason to ask. A server that does
/// not answer in time ends nothing, and the script goes on.
fn check(ctx: &Context, store: &Store, given: &StoredSession, removed: bool) -> Result<(), Error> {
    let answer = match login::attached(&given.key) {
        Some(attached) => {
            attached.session().interrupt_for(ctx);
            let context = attached.session().ask_context_within(login::PATIENCE);
            Some(context.map(drop))
        }
        None if !removed => return Ok(()),
        None => None,
    };
    let ended = match answer {
        Some(Ok(())) => false,
        Some(Err(error)) if error.is_session_ended() => true,
        // A lost connection says nothing: a new one does.
        _ => login::has_ended(ctx, settings::open_options(ctx, Some(store))?, given),
    };
    if ended {
        login::forget_stored(store, given).map_err(store_error)?;
    }
    Ok(())
}

/// Each change is a single step, so a panicking thread leaves nothing half changed.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
