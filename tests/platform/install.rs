//! Installing, updating and confirming.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::Command,
    time::{Duration, SystemTime},
};

use crate::room::{Room, hello, mode};

#[test]
fn an_installed_library_runs_and_is_recorded() {
    let room = Room::new();
    let source = hello().to_str().unwrap();
    let output = room.omero(&["plugin", "install", source]).expect_code(0);
    let path = room.library("hello");
    assert_eq!(
        output.stdout,
        format!("Installed hello 0.1.0 ({})\n", path.display())
    );
    assert_eq!((mode(&room.plugins()), mode(&path)), (0o700, 0o600));
    assert_eq!(room.omero(&["hello", "say"]).success(), "Hello world.\n");
    assert_eq!(room.state(&path), "ok");

    let sum = Command::new("sha256sum").arg(hello()).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    let sum = sum.split_whitespace().next().unwrap();
    let record = room.record("hello");
    for line in [
        "name: hello".to_owned(),
        "version: 0.1.0".to_owned(),
        format!("sha256: {sum}"),
        format!("source: {source}"),
        format!("path: {}", path.display()),
    ] {
        assert!(record.contains(&line), "{line}\n{record}");
    }
    let info = room
        .omero(&["plugin", "info", "hello", "--style", "csv"])
        .success();
    for line in [
        "Name,hello",
        "Version,0.1.0",
        "Proposes,hi = hello say",
        "Exit code,523: what `hello fail` ends with",
        "Command,hello say: Greet",
        &format!("SHA-256,{sum}"),
    ] {
        assert!(info.lines().any(|l| l == line), "{line}\n{info}");
    }
    assert_eq!(
        fs::read_dir(room.plugins()).unwrap().count(),
        1,
        "nothing is left over"
    );
}

#[test]
fn installing_again_replaces_the_library() {
    let room = Room::with_hello();
    let before = room
        .library("hello")
        .metadata()
        .unwrap()
        .modified()
        .unwrap();
    let output = room.omero(&["plugin", "install", hello().to_str().unwrap()]);
    let output = output.expect_code(0);
    assert!(
        output.stdout.starts_with("Installed hello 0.1.0 again ("),
        "{output:?}"
    );
    assert!(
        room.library("hello")
            .metadata()
            .unwrap()
            .modified()
            .unwrap()
            > before
    );
    room.omero(&["hello", "say"]).success();
}

#[test]
fn a_changed_library_is_refused_until_confirmed() {
    let room = Room::with_hello();
    let path = room.library("hello");
    let time = path.metadata().unwrap().modified().unwrap();
    append(&path, b"changed");
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    let refused = room.omero(&["hello", "say"]).expect_code(126);
    let shown = path.display();
    assert_eq!(
        refused.stderr,
        format!(
            "omero: error: the plugin {shown} is not trusted\n\
             omero: reason: it is not the file that `omero plugin install` put there: its SHA-256 \
             is another one\n\
             omero: hint: if you changed it yourself, confirm it: omero plugin install {shown}\n"
        )
    );
    assert_eq!(
        room.state(&path),
        "broken: it is not the file that was installed"
    );
    // The other plugins are none the worse for it.
    room.omero(&["sessions", "list"])
        .expect_stderr("")
        .success();
    room.omero(&["plugin", "install", path.to_str().unwrap()])
        .success();
    assert_eq!(room.state(&path), "ok");
    room.omero(&["hello", "say"]).success();
    let source = format!("source: {}", hello().display());
    assert!(
        room.record("hello").contains(&source),
        "the source stays known"
    );
}

#[test]
fn a_library_that_only_looks_changed_runs_and_is_not_read_twice() {
    let room = Room::with_hello();
    let path = room.library("hello");
    let before = room.record("hello");
    let then = SystemTime::now() - Duration::from_secs(3600);
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(then)
        .unwrap();
    room.omero(&["hello", "say"]).success();
    let after = room.record("hello");
    assert_ne!(before, after, "the new stamp is remembered");
    room.omero(&["hello", "say"]).success();
    assert_eq!(room.record("hello"), after);
}

