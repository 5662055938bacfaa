use std::fs;
use std::thread;

use super::*;

fn fingerprint(seed: u8) -> Fingerprint {
    Fingerprint::of(&[seed])
}

fn store() -> (tempfile::TempDir, KnownServers) {
    let directory = tempfile::tempdir().unwrap();
    let known = KnownServers::new(directory.path().join("omero"));
    (directory, known)
}

#[test]
fn what_is_accepted_is_remembered_until_removed() {
    let (_directory, known) = store();
    assert_eq!(known.list().unwrap(), Servers::new());
    assert!(!known.path().exists(), "reading makes nothing");
    assert_eq!(known.remove("h:1").unwrap(), None);
    assert!(!known.path().exists(), "removing nothing makes nothing");
    assert_eq!(known.accept("h:1", fingerprint(1)).unwrap(), None);
    let before = known.accept("h:1", fingerprint(2)).unwrap().unwrap();
    assert_eq!(
        (before.fingerprint, before.trusted_by),
        (fingerprint(1), TrustedBy::User)
    );
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
    assert!(error.contains("everyone can write it"), "{error}");
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
    assert!(remember(None, fingerprint(1), TrustedBy::FirstUse).unwrap());
    assert!(!remember(None, fingerprint(1), TrustedBy::FirstUse).unwrap());
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
    let held = Lock::take(known.path().parent().unwrap()).unwrap();
    assert!(known.get("h:1").unwrap().is_some(), "reading needs no lock");
    let error = known.accept("h:1", fingerprint(2)).unwrap_err().to_string();
    assert!(error.contains("another program holds"), "{error}");
    drop(held);
    known.accept("h:1", fingerprint(2)).unwrap();
}
