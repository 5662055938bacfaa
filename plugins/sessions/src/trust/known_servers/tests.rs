use std::fs;
use std::thread;

use super::*;
use crate::lock::{self, Outcome};

fn fingerprint(seed: u8) -> Fingerprint {
    Fingerprint::of(&[seed])
}

fn store() -> (tempfile::TempDir, KnownServers) {
    let directory = tempfile::tempdir().unwrap();
    let known = KnownServers::new([PinFile::in_user_directory(&directory.path().join("omero"))]);
    (directory, known)
}

impl KnownServers {
    /// The file in the user directory.
    pub fn path(&self) -> PathBuf {
        self.files[0].path().to_owned()
    }
}

#[test]
fn what_is_accepted_is_remembered_until_removed() {
    let (_directory, known) = store();
    assert_eq!(known.list().unwrap(), Servers::new());
    assert!(!known.path().exists(), "reading makes nothing");
    assert_eq!(known.remove("h:1").unwrap(), None);
    assert!(!known.path().exists(), "removing nothing makes nothing");
    assert_eq!(known.accept("h:1", fingerprint(1)).unwrap(), None);
    assert!(known.path().exists());
    let before = known.get("h:1").unwrap().unwrap();
    assert_eq!(
        (before.fingerprint, before.trusted_by),
        (fingerprint(1), TrustedBy::User)
    );
    known.accept("h:1", fingerprint(2)).unwrap();
    known
        .remember("[::1]:4064", None, fingerprint(3), TrustedBy::FirstUse)
        .unwrap();
    let listed = known.list().unwrap();
    assert_eq!(listed.keys().collect::<Vec<_>>(), ["[::1]:4064", "h:1"]);
    assert_eq!(
        known.get("h:1").unwrap().unwrap().fingerprint,
        fingerprint(2)
    );
    assert!(
        listed["h:1"].since.ends_with('Z'),
        "{}",
        listed["h:1"].since
    );
    assert_eq!(
        known.remove("h:1").unwrap().unwrap().fingerprint,
        fingerprint(2)
    );
    assert_eq!(known.get("h:1").unwrap(), None);
}

#[test]
fn the_file_can_be_read_by_people() {
    let (_directory, known) = store();
    known.accept("h:1", fingerprint(1)).unwrap();
    let text = fs::read_to_string(known.path()).unwrap();
    assert!(text.contains("omero sessions server"), "{text}");
    assert!(
        text.contains("h:1:") && text.contains("trusted_by: user"),
        "{text}"
    );
    assert!(text.contains(&fingerprint(1).to_string()), "{text}");
}

#[test]
fn an_editor_may_leave_a_byte_order_mark_and_returns() {
    let (_directory, known) = store();
    known.accept("h:1", fingerprint(1)).unwrap();
    let text = fs::read_to_string(known.path()).unwrap();
    let text = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    fs::write(known.path(), text).unwrap();
    assert!(known.get("h:1").unwrap().is_some());
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_or_writes_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, known) = store();
    known.accept("h:1", fingerprint(1)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&known.path()), 0o600);
    assert_eq!(mode(known.path().parent().unwrap()), 0o700);
    fs::set_permissions(known.path(), fs::Permissions::from_mode(0o666)).unwrap();
    let error = known.get("h:1").unwrap_err().to_string();
    assert!(
        error.contains("every user of this machine can write it"),
        "{error}"
    );
}

#[test]
fn a_file_that_makes_no_sense_is_reported_and_kept() {
    let (_directory, known) = store();
    known.accept("h:1", fingerprint(1)).unwrap();
    let good = fs::read_to_string(known.path()).unwrap();
    let bad_fingerprint = good.replace("SHA256:", "SHA256:XX");
    let unknown_key = format!("{good}more: 1\n");
    let cut = &good[..good.len() - 60];
    for text in [
        "",
        "[]",
        "servers: 5",
        "\u{0}",
        &bad_fingerprint,
        &unknown_key,
        cut,
    ] {
        fs::write(known.path(), text).unwrap();
        for error in [
            known.list().unwrap_err(),
            known.get("h:1").unwrap_err(),
            known.accept("h:2", fingerprint(2)).unwrap_err(),
            known.remove("h:1").unwrap_err(),
        ] {
            assert!(matches!(error, TrustError::Store { .. }), "{error}");
            assert!(error.to_string().contains("known_servers.yaml"), "{error}");
        }
        assert_eq!(fs::read_to_string(known.path()).unwrap(), text);
    }
}

#[test]
fn what_another_program_remembered_meanwhile_counts() {
    let (_directory, known) = store();
    let remember = |expected, offered, by| known.remember("h:1", expected, offered, by);
    let is_new = |remembered: Result<Remembered, _>| remembered.unwrap().is_new;
    assert!(is_new(remember(None, fingerprint(1), TrustedBy::FirstUse)));
    assert!(!is_new(remember(None, fingerprint(1), TrustedBy::FirstUse)));
    let error = remember(None, fingerprint(2), TrustedBy::FirstUse).unwrap_err();
    let (server, remembered, offered) = ("h:1".to_owned(), fingerprint(1), fingerprint(2));
    assert_eq!(
        error,
        TrustError::Changed {
            server,
            remembered,
            offered
        }
    );
    assert_eq!(
        known.get("h:1").unwrap().unwrap().fingerprint,
        fingerprint(1)
    );
    remember(Some(fingerprint(1)), fingerprint(2), TrustedBy::Roots).unwrap();
    assert_eq!(
        known.get("h:1").unwrap().unwrap().trusted_by,
        TrustedBy::Roots
    );
}