#[test]
fn a_record_that_cannot_be_read_is_no_licence() {
    let room = Room::with_hello();
    room.sandbox.write(
        "home/.local/share/omero/installed/hello.yaml",
        "installed: [",
    );
    let refused = room.omero(&["hello", "say"]).expect_code(78);
    assert!(
        refused.stderr.contains("hello.yaml cannot be used"),
        "{refused:?}"
    );
    assert!(
        room.state(&room.library("hello"))
            .starts_with("broken: the record ")
    );
    let installed = room
        .omero(&["plugin", "install", hello().to_str().unwrap()])
        .expect_code(0);
    let words = "omero: warning: hello has a new record, and is enabled even if it was disabled: ";
    assert!(installed.stderr.contains(words), "{installed:?}");
    assert!(
        installed.stderr.contains("hello.yaml cannot be used"),
        "{installed:?}"
    );
    room.omero(&["hello", "say"]).success();
    let again = room
        .omero(&["plugin", "install", hello().to_str().unwrap()])
        .expect_code(0);
    assert!(!again.stderr.contains("new record"), "{again:?}");
}

#[test]
fn archives_of_a_library() {
    let room = Room::new();
    let folder = hello().parent().unwrap().to_str().unwrap();
    let pack = |archive: &str, arguments: &[&str]| {
        let path = room.sandbox.path(archive);
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(&path).args(arguments);
        assert!(tar.status().unwrap().success());
        path.to_str().unwrap().to_owned()
    };
    let archive = pack("hello.tar.gz", &["-C", folder, "libomero_hello.so"]);
    let output = room.omero(&["plugin", "install", &archive]).expect_code(0);
    assert!(
        output.stdout.starts_with("Installed hello 0.1.0 "),
        "{output:?}"
    );
    room.omero(&["hello", "say"]).success();
    assert_eq!(room.sandbox.tree("tmp").len(), 0, "nothing is left over");

    room.sandbox.write("README", "nothing in it");
    let root = room.sandbox.root().to_str().unwrap().to_owned();
    for (name, program) in [
        ("hello.tar.xz", "tar -cJf"),
        ("hello.zip", "python3 -m zipfile -c"),
    ] {
        let words: Vec<&str> = program.split(' ').collect();
        let mut pack = Command::new(words[0]);
        pack.args(&words[1..])
            .arg(room.sandbox.path(name))
            .arg("libomero_hello.so")
            .current_dir(folder);
        assert!(pack.status().unwrap().success());
        let again = room.omero(&["plugin", "install", name]).success();
        assert!(again.starts_with("Installed hello 0.1.0 again "), "{again}");
    }
    let empty = pack("empty.tgz", &["-C", &root, "README"]);
    let refused = room.omero(&["plugin", "install", &empty]).expect_code(1);
    assert!(refused.stderr.contains("holds neither"), "{refused:?}");
    assert_eq!(room.sandbox.tree("tmp").len(), 0);
}

#[test]
fn what_cannot_be_installed_is_named() {
    let room = Room::new();
    let missing = room
        .omero(&["plugin", "install", "no/such.so"])
        .expect_code(1);
    assert!(
        missing.stderr.contains("no/such.so cannot be installed: "),
        "{missing:?}"
    );
    room.sandbox.write("folder/README", "");
    let folder = room.omero(&["plugin", "install", "folder"]).expect_code(1);
    assert!(folder.stderr.contains("holds no Cargo.toml"), "{folder:?}");
    room.refuses(&["plugin", "install"], 2);
    room.refuses(&["plugin"], 2);
}

#[test]
fn proposed_aliases_become_the_users_only_with_consent() {
    let room = Room::new();
    let source = hello().to_str().unwrap();
    let output = room.omero(&["plugin", "install", source]).expect_code(0);
    assert_eq!(
        output.stderr,
        "omero: note: the plugin proposes the alias `hi` for `hello say`; to have it: \
         omero alias set hi 'hello say'\n"
    );
    for (answer, code, said) in [("", 2, ""), ("n", 2, ""), ("y", 0, "Hello Ana.\n")] {
        let room = Room::new();
        let mut terminal = room.sandbox.terminal(["plugin", "install", source]);
        terminal.expect("Set the alias `hi` for `hello say`? [y/N] ");
        terminal.send(answer);
        assert_eq!(terminal.finish().code, 0);
        let ran = room.omero(&["hi", "Ana"]).expect_code(code);
        assert_eq!(ran.stdout, said, "{answer:?}");
        // The answer is remembered.
        room.omero(&["plugin", "install", source])
            .expect_stderr("")
            .success();
    }
}

#[test]
fn two_installations_at_once_leave_one_whole_plugin() {
    let room = Room::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                room.omero(&["plugin", "install", hello().to_str().unwrap()])
                    .success();
            });
        }
    });
    assert_eq!(room.state(&room.library("hello")), "ok");
    assert_eq!(fs::read_dir(room.plugins()).unwrap().count(), 1);
    room.omero(&["hello", "say"]).success();
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = File::options().append(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}
