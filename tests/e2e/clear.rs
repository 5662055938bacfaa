//! `omero sessions clear` with many sessions, and other programs beside it.

use std::process::Stdio;

use omero_tests::{server::Fault, waiting::eventually};
use rustix::process::{Pid, Signal, kill_process};

use crate::stage::Stage;

/// How many sessions are cleared.
const COUNT: usize = 20;

/// How many sessions are stored.
fn stored(stage: &Stage) -> usize {
    let stored = stage.stored();
    stored.keys().filter(|path| !path.contains("._")).count()
}

#[test]
fn sessions_are_forgotten_one_by_one_and_a_login_beside_it_goes_on() {
    let stage = Stage::new();
    for _ in 0..COUNT {
        let _ = stage
            .run("login -C root@servername -w omero")
            .expect_code(0);
    }
    assert_eq!(stored(&stage), COUNT);
    // One session's end is never answered.
    stage.server.faults().on("closeSession", Fault::NoReply);
    let mut command = stage.sandbox.command(["sessions", "clear"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    eventually("one session is left", || stored(&stage) == 1);
    let _ = stage.run("login -C test@servername -w pw").expect_code(0);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    // The one whose end is not known, and the new one.
    assert_eq!(stored(&stage), 2);
    assert!(stage.server.sessions().contains_key(&stage.key()));
}
