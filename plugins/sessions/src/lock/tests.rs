use super::*;

const SOON: Duration = Duration::from_millis(50);

fn held(outcome: Outcome) -> Lock {
    match outcome {
        Outcome::Held(lock) => lock,
        other => panic!("{other:?}"),
    }
}

#[test]
fn excludes_other_holders_in_the_same_process() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let lock = held(exclusive(&path, SOON).unwrap());
    let start = Instant::now();
    assert!(matches!(exclusive(&path, SOON).unwrap(), Outcome::Busy));
    assert!(shared(&path, SOON).is_none());
    assert!(start.elapsed() >= 2 * SOON);
    drop(lock);
    // A child that another thread is just starting may still hold a copy of it.
    held(exclusive(&path, Duration::from_secs(600)).unwrap());
}

#[test]
fn readers_share_it_and_make_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    assert!(shared(&path, SOON).is_none());
    assert!(!path.exists());
    held(exclusive(&path, SOON).unwrap());
    let one = shared(&path, SOON).unwrap();
    let two = shared(&path, SOON).unwrap();
    assert!(matches!(exclusive(&path, SOON).unwrap(), Outcome::Busy));
    drop((one, two));
    held(exclusive(&path, SOON).unwrap());
}

#[test]
fn waits_for_a_holder_who_finishes_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let lock = held(exclusive(&path, SOON).unwrap());
    let waiting = thread::spawn({
        let path = path.clone();
        move || exclusive(&path, Duration::from_secs(600)).unwrap()
    });
    thread::sleep(SOON);
    assert!(!waiting.is_finished());
    drop(lock);
    held(waiting.join().unwrap());
}

#[cfg(unix)]
#[test]
fn a_lock_on_a_file_that_was_removed_is_taken_again_on_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let lock = held(exclusive(&path, SOON).unwrap());
    let waiting = thread::spawn({
        let path = path.clone();
        move || held(exclusive(&path, Duration::from_secs(600)).unwrap())
    });
    thread::sleep(SOON); // it has opened the old file and waits for it
    std::fs::remove_file(&path).unwrap();
    drop(lock);
    let second = waiting.join().unwrap();
    assert!(path.exists(), "the second holder made a new file");
    assert!(
        matches!(exclusive(&path, SOON).unwrap(), Outcome::Busy),
        "and holds that one"
    );
    drop(second);
}

#[cfg(unix)]
#[test]
fn file_systems_without_locks_are_recognised() {
    use rustix::io::Errno;
    for errno in [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL] {
        assert!(is_unsupported(&errno.into()), "{errno}");
    }
    assert!(!is_unsupported(&Errno::ACCESS.into()));
    let dir = tempfile::tempdir().unwrap();
    let file = open_lock(&dir.path().join("lock"), true).unwrap();
    let refuse = |_: &File| Err(TryLockError::Error(Errno::NOLCK.into()));
    let outcome = poll(file, Instant::now(), refuse).unwrap();
    assert!(matches!(outcome, Asked::Unsupported));
}

/// The lock file of a file system without locks.
fn marker(path: &Path, wait: Duration, abandoned: Duration) -> Option<Marker> {
    Marker::take(path, Instant::now() + wait, abandoned).unwrap()
}

#[test]
fn a_lock_file_excludes_others_and_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let held = marker(&path, SOON, marker::ABANDONED).unwrap();
    assert!(marker(&path, SOON, marker::ABANDONED).is_none());
    drop(held);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    assert!(marker(&path, Duration::ZERO, marker::ABANDONED).is_some());
}

#[test]
fn an_abandoned_lock_file_is_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let lost = marker(&path, SOON, SOON).unwrap();
    let successor = marker(&path, Duration::from_secs(60), SOON).unwrap();
    // The former holder is not dead after all: it must not end the lock of its successor.
    drop(lost);
    assert!(marker(&path, SOON, marker::ABANDONED).is_none());
    drop(successor);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_lock_file_that_is_no_file_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    std::fs::create_dir(dir.path().join("lock.held")).unwrap();
    let error = Marker::take(&path, Instant::now() + SOON, SOON).unwrap_err();
    assert!(error.to_string().contains("is not a file"), "{error}");
}

#[test]
fn many_lock_files_exclude_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let (path, counter) = (dir.path().join("lock"), dir.path().join("counter"));
    std::fs::write(&counter, "0").unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let patient = Duration::from_secs(300);
                    let _held = marker(&path, patient, patient).unwrap();
                    let text = std::fs::read_to_string(&counter).unwrap();
                    let next = text.parse::<u32>().unwrap() + 1;
                    std::fs::write(&counter, next.to_string()).unwrap();
                }
            });
        }
    });
    assert_eq!(std::fs::read_to_string(&counter).unwrap(), "40");
}
