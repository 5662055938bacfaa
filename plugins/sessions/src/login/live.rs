//! What this process is attached to. In a script or a shell the next command takes up the same
//! connection, and the current session is the script's own: another process that logs in meanwhile
//! changes the store, not what this script works on.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use omero_plugin_api::{Context, Secret};

use super::{Attached, failure::name_error};
use crate::{
    ice::Endpoint,
    store::{Current, Host, SessionKey, Store, StoreError, StoredSession, User},
};

/// What the commands of this process share.
static LIVE: Mutex<Live> = Mutex::new(Live {
    attached: Vec::new(),
    current: Vec::new(),
});

struct Live {
    attached: Vec<Arc<Attached>>,
    /// The current session of each store, by the store's directory.
    current: Vec<(PathBuf, Current)>,
}

/// The attached session of this key on this server, if the connection still serves; with `check`,
/// the server is asked in any case. Its calls are interrupted by Ctrl-C for the command that `ctx`
/// belongs to.
pub(super) fn take_up(
    ctx: &Context,
    host: &str,
    port: Option<&str>,
    key: &Secret,
    check: bool,
) -> Option<Arc<Attached>> {
    let port = Endpoint::parse(host, port).ok()?.port();
    let found = lock()
        .attached
        .iter()
        .find(|attached| attached.is(host, port, key))
        .cloned()?;
    // Asked without the lock: the answer may take a while.
    if found.serves(ctx, check) {
        return Some(found);
    }
    let dead = {
        let mut live = lock();
        let is_it = |attached: &Arc<Attached>| Arc::ptr_eq(attached, &found);
        let at = live.attached.iter().position(is_it);
        at.map(|at| live.attached.remove(at))
    };
    drop(dead);
    None
}

/// As [`take_up`], for a stored session.
pub fn take_up_stored(ctx: &Context, stored: &StoredSession, check: bool) -> Option<Arc<Attached>> {
    let properties = &stored.properties;
    let host = properties.host.as_deref();
    let host = host.unwrap_or_else(|| stored.host.as_str());
    let key = Secret::new(stored.key.expose().to_owned());
    take_up(ctx, host, properties.port.as_deref(), &key, check)
}

/// Keeps a connection for the commands to come. Tells whether it was kept already.
pub(super) fn keep(attached: &Arc<Attached>) -> bool {
    let mut live = lock();
    let kept = live.attached.iter().any(|old| Arc::ptr_eq(old, attached));
    if !kept {
        live.attached.push(Arc::clone(attached));
    }
    kept
}

/// What is current in this store for this process: what the store said when it was first asked,
/// and what the commands of this process made of it since.
pub fn current(store: &Store) -> Current {
    let mut live = lock();
    let known = live.current.iter().find(|(root, _)| root == store.root());
    if let Some((_, current)) = known {
        return current.clone();
    }
    let current = store.current();
    let silent = Current {
        warnings: Vec::new(),
        ..current.clone()
    };
    live.current.push((store.root().to_owned(), silent));
    current
}

/// Makes current what a program of this script logged in to, if the script has no session.
pub fn adopt(store: &Store, adopted: Current) {
    let mut live = lock();
    let known = live.current.iter_mut();
    for (_, current) in known.filter(|(root, _)| root == store.root()) {
        if current.key.is_none() {
            *current = adopted.clone();
        }
    }
}

/// The attached session of this key, if there is one.
pub fn attached(key: &SessionKey) -> Option<Arc<Attached>> {
    let secret = Secret::new(key.expose().to_owned());
    let live = lock();
    live.attached
        .iter()
        .find(|attached| attached.has_key(&secret))
        .cloned()
}

/// The commands to come get this session unless they ask for another.
pub(super) fn make_current(
    store: &Store,
    attached: &Attached,
) -> Result<(), omero_plugin_api::Error> {
    let (host, port) = attached.server();
    let current = Current {
        host: Some(Host::parse(host).map_err(name_error)?),
        user: Some(User::parse(&attached.session().context().user_name).map_err(name_error)?),
        key: Some(SessionKey::parse(attached.key().expose()).map_err(name_error)?),
        // For a URL the store keeps the standard port, which means nothing.
        port: if Endpoint::is_url(host) {
            "4064".to_owned()
        } else {
            port.to_string()
        },
        warnings: Vec::new(),
    };
    let mut live = lock();
    live.current.retain(|(root, _)| root != store.root());
    live.current.push((store.root().to_owned(), current));
    Ok(())
}

/// A session is over: nothing works on it any more, and it is no longer current.
pub fn forget(key: &SessionKey) {
    let secret = Secret::new(key.expose().to_owned());
    let over = {
        let mut live = lock();
        for (_, current) in &mut live.current {
            if current.key.as_ref() == Some(key) {
                current.key = None;
            }
        }
        let all = std::mem::take(&mut live.attached);
        let (over, others): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|attached| attached.has_key(&secret));
        live.attached = others;
        over
    };
    // Saying good-bye takes a round trip.
    drop(over);
}

/// As [`forget`], for a stored session, which is removed from the store too.
///
/// # Errors
///
/// The store cannot be written.
pub fn forget_stored(store: &Store, stored: &StoredSession) -> Result<(), StoreError> {
    forget(&stored.key);
    let removed = store.remove(&stored.host, &stored.user, &stored.key);
    removed.map(|_| ())
}

/// Leaves all servers in good order, before the process ends.
pub fn leave_all() {
    let all = std::mem::take(&mut lock().attached);
    drop(all);
}

fn lock() -> MutexGuard<'static, Live> {
    // The collections are never left half changed.
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}