#[test]
fn nothing_is_lost_when_many_write() {
    let (_directory, known) = store();
    thread::scope(|scope| {
        for writer in 0..8_u8 {
            let known = &known;
            scope.spawn(move || {
                for server in 0..5 {
                    known
                        .accept(&format!("h{writer}:{server}"), fingerprint(writer))
                        .unwrap();
                    // A reader never sees half a file.
                    known.list().unwrap();
                }
            });
        }
    });
    assert_eq!(known.list().unwrap().len(), 40);
    let entries = fs::read_dir(known.path().parent().unwrap())
        .unwrap()
        .count();
    assert_eq!(entries, 2, "only the file and its lock are left");
}

#[test]
fn a_lock_that_is_never_given_up_is_reported() {
    let (_directory, known) = store();
    known.accept("h:1", fingerprint(1)).unwrap();
    let path = known.path().with_file_name(".known_servers.lock");
    // A child that another thread is just starting may still hold a copy of the lock of `accept`.
    let held = match lock::exclusive(&path, std::time::Duration::from_secs(600)).unwrap() {
        Outcome::Held(lock) => lock,
        Outcome::Busy => panic!("nothing holds the lock"),
    };
    assert!(known.get("h:1").unwrap().is_some(), "reading needs no lock");
    let error = known.accept("h:1", fingerprint(2)).unwrap_err().to_string();
    assert!(error.contains("another program holds"), "{error}");
    drop(held);
    known.accept("h:1", fingerprint(2)).unwrap();
}

/// A user directory that is a file, and a session directory.
fn blocked() -> (tempfile::TempDir, KnownServers) {
    let directory = tempfile::tempdir().unwrap();
    let (user, sessions) = (directory.path().join("omero"), directory.path().join("s"));
    fs::write(&user, "").unwrap();
    let files = [
        PinFile::in_user_directory(&user),
        PinFile::beside_sessions(&sessions),
    ];
    (directory, KnownServers::new(files))
}

#[test]
fn a_server_is_remembered_beside_the_sessions_where_the_user_directory_is_of_no_use() {
    let (directory, known) = blocked();
    let remember = |expected, seed| {
        let offered = fingerprint(seed);
        known.remember("beside:1", expected, offered, TrustedBy::FirstUse)
    };
    let remembered = remember(None, 1).unwrap();
    let (path, reason) = remembered.elsewhere.unwrap();
    assert!(remembered.is_new && path == directory.path().join("s/._KNOWN_SERVERS_"));
    assert!(!reason.is_empty());
    assert!(matches!(remember(None, 2), Err(TrustError::Changed { .. })));
    // Once the user directory can be used, it is asked first.
    fs::remove_file(directory.path().join("omero")).unwrap();
    assert!(known.get("beside:1").unwrap().is_some());
    let elsewhere = known.accept("beside:1", fingerprint(3)).unwrap();
    assert_eq!(elsewhere, None);
    assert!(known.path().exists());
    let beside = fs::read_to_string(&path).unwrap();
    assert!(
        !beside.contains("beside:1"),
        "no second opinion stays: {beside}"
    );
    known.remove("beside:1").unwrap();
    assert_eq!(known.get("beside:1").unwrap(), None);
}

#[test]
fn a_server_that_can_be_kept_nowhere_is_known_for_the_rest_of_the_process() {
    let (directory, known) = blocked();
    fs::write(directory.path().join("s"), "").unwrap();
    let remember = |seed| known.remember("nowhere:1", None, fingerprint(seed), TrustedBy::FirstUse);
    assert!(matches!(remember(1), Err(TrustError::Store { .. })));
    let now = known.get("nowhere:1").unwrap().unwrap();
    assert_eq!(now.fingerprint, fingerprint(1));
    assert!(known.unsaved_reason("nowhere:1").is_some());
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_of_this_user_is_never_taken_for_no_file() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (directory, known) = store();
    let path = known.path();
    fs::create_dir(path.parent().unwrap()).unwrap();
    let refused = |words: &str| {
        let error = known.get("h:1").unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        if path.is_dir() {
            fs::remove_dir(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
    };
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    refused("it is not a file");
    fs::create_dir(&path).unwrap();
    refused("it is not a file");
    symlink("nowhere", &path).unwrap();
    refused("a link to a file that does not exist");
    symlink("known_servers.yaml", &path).unwrap();
    refused("symbolic links");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    refused("every user of this machine can write it");
    // A link to a good file is followed, and stays a link.
    let kept = directory.path().join("kept.yaml");
    symlink(&kept, &path).unwrap();
    fs::write(&kept, "servers: {}\n").unwrap();
    known.accept("h:1", fingerprint(1)).unwrap();
    assert!(path.is_symlink() && fs::read_to_string(&kept).unwrap().contains("h:1"));
}
