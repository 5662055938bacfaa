//! Many writers at once: threads here, processes in `children`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;

/// Logs in, switches and logs out `rounds` times. Everything about a login follows from its port,
/// so that an observer can tell whether four pointers belong together.
pub(super) fn hammer(store: &Store, worker: usize, rounds: usize) {
    for round in 0..rounds {
        let port = 10_000 + worker * 1000 + round;
        let session = login(port);
        let StoredSession {
            host, user, key, ..
        } = &session;
        match round % 3 {
            0 => store.add_as_current(&session).unwrap(),
            _ => {
                store.add(&session).unwrap();
                store.set_current(host, user, key, session.port()).unwrap();
            }
        }
        let read = store
            .get(host, user, key)
            .unwrap()
            .expect("nobody else removes it");
        assert_eq!(read.properties, session.properties);
        if round % 4 != 3 {
            assert!(store.remove(host, user, key).unwrap());
        }
    }
}

fn login(port: usize) -> StoredSession {
    let (host, user) = (format!("host{}", port % 3), format!("user{}", port % 2));
    let key = format!("key-of-{port}-{}", "x".repeat(100));
    let properties = Properties::new(&host, &user, &key);
    StoredSession::new(Properties {
        port: Some(port.to_string()),
        ..properties
    })
    .unwrap()
}

/// Asserts that the pointers are those of one login, which may have been removed meanwhile.
pub(super) fn assert_consistent(current: &Current) {
    assert!(current.warnings.is_empty(), "{current:?}");
    let Some(host) = &current.host else { return };
    let login = login(current.port.parse().unwrap());
    assert_eq!(
        (host, current.user.as_ref()),
        (&login.host, Some(&login.user))
    );
    assert!(
        current.key.as_ref().is_none_or(|key| *key == login.key),
        "{current:?}"
    );
}

/// Looks at the store until `done`, as a writer and as a reader see it. Returns how often.
pub(super) fn observe(store: &Store, done: impl Fn() -> bool) -> usize {
    let mut looks = 0;
    while !done() {
        {
            let lock = store.lock().unwrap();
            assert!(!lock.is_marker(), "this file system has no locks");
            assert_consistent(&pointers::read(&store.paths));
        }
        for entry in store.all().unwrap() {
            entry.expect("no half-written file is ever seen");
        }
        let current = store.current();
        assert!(current.warnings.is_empty(), "{current:?}");
        #[cfg(unix)]
        assert_private(store.dir());
        looks += 1;
    }
    looks
}

#[test]
fn eight_threads_never_mix_their_logins() {
    let (_dir, store) = new_store();
    let done = AtomicBool::new(false);
    let looks = thread::scope(|scope| {
        let observer = scope.spawn(|| observe(&store, || done.load(Ordering::Relaxed)));
        let store = &store;
        let workers: Vec<_> = (0..8)
            .map(|worker| scope.spawn(move || hammer(store, worker, 40)))
            .collect();
        let ends: Vec<_> = workers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        done.store(true, Ordering::Relaxed);
        for end in ends {
            end.unwrap();
        }
        observer.join().unwrap()
    });
    assert!(looks > 0, "the observer saw nothing");
    assert_consistent(&store.current());
    assert_eq!(store.count().unwrap(), 8 * 10, "every fourth login stays");
    let left = tree(store.dir());
    assert!(
        left.iter().all(|(name, _)| !name.contains("._TMP_")),
        "{left:?}"
    );
    assert!(store.take_warnings().is_empty());
}
