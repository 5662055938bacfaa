//! Tests that need a process of their own. Each `#[ignore]`d test is a role that the test above it
//! lets a child play: this test binary, run again with the store's directory in its environment.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::concurrency::{assert_consistent, hammer, observe};
use super::*;

const DIR: &str = "OMERO_TEST_STORE";
const ARGUMENT: &str = "OMERO_TEST_ARGUMENT";

/// An ordinary user's id, which is not the one of whoever runs the tests as root.
const NOBODY: u32 = 65534;

fn child(program: &Path, role: &str, dir: &Path, argument: &str) -> Command {
    let name = format!("store::tests::children::{role}");
    let mut command = Command::new(program);
    command.args(["--exact", "--ignored", "--nocapture", &name]);
    command.env(DIR, dir).env(ARGUMENT, argument);
    command
}

fn this_program() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// The store that a role works on; `None` if a human runs the ignored tests.
fn role_dir() -> Option<PathBuf> {
    std::env::var_os(DIR).map(PathBuf::from)
}

fn argument() -> String {
    std::env::var(ARGUMENT).unwrap()
}

/// Plays a role to its end and asserts that it went well.
fn play(mut command: Command) {
    let output = loop {
        match command.output() {
            // Another test's child, not yet gone over to its program, still has the copy open.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {}
            output => break output.unwrap(),
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(text.contains("1 passed"), "no such role: {text}");
}

#[test]
fn four_processes_never_mix_their_logins() {
    let (_dir, store) = new_store();
    let mut children: Vec<Child> = (0..4)
        .map(|worker| {
            child(
                &this_program(),
                "role_hammer",
                store.dir(),
                &worker.to_string(),
            )
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
        })
        .collect();
    let running = std::cell::RefCell::new(&mut children);
    let all_done = || {
        running
            .borrow_mut()
            .iter_mut()
            .all(|child| child.try_wait().unwrap().is_some())
    };
    let looks = observe(&store, all_done);
    assert!(looks > 0, "the observer saw nothing");
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    assert_consistent(&store.current());
    assert_eq!(store.count().unwrap(), 4 * 10);
}

#[test]
#[ignore = "a role of four_processes_never_mix_their_logins"]
fn role_hammer() {
    let Some(dir) = role_dir() else { return };
    hammer(&open(&dir), argument().parse().unwrap(), 40);
}

#[test]
fn modes_are_right_whatever_the_umask() {
    for umask in ["000", "022", "077", "777"] {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let ordinary = Ordinary::new();
        play(ordinary.run("role_umask", &dir.path().join("a/s"), umask));
        assert_private(&dir.path().join("a"));
        assert_eq!(tree(&dir.path().join("a/s")).len(), 6);
    }
}

#[test]
#[ignore = "a role of modes_are_right_whatever_the_umask"]
fn role_umask() {
    let Some(dir) = role_dir() else { return };
    let mask = rustix::fs::RawMode::from_str_radix(&argument(), 8).unwrap();
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask));
    let store = open(&dir);
    assert_private(&dir);
    store
        .add_as_current(&session("wss://h", "u", "k1"))
        .unwrap();
    store
        .add_as_current(&session("wss://h", "u", "k2"))
        .unwrap();
    store
        .remove(&host("wss://h"), &user("u"), &key("k1"))
        .unwrap();
    assert_private(&dir);
}

#[test]
fn a_held_lock_stops_writers_in_time_and_readers_never_and_dies_with_its_holder() {
    let (_dir, mut store) = new_store();
    store.add_as_current(&session("h", "u", "k1")).unwrap();
    store.lock_wait = Duration::from_millis(200);
    let mut holder = child(&this_program(), "role_hold", store.dir(), "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(
        lines
            .map_while(Result::ok)
            .any(|line| line.contains("held")),
        "never locked"
    );

    let error = store.add_as_current(&session("h", "u", "k2")).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("locked by another omero process"),
        "{error}"
    );
    assert_eq!(store.current().key, Some(key("k1")));
    assert!(
        store
            .get(&host("h"), &user("u"), &key("k1"))
            .unwrap()
            .is_some()
    );
    assert_eq!(store.count().unwrap(), 1);
    // The holder would still hold it.
    assert!(holder.try_wait().unwrap().is_none());

    holder.kill().unwrap(); // SIGKILL: no chance to tidy up
    holder.wait().unwrap();
    store.add_as_current(&session("h", "u", "k2")).unwrap();
    assert_eq!(store.current().key, Some(key("k2")));
}

