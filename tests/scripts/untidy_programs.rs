//! Programs of a script that damage their session directory, and servers that fall silent meanwhile.

use std::{
    fs,
    time::{Duration, Instant},
};

use omero_tests::server::Fault;

use crate::stage::Stage;

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
