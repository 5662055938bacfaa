//! Stores that somebody or something has damaged, or laid as a trap.

use std::fs;

use super::super::session::BadEntry;
use super::*;

const A: &str = "aaaaaaaa-0000-4000-8000-000000000001";

fn reasons(store: &Store) -> Vec<String> {
    store
        .all()
        .unwrap()
        .iter()
        .map(|entry| entry.as_ref().unwrap_err().to_string())
        .collect()
}

#[test]
fn a_path_as_key_pointer_reaches_nothing() {
    let (dir, store) = new_store();
    store.add_as_current(&session("h", "u", A)).unwrap();
    let victim = dir.path().join("victim");
    fs::write(&victim, "omero.host=h\n").unwrap();
    for text in [
        "../../../victim",
        victim.to_str().unwrap(),
        "..",
        ".",
        "../u",
    ] {
        fs::write(store.dir().join("h/u/._LASTSESS_"), text).unwrap();
        let current = store.current();
        assert_eq!(
            (current.user, current.key),
            (Some(user("u")), None),
            "{text}"
        );
        remove_usable(&store);
        assert!(victim.exists());
    }
    for (pointer, text) in [
        ("._LASTHOST_", ".."),
        ("h/._LASTUSER_", "../.."),
        ("h/._LASTUSER_", "/"),
    ] {
        let before = fs::read(store.dir().join(pointer)).unwrap();
        fs::write(store.dir().join(pointer), text).unwrap();
        assert_eq!(store.current().user, None, "{text}");
        fs::write(store.dir().join(pointer), before).unwrap();
    }
}

