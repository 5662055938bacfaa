//! Programs of a script that damage their session directory, and servers that fall silent meanwhile.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use omero_tests::server::Fault;

use crate::stage::Stage;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The default time limit of a call is ten minutes; a tenth of it is enough on a busy machine.
#[test]
fn a_silent_server_does_not_stop_the_script_after_a_program() {
    let stage = Stage::with_programs();
    stage.program(
        "bin/omero-wait",
        "touch \"$HOME/started\"; while [ ! -e \"$HOME/go\" ]; do sleep 0.01; done",
    );
    let key = stage.log_in("root", "omero");
    let script = stage.script("sessions group\nwait\nsessions key\n");
    stage.until(|| stage.sandbox.path("home/started").exists());
    let faults = stage.server.faults();
    for operation in ["getEventContext", "createSession"] {
        faults.on_every(operation, Fault::NoReply);
    }
    let start = Instant::now();
    stage.sandbox.write("home/go", "");
    assert_eq!(script.end(), 0);
    assert!(start.elapsed() < Duration::from_secs(120));
    faults.clear();
    assert_eq!(stage.run("sessions key").success(), format!("{key}\n"));
    assert_eq!(stage.server.sessions().len(), 1);
    assert_eq!(stage.left(), [""; 0]);
}

#[test]
fn a_link_in_place_of_the_directory_is_not_followed() {
    let stage = Stage::with_programs();
    stage.program(
        "bin/omero-swap",
        "rm -r \"$OMERO_SESSIONDIR\"; ln -s \"$HOME/precious\" \"$OMERO_SESSIONDIR\"",
    );
    let key = stage.log_in("root", "omero");
    let precious = stage.sandbox.path("home/precious");
    fs::create_dir(&precious).unwrap();
    fs::set_permissions(&precious, fs::Permissions::from_mode(0o755)).unwrap();
    let output = stage.load("swap\nsessions key\n").expect_code(0);
    assert_eq!(output.stdout, format!("{key}\n"));
    let reason = "it was replaced by a symbolic link";
    assert!(output.stderr.contains(reason), "{output:?}");
    assert_eq!(mode(&precious), 0o755);
    assert_eq!(fs::read_dir(&precious).unwrap().count(), 0);
}

#[test]
fn a_directory_that_the_program_removed_is_not_made_again() {
    let stage = Stage::with_programs();
    stage.program("bin/omero-clean", "rm -r \"$OMERO_SESSIONDIR\"");
    let key = stage.log_in("root", "omero");
    let output = stage.load("clean\nsessions key\n").expect_code(0);
    assert_eq!(output.stdout, format!("{key}\n"));
    assert_eq!(output.stderr, "");
    assert_eq!(stage.left(), [""; 0]);
}

#[test]
fn a_directory_that_others_can_change_is_left_as_it_is() {
    let stage = Stage::with_programs();
    stage.program("bin/omero-open", "chmod 770 \"$OMERO_SESSIONDIR\"");
    stage.log_in("root", "omero");
    let output = stage.load("open\n").expect_code(0);
    assert!(
        output.stderr.contains("others may write to it"),
        "{output:?}"
    );
    let left = stage.left();
    let path = stage.sandbox.path("tmp").join(&left[0]);
    assert_eq!((left.len(), mode(&path)), (1, 0o770));
}

#[test]
fn a_login_of_a_killed_script_outlives_the_absence_of_the_store() {
    const KEY: &str = "22fccb8b-d04c-49ec-9d52-116a163728ca";
    let mut stage = Stage::with_programs();
    stage.program(
        "bin/omero-die",
        &format!(
            "cd \"$OMERO_SESSIONDIR\"; mkdir -p THE-SERVER/test\n\
             printf 'omero.host=THE-SERVER\\nomero.user=test\\nomero.sess={KEY}\\n' > THE-SERVER/test/{KEY}\n\
             kill -9 $PPID"
        ),
    );
    stage.program("bin/omero-nothing", ":");
    stage.log_in("root", "omero");
    assert_eq!(stage.load("die\n").code, 128 + 9);
    let orphan = stage.left();
    assert_eq!(orphan.len(), 1);
    let (store, away) = (
        stage.sandbox.path("home/omero/sessions"),
        stage.sandbox.path("home/away"),
    );
    // Another store sweeps while this one is absent, as on a disk that is not mounted.
    fs::rename(&store, &away).unwrap();
    let other = stage.sandbox.path("other");
    fs::create_dir(&other).unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o700)).unwrap();
    stage.sandbox.set("OMERO_SESSIONDIR", &other);
    stage.load("nothing\n").success();
    assert_eq!(stage.left(), orphan);
    assert!(!store.exists());
    stage.sandbox.unset("OMERO_SESSIONDIR");
    fs::rename(&away, &store).unwrap();
    stage.load("nothing\n").success();
    assert_eq!(stage.left(), [""; 0]);
    let file = format!("home/omero/sessions/{}/test/{KEY}", stage.host);
    assert!(stage.sandbox.read(&file).contains(KEY));
}