#[test]
#[ignore = "a role of a_held_lock_stops_writers_in_time_and_readers_never_and_dies_with_its_holder"]
fn role_hold() {
    let Some(dir) = role_dir() else { return };
    let store = open(&dir);
    let _lock = store.lock().unwrap();
    println!("\nheld");
    // Until it is killed, or the test has ended in another way.
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
}

/// Runs roles as an ordinary user: root is stopped by no mode, so the tests of refusals would
/// prove nothing. Whoever is not root is ordinary enough.
struct Ordinary {
    /// A place where the other user can read the program.
    copy: Option<tempfile::TempDir>,
}

impl Ordinary {
    fn new() -> Self {
        let copy = rustix::process::geteuid().is_root().then(|| {
            let dir = tempfile::tempdir().unwrap();
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
            // Not written by this process, whose children might inherit the open file: a program
            // that is open for writing cannot be run.
            let mut copying = Command::new("cp");
            copying.arg(this_program()).arg(dir.path().join("tests"));
            assert!(copying.status().unwrap().success());
            dir
        });
        Self { copy }
    }

    fn run(&self, role: &str, dir: &Path, argument: &str) -> Command {
        let Some(copy) = &self.copy else {
            return child(&this_program(), role, dir, argument);
        };
        let mut command = child(&copy.path().join("tests"), role, dir, argument);
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        command
    }

    /// Hands a tree over to the ordinary user.
    fn own(&self, dir: &Path) {
        if self.copy.is_some() {
            walk(dir, &mut |path| {
                std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            });
        }
    }
}

#[test]
fn stores_that_the_system_closes_are_errors_with_advice() {
    let ordinary = Ordinary::new();
    let (dir, store) = new_store();
    store.add_as_current(&session("h", "u", "k1")).unwrap();
    ordinary.own(dir.path());
    play(ordinary.run("role_closed", store.dir(), ""));
}

#[test]
#[ignore = "a role of stores_that_the_system_closes_are_errors_with_advice"]
fn role_closed() {
    let Some(dir) = role_dir() else { return };
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let (h, u, k) = (host("h"), user("u"), key("k1"));

    // Read-only: everything can be read, and making current what is current already is no change.
    let store = open(&dir);
    for path in [dir.join("h/u"), dir.join("h"), dir.clone()] {
        mode(&path, 0o500);
    }
    let store_again = open(&dir);
    assert!(store_again.get(&h, &u, &k).unwrap().is_some());
    store.set_current(&h, &u, &k, "4064").unwrap();
    for error in [
        store.add(&session("h", "u", "k2")).unwrap_err(),
        store
            .add_as_current(&session("new", "u", "k2"))
            .unwrap_err(),
        store.remove(&h, &u, &k).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(
            text.starts_with("cannot ") && text.contains("ermission denied"),
            "{text}"
        );
        assert_eq!(error.exit_code(), 1);
    }

    // What cannot be removed does not save the rest.
    mode(&dir, 0o700);
    store.add(&session("i", "u", "k1")).unwrap();
    assert!(store.remove(&h, &u, &k).is_err());
    assert!(store.remove(&host("i"), &u, &key("k1")).unwrap());
    assert_eq!(store.count().unwrap(), 1);

    // A session and a pointer that cannot be read.
    for path in [&dir, &dir.join("h"), &dir.join("h/u")] {
        mode(path, 0o700);
    }
    mode(&dir.join("h/u/k1"), 0);
    mode(&dir.join("h/u/._LASTSESS_"), 0);
    assert!(store.get(&h, &u, &k).is_err());
    assert!(store.all().unwrap()[0].is_err());
    let current = store.current();
    assert_eq!((current.user.as_ref(), current.key), (Some(&u), None));
    assert_eq!(current.warnings.len(), 1);

    closed_directories(&dir, &store);
}

