use super::*;

#[test]
fn a_file_staged_but_not_committed_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("k");
    fs::write(&target, "old").unwrap();
    let staged = Staged::write(&target, b"new").unwrap();
    assert_eq!(
        fs::read(&target).unwrap(),
        b"old",
        "the target is not touched yet"
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    drop(staged);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

    Staged::write(&target, b"new").unwrap().commit().unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_commit_that_fails_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("k");
    fs::create_dir(&target).unwrap();
    assert!(Staged::write(&target, b"new").unwrap().commit().is_err());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn reading_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("k");
    fs::write(&path, "12345").unwrap();
    assert_eq!(read(&path, 5).unwrap().unwrap().bytes, b"12345");
    assert!(read(&path, 4).is_err());
    assert!(read(&dir.path().join("none"), 4).unwrap().is_none());
    assert!(read(&path.join("below"), 4).unwrap().is_none());
    assert!(read(dir.path(), 4).is_err(), "a directory is no file");
}

#[cfg(target_os = "linux")]
#[test]
fn endless_files_are_refused() {
    let Err(error) = read(Path::new("/dev/zero"), 4) else {
        panic!("read /dev/zero")
    };
    assert_eq!(error.to_string(), "it is not a file");
}
