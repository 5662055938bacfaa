//! What each operation leaves on the disk.

use std::fs;
use std::time::{Duration, SystemTime};

use super::*;

const A: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const B: &str = "bbbbbbbb-0000-4000-8000-000000000002";

fn text(host: &str, user: &str, key: &str) -> String {
    let bytes = Properties::new(host, user, key).to_bytes().unwrap();
    String::from_utf8(bytes).unwrap()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = expected
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    pairs.push(("._LOCK_".to_owned(), String::new()));
    pairs.sort();
    pairs
}

#[test]
fn a_login_leaves_omero_pys_five_files() {
    let (_dir, store) = new_store();
    store
        .add_as_current(&session("localhost", "root", A))
        .unwrap();
    let expected = [
        ("._LASTHOST_", "localhost"),
        ("._LASTPORT_", "4064"),
        ("localhost/._LASTUSER_", "root"),
        ("localhost/root/._LASTSESS_", A),
        (
            &format!("localhost/root/{A}"),
            &text("localhost", "root", A),
        ),
    ];
    assert_eq!(tree(store.dir()), pairs(&expected));
    let current = store.current();
    assert_eq!(current.host, Some(host("localhost")));
    assert_eq!(current.user, Some(user("root")));
    assert_eq!(current.key, Some(key(A)));
    assert_eq!(current.port, "4064");
}

#[test]
fn url_hosts_are_encoded_in_the_path_and_nowhere_else() {
    let (_dir, store) = new_store();
    store
        .add_as_current(&session("wss://h:443/p", "user:4@email", A))
        .unwrap();
    let dir = "wss%3A%2F%2Fh%3A443%2Fp";
    let expected = [
        ("._LASTHOST_", "wss://h:443/p"),
        ("._LASTPORT_", "4064"),
        (&format!("{dir}/._LASTUSER_"), "user:4@email"),
        (&format!("{dir}/user:4@email/._LASTSESS_"), A),
        (
            &format!("{dir}/user:4@email/{A}"),
            &text("wss://h:443/p", "user:4@email", A),
        ),
    ];
    assert_eq!(tree(store.dir()), pairs(&expected));
    let all = store.all().unwrap();
    assert_eq!(all[0].as_ref().unwrap().host, host("wss://h:443/p"));
    let found = store.find_key(&host("wss://h:443/p"), &key(A)).unwrap();
    assert_eq!(found, [user("user:4@email")]);
    let path = store.path_of(&host("wss://h:443/p"), &user("user:4@email"), &key(A));
    assert_eq!(path, store.dir().join(dir).join("user:4@email").join(A));
}

#[test]
fn adding_without_making_current_touches_no_pointer() {
    let (_dir, store) = new_store();
    store.add(&session("localhost", "root", A)).unwrap();
    let file = format!("localhost/root/{A}");
    assert_eq!(
        tree(store.dir()),
        pairs(&[(&file, &text("localhost", "root", A))])
    );
    assert_eq!(store.current().host, None);
}

#[test]
fn the_port_pointer_is_the_sessions_port() {
    let (_dir, store) = new_store();
    let properties = Properties {
        port: Some("14064".into()),
        ..Properties::new("h", "u", A)
    };
    store
        .add_as_current(&StoredSession::new(properties).unwrap())
        .unwrap();
    assert_eq!(store.current().port, "14064");
    store
        .set_current(&host("h"), &user("u"), &key(A), "4064")
        .unwrap();
    assert_eq!(store.current().port, "4064");
}

#[test]
fn reading_makes_nothing() {
    let (_dir, store) = new_store();
    assert_eq!(
        store.current(),
        Current {
            host: None,
            user: None,
            key: None,
            port: "4064".into(),
            warnings: vec![]
        }
    );
    assert_eq!(store.get(&host("h"), &user("u"), &key(A)).unwrap(), None);
    assert!(store.sessions_of(&host("h"), &user("u")).is_empty());
    assert!(store.find_key(&host("h"), &key(A)).unwrap().is_empty());
    assert_eq!(store.count().unwrap(), 0);
    fs::write(store.dir().join("._LASTHOST_"), "localhost").unwrap();
    assert_eq!(store.current().host, Some(host("localhost")));
    assert_eq!(fs::read_dir(store.dir()).unwrap().count(), 1);
}

#[test]
fn what_is_current_already_is_not_written_again() {
    let (_dir, store) = new_store();
    store.add_as_current(&session("h", "u", A)).unwrap();
    let changed = || {
        fs::metadata(store.dir().join("._LASTHOST_"))
            .unwrap()
            .modified()
            .unwrap()
    };
    let before = changed();
    std::thread::sleep(Duration::from_millis(20));
    store
        .set_current(&host("h"), &user("u"), &key(A), "4064")
        .unwrap();
    assert_eq!(changed(), before);
}

#[test]
fn removing_takes_the_pointer_only_if_it_is_this_sessions() {
    let (_dir, store) = new_store();
    store.add(&session("h", "u", B)).unwrap();
    store.add_as_current(&session("h", "u", A)).unwrap();
    assert!(store.remove(&host("h"), &user("u"), &key(B)).unwrap());
    assert_eq!(store.current().key, Some(key(A)));
    assert!(store.remove(&host("h"), &user("u"), &key(A)).unwrap());
    let current = store.current();
    assert_eq!(
        (current.host, current.user, current.key),
        (Some(host("h")), Some(user("u")), None)
    );
    let left = [
        ("._LASTHOST_", "h"),
        ("._LASTPORT_", "4064"),
        ("h/._LASTUSER_", "u"),
    ];
    assert_eq!(tree(store.dir()), pairs(&left));
}