#[test]
fn malformed_files_are_reported_and_stay() {
    let (_dir, store) = new_store();
    store.add(&session("h", "u", A)).unwrap();
    let dir = store.dir().join("h/u");
    let bad: [(&str, &[u8], &str); 5] = [
        ("empty", b"", "it names no server"),
        ("latin1", b"omero.host=\xff\n", "it is not valid UTF-8"),
        ("moved", b"omero.host=other\n", "another server"),
        (
            "no key!",
            b"omero.host=h\n",
            "its name is none that a login makes",
        ),
        ("large", &[b'x'; 70_000], "larger than 65536 bytes"),
    ];
    for (name, bytes, _) in bad {
        fs::write(dir.join(name), bytes).unwrap();
    }
    let all = store.all().unwrap();
    assert_eq!(all.iter().flatten().count(), 1);
    for (name, _, reason) in bad {
        let told = |entry: &BadEntry| entry.to_string().contains(reason);
        assert!(
            all.iter()
                .filter_map(|entry| entry.as_ref().err())
                .any(told),
            "{name}: {all:?}"
        );
        if let Ok(name) = SessionKey::parse(name) {
            let error = store.get(&host("h"), &user("u"), &name).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
    assert_eq!(store.count().unwrap(), 1);
    assert_eq!(
        store
            .all()
            .unwrap()
            .iter()
            .filter(|entry| entry.is_err())
            .count(),
        bad.len()
    );
    assert_eq!(remove_usable(&store), [true]);
    for (name, ..) in bad {
        assert!(dir.join(name).exists(), "{name} was deleted");
    }
}

#[test]
fn messages_about_bad_files_hold_no_key() {
    let (_dir, store) = new_store();
    store.add(&session("h", "u", A)).unwrap();
    fs::write(store.path_of(&host("h"), &user("u"), &key(A)), "").unwrap();
    let error = store.get(&host("h"), &user("u"), &key(A)).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(A));
    let reasons = reasons(&store);
    assert!(
        reasons[0].contains("aaaaaaaa…") && !reasons[0].contains(A),
        "{reasons:?}"
    );
}

#[test]
fn directories_in_place_of_files_are_no_crash() {
    let (_dir, store) = new_store();
    store.add_as_current(&session("h", "u", A)).unwrap();
    fs::create_dir(store.dir().join("h/u/dir")).unwrap();
    assert_eq!(
        store.all().unwrap().len(),
        1,
        "as OMERO.py, which passes them over"
    );
    assert!(store.get(&host("h"), &user("u"), &key("dir")).is_err());
    assert!(store.remove(&host("h"), &user("u"), &key("dir")).is_err());

    fs::remove_file(store.dir().join("._LASTHOST_")).unwrap();
    fs::create_dir(store.dir().join("._LASTHOST_")).unwrap();
    let current = store.current();
    assert_eq!(current.host, None);
    assert!(
        current.warnings[0]
            .line()
            .contains("._LASTHOST_ is ignored"),
        "{current:?}"
    );
    assert!(store.add_as_current(&session("h", "u", A)).is_err());
    assert_eq!(
        store.all().unwrap().len(),
        1,
        "it has no sessions, so it is not worth a word"
    );
}

#[test]
fn files_in_place_of_directories_are_passed_over() {
    let (_dir, store) = new_store();
    fs::write(store.dir().join("h"), "").unwrap();
    fs::write(store.dir().join("._LASTHOST_"), "h").unwrap();
    fs::create_dir(store.dir().join("i")).unwrap();
    fs::write(store.dir().join("i/u"), "").unwrap();
    assert!(store.all().unwrap().is_empty());
    assert_eq!(store.current().user, None);
    assert!(store.current().warnings.is_empty());
    assert_eq!(store.get(&host("h"), &user("u"), &key(A)).unwrap(), None);
    assert!(store.find_key(&host("h"), &key(A)).unwrap().is_empty());
    assert!(store.sessions_of(&host("i"), &user("u")).is_empty());
    for name in ["h", "i"] {
        let error = store.add(&session(name, "u", A)).unwrap_err().to_string();
        assert!(error.starts_with("cannot make the directory"), "{error}");
    }
}

#[test]
fn directories_that_no_login_makes_are_reported_once_if_they_hold_files() {
    let (_dir, store) = new_store();
    for path in ["a b/u", "empty dir/u", "h/._LASTx", "x%2fy/u"] {
        fs::create_dir_all(store.dir().join(path)).unwrap();
    }
    for path in ["a b/u/1", "a b/u/2", "h/._LASTx/1", "x%2fy/u/1"] {
        fs::write(store.dir().join(path), "omero.host=h\n").unwrap();
    }
    let reasons = reasons(&store);
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(reasons[0].contains("a b in the session store: its server's directory"));
    assert!(reasons[1].contains("._LASTx in the session store: its user's directory"));
    assert!(reasons[2].contains("x%2fy in"));
}

#[test]
fn the_store_is_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("afile");
    fs::write(&file, "mine").unwrap();
    for path in [file.clone(), file.join("x")] {
        let error = Store::open(&path).unwrap_err();
        let expected = format!(
            "Could not access session dir: {}\nomero: reason: {} is not a directory",
            path.display(),
            file.display()
        );
        assert_eq!((error.to_string(), error.exit_code()), (expected, 155));
    }
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

#[cfg(target_os = "linux")]
#[test]
fn the_error_names_the_directory_that_the_system_refused() {
    let error = Store::open(Path::new("/proc/nope/x")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Could not access session dir: /proc/nope\n\
         omero: reason: No such file or directory (os error 2)"
    );
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::time::{Duration, Instant};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn names_that_are_no_text_are_reported() {
        let (_dir, store) = new_store();
        let odd = OsStr::from_bytes(b"\xff");
        let (h, u) = (Path::new("h"), Path::new("u"));
        for dir in [Path::new(odd).join("u"), h.join(odd), h.join(u)] {
            fs::create_dir_all(store.dir().join(&dir)).unwrap();
        }
        for file in [
            Path::new(odd).join("u/1"),
            h.join(odd).join("1"),
            h.join(u).join(odd),
        ] {
            fs::write(store.dir().join(file), "omero.host=h\n").unwrap();
        }
        assert_eq!(reasons(&store).len(), 3);
        fs::write(store.dir().join("._LASTHOST_"), b"\xff").unwrap();
        let warnings = store.current().warnings;
        assert!(
            warnings[0].line().ends_with("it is not valid UTF-8"),
            "{warnings:?}"
        );
    }

    #[test]
    fn links_are_followed_but_what_they_lead_to_is_not_changed() {
        let (dir, store) = new_store();
        store.add(&session("h", "u", "mine")).unwrap();
        let outside = dir.path().join("outside");
        fs::write(&outside, "omero.host=h\n").unwrap();
        set_mode(&outside, 0o644);
        symlink(&outside, store.dir().join("h/u/link")).unwrap();
        assert_eq!(store.count().unwrap(), 2);
        assert_eq!(mode(&outside), 0o644);

        store.add(&session("h", "u", "link")).unwrap();
        assert_eq!(
            fs::read_to_string(&outside).unwrap(),
            "omero.host=h\n",
            "replaced the link"
        );
        symlink(&outside, store.dir().join("h/u/again")).unwrap();
        assert!(store.remove(&host("h"), &user("u"), &key("again")).unwrap());
        assert!(outside.exists(), "removed the link");

        symlink(dir.path().join("nowhere"), store.dir().join("h/u/dangling")).unwrap();
        assert_eq!(
            store.get(&host("h"), &user("u"), &key("dangling")).unwrap(),
            None
        );
        symlink("loop", store.dir().join("h/u/loop")).unwrap();
        assert_eq!(store.count().unwrap(), 2);
    }

    #[test]
    fn a_linked_lock_makes_no_file_elsewhere() {
        let (dir, store) = new_store();
        let target = dir.path().join("made");
        symlink(&target, store.dir().join("._LOCK_")).unwrap();
        let error = store.add(&session("h", "u", A)).unwrap_err().to_string();
        assert!(error.starts_with("cannot lock"), "{error}");
        assert!(!target.exists());
        let left = tree(store.dir());
        assert!(
            left.is_empty(),
            "the unfinished file is taken away: {left:?}"
        );
    }

    #[test]
    fn pipes_are_not_waited_for() {
        let (_dir, store) = new_store();
        store.add(&session("h", "u", A)).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(store.dir().join("h/u/pipe"))
            .arg(store.dir().join("._LASTHOST_"))
            .status()
            .unwrap();
        assert!(made.success());
        let start = Instant::now();
        assert!(store.get(&host("h"), &user("u"), &key("pipe")).is_err());
        assert_eq!(store.count().unwrap(), 1);
        assert_eq!(store.current().host, None);
        assert!(start.elapsed() < Duration::from_secs(600));
    }

    #[test]
    fn what_omero_py_left_open_is_closed_to_others() {
        let (_dir, store) = new_store();
        store.add_as_current(&session("h", "u", A)).unwrap();
        let paths = [
            (store.dir().to_owned(), 0o755, 0o700),
            (store.dir().join("h"), 0o755, 0o700),
            (store.dir().join("h/u"), 0o775, 0o700),
            (store.path_of(&host("h"), &user("u"), &key(A)), 0o644, 0o600),
            (store.dir().join("._LASTHOST_"), 0o666, 0o600),
            (store.dir().join("h/u/._LASTSESS_"), 0o444, 0o400),
        ];
        for (path, open, _) in &paths {
            set_mode(path, *open);
        }
        let store = open(store.dir());
        assert!(store.take_warnings().is_empty());
        store.current();
        store.all().unwrap();
        for (path, _, closed) in &paths {
            assert_eq!(mode(path), *closed, "{}", path.display());
        }
    }

    #[test]
    fn a_directory_for_everybody_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        set_mode(dir.path(), 0o1777);
        let error = Store::open(dir.path()).unwrap_err();
        assert!(
            error.to_string().contains("it is shared by all users"),
            "{error}"
        );
        assert_eq!(error.exit_code(), 155);
        assert_eq!(mode(dir.path()), 0o1777);
    }

    #[test]
    fn relative_directories_and_missing_parents_work_and_are_private() {
        let dir = tempfile::tempdir().unwrap();
        open(&dir.path().join("a/b/./c/../d"));
        for made in ["a", "a/b", "a/b/c", "a/b/d"] {
            assert_eq!(mode(&dir.path().join(made)), 0o700, "{made}");
        }
    }
}