/// Directories that cannot be entered.
fn closed_directories(dir: &Path, store: &Store) {
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let (h, k) = (host("h"), key("k1"));
    mode(&dir.join("h/u"), 0);
    assert!(store.all().unwrap()[0].is_err());
    mode(&dir.join("h"), 0);
    assert!(store.all().unwrap()[0].is_err());
    assert!(store.find_key(&h, &k).is_err());
    mode(dir, 0);
    assert_eq!(store.all().unwrap_err().exit_code(), 155);
    let below = dir.join("x");
    let error = Store::open(&below).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "Could not access session dir: {}\nomero: reason: {} cannot be entered: Permission \
             denied (os error 13); it belongs to uid {} (mode 0000)",
            below.display(),
            dir.display(),
            rustix::process::geteuid().as_raw()
        )
    );
    let hint = format!("run: chmod u+rwx {}", dir.display());
    assert_eq!(error.hint(), hint);
    mode(dir, 0o700);
    mode(&dir.join("h"), 0o700);
    mode(&dir.join("h/u"), 0o700);
}

#[test]
fn a_store_of_somebody_else_is_refused() {
    let ordinary = Ordinary::new();
    if ordinary.copy.is_none() {
        eprintln!("skipped: only root can give a directory away");
        return;
    }
    let (dir, store) = new_store();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(store.dir(), fs::Permissions::from_mode(0o777)).unwrap();
    std::os::unix::fs::chown(store.dir(), Some(12345), None).unwrap();
    play(ordinary.run(
        "role_refused",
        store.dir(),
        "it belongs to another user (uid 12345)",
    ));
    let warnings = open(store.dir()).take_warnings();
    assert!(
        warnings[0].line().contains("belongs to user 12345"),
        "root may, but is told"
    );

    std::os::unix::fs::chown(store.dir(), Some(0), None).unwrap();
    fs::set_permissions(store.dir(), fs::Permissions::from_mode(0o777)).unwrap();
    play(ordinary.run("role_refused", store.dir(), "others may write to it"));
    fs::set_permissions(store.dir(), fs::Permissions::from_mode(0o755)).unwrap();
    play(ordinary.run("role_told", store.dir(), "WARN: failed to chmod "));
}

#[test]
#[ignore = "a role of a_store_of_somebody_else_is_refused"]
fn role_refused() {
    let Some(dir) = role_dir() else { return };
    let error = Store::open(&dir).unwrap_err();
    assert!(error.to_string().contains(&argument()), "{error}");
    assert_eq!(error.exit_code(), 155);
}

#[test]
#[ignore = "a role of a_store_of_somebody_else_is_refused"]
fn role_told() {
    let Some(dir) = role_dir() else { return };
    let lines: Vec<String> = open(&dir)
        .take_warnings()
        .iter()
        .map(Warning::line)
        .collect();
    assert_eq!(lines, [format!("{}{}", argument(), dir.display())]);
}

#[test]
fn a_host_directory_of_somebody_else_is_a_trap() {
    let ordinary = Ordinary::new();
    if ordinary.copy.is_none() {
        eprintln!("skipped: only root can give a directory away");
        return;
    }
    let (dir, store) = new_store();
    store.add(&session("h", "u", "k1")).unwrap();
    ordinary.own(dir.path());
    std::os::unix::fs::chown(store.dir().join("h"), Some(12345), None).unwrap();
    fs::set_permissions(store.dir().join("h"), fs::Permissions::from_mode(0o777)).unwrap();
    play(ordinary.run("role_trapped", store.dir(), ""));
}

#[test]
#[ignore = "a role of a_host_directory_of_somebody_else_is_a_trap"]
fn role_trapped() {
    let Some(dir) = role_dir() else { return };
    let error = open(&dir)
        .add_as_current(&session("h", "v", "k2"))
        .unwrap_err();
    assert!(matches!(error, StoreError::NotPrivate { .. }), "{error}");
}