#[test]
fn removing_what_is_not_there_is_no_error_and_takes_the_pointer() {
    let (_dir, store) = new_store();
    assert!(!store.remove(&host("h"), &user("u"), &key(A)).unwrap());
    store
        .set_current(&host("h"), &user("u"), &key(A), "4064")
        .unwrap();
    assert!(!store.remove(&host("h"), &user("u"), &key(A)).unwrap());
    assert_eq!(store.current().key, None);
}

#[test]
fn pointers_are_read_without_white_space_around_them() {
    let (_dir, store) = new_store();
    store.add_as_current(&session("h", "u", A)).unwrap();
    fs::write(store.dir().join("._LASTHOST_"), " h\r\n").unwrap();
    fs::write(store.dir().join("h/u/._LASTSESS_"), format!("\t{A}\n")).unwrap();
    fs::write(store.dir().join("._LASTPORT_"), "\n").unwrap();
    assert_eq!(store.current().key, Some(key(A)));
    assert_eq!(store.current().port, "4064", "empty is the default");
    store.remove(&host("h"), &user("u"), &key(A)).unwrap();
    assert!(
        !store.dir().join("h/u/._LASTSESS_").exists(),
        "compared without white space, too"
    );
}

#[test]
fn removed_sessions_take_their_pointers_with_them() {
    let (_dir, store) = new_store();
    store.add_as_current(&session("h", "u", A)).unwrap();
    store.add_as_current(&session("wss://i", "v", B)).unwrap();
    assert_eq!(remove_usable(&store), [true, true]);
    assert_eq!(store.count().unwrap(), 0);
    let names: Vec<String> = tree(store.dir())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let left = [
        "._LASTHOST_",
        "._LASTPORT_",
        "._LOCK_",
        "h/._LASTUSER_",
        "wss%3A%2F%2Fi/._LASTUSER_",
    ];
    assert_eq!(names, left);
}

#[test]
fn leftovers_of_killed_writers_are_removed_and_nothing_newer() {
    let (_dir, store) = new_store();
    store.add(&session("h", "u", A)).unwrap();
    let place = |id: u32| {
        store
            .dir()
            .join(format!("h/u/._TMP_{:08x}-0000-4000-8000-000000000000", id))
    };
    for id in [1, 2] {
        fs::write(place(id), "half").unwrap();
    }
    let old = SystemTime::now() - Duration::from_secs(7200);
    fs::File::options()
        .write(true)
        .open(place(1))
        .unwrap()
        .set_modified(old)
        .unwrap();
    store.remove_leftovers(&usable(&store));
    assert!(!place(1).exists());
    assert!(place(2).exists(), "a writer may be at work on it");
}

#[test]
fn sessions_of_a_user_come_newest_first() {
    let (_dir, store) = new_store();
    let now = SystemTime::now();
    for (name, age) in [("k1", 30), ("k2", 10), ("k3", 20)] {
        store.add(&session("h", "u", name)).unwrap();
        let path = store.path_of(&host("h"), &user("u"), &key(name));
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(now - Duration::from_secs(age)).unwrap();
    }
    fs::write(store.dir().join("h/u/junk"), "").unwrap();
    let entries = store.sessions_of(&host("h"), &user("u"));
    let keys: Vec<Option<&str>> = entries
        .iter()
        .map(|entry| Some(entry.as_ref().ok()?.key.expose()))
        .collect();
    assert_eq!(keys, [Some("k2"), Some("k3"), Some("k1"), None]);
}

#[test]
fn all_is_sorted_by_host_user_and_key() {
    let (_dir, store) = new_store();
    for (host, user, key) in [
        ("b", "u", "1"),
        ("a", "v", "2"),
        ("a", "u", "3"),
        ("a", "u", "1"),
    ] {
        store.add(&session(host, user, key)).unwrap();
    }
    let all = store.all().unwrap();
    let names: Vec<_> = all
        .iter()
        .map(|entry| entry.as_ref().unwrap())
        .map(|found| format!("{}/{}/{}", found.host, found.user, found.key.expose()))
        .collect();
    assert_eq!(names, ["a/u/1", "a/u/3", "a/v/2", "b/u/1"]);
}

#[test]
fn one_key_can_have_several_users() {
    let (_dir, store) = new_store();
    for name in ["b", "a"] {
        store.add(&session("h", name, A)).unwrap();
    }
    store.add(&session("other", "c", A)).unwrap();
    assert_eq!(
        store.find_key(&host("h"), &key(A)).unwrap(),
        [user("a"), user("b")]
    );
}

#[test]
fn a_session_read_is_the_session_written() {
    let (_dir, store) = new_store();
    let written = session("h", "u", A);
    store.add(&written).unwrap();
    let read = store.get(&host("h"), &user("u"), &key(A)).unwrap().unwrap();
    assert_eq!(
        StoredSession {
            modified: written.modified,
            ..read
        },
        written
    );
    assert!(!format!("{written:?}").contains(A), "Debug shows no key");
}

#[test]
fn values_that_forge_lines_or_pointers_are_refused_before_anything_is_written() {
    let (_dir, store) = new_store();
    let properties = Properties {
        group: Some("g\nx=y".into()),
        ..Properties::new("h", "u", A)
    };
    assert!(
        store
            .add_as_current(&StoredSession::new(properties).unwrap())
            .is_err()
    );
    assert!(
        store
            .set_current(&host("h"), &user("u"), &key(A), "1\n")
            .is_err()
    );
    assert!(tree(store.dir()).is_empty());
}

#[test]
fn warnings_come_once() {
    let (_dir, store) = new_store();
    let warning = Warning::NoLocks(store.dir().to_owned());
    store.warn_once(warning.clone());
    assert_eq!(store.take_warnings(), std::slice::from_ref(&warning));
    store.warn_once(warning);
    assert!(store.take_warnings().is_empty());
}
