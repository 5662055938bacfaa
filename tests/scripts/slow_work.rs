//! Work that takes its time: what is seen of it, and what Ctrl-C leaves behind.

use std::{thread, time::Duration};

use omero_tests::{pty::Terminal, server::Fault, waiting::eventually};

use crate::stage::Stage;

/// What is on a terminal after a query that the server thinks about for so many seconds.
fn slow_query(stage: &Stage, line: &str, seconds: u64) -> String {
    let pause = Fault::Delay(Duration::from_secs(seconds));
    stage.server.faults().on("projection", pause);
    let mut terminal = stage.terminal(line);
    if !line.starts_with("-q") {
        terminal.expect("enter 'q' or just enter.\n");
        terminal.send("q");
    }
    let ended = terminal.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    ended.screen
}

#[test]
fn progress_is_shown_after_a_second_and_goes_away() {
    const LINE: &str = "hql --style csv select g.id from ExperimenterGroup g";
    let mut stage = Stage::new();
    stage.sandbox.unset("NO_COLOR");
    stage.log_in("root", "omero");
    let screen = slow_query(&stage, LINE, 8);
    assert!(screen.contains(" Running the query"), "{screen:?}");
    assert!(screen.contains("\r\x1b[K"), "{screen:?}");
    let quiet = format!("-q {LINE}");
    assert!(!slow_query(&stage, &quiet, 2).contains("Running"));
    stage.sandbox.set("NO_COLOR", "1");
    assert!(!slow_query(&stage, LINE, 2).contains("Running"));
    stage.sandbox.unset("NO_COLOR");
    stage.sandbox.set("TERM", "dumb");
    assert!(!slow_query(&stage, LINE, 2).contains("Running"));
}

#[test]
fn a_listing_that_takes_its_time_says_so() {
    let mut stage = Stage::new();
    stage.sandbox.unset("NO_COLOR");
    stage.log_in("root", "omero");
    let pause = Fault::Delay(Duration::from_secs(8));
    stage.server.faults().on("createSession", pause);
    let ended = stage.terminal("sessions list").finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(
        ended.screen.contains(" Asking the servers"),
        "{:?}",
        ended.screen
    );
    assert!(ended.screen.contains("(1 row)"), "{:?}", ended.screen);
}

/// Interrupts a command while the server lets it wait for this operation.
fn interrupt_at(stage: &Stage, operation: &str, mut terminal: Terminal) {
    let before = stage.server.events().count(operation);
    while stage.server.events().count(operation) == before {
        thread::sleep(Duration::from_millis(2));
    }
    terminal.interrupt();
    let ended = terminal.finish();
    assert_eq!(ended.code, 130, "{}", ended.screen);
}

#[test]
fn ctrl_c_leaves_the_store_whole() {
    let stage = Stage::new();
    stage.log_in("test", "pw");
    let key = stage.log_in("root", "omero");
    let store = stage.sandbox.tree("home/omero/sessions");
    stage
        .sandbox
        .write("script", "sessions group\nsessions clear\n");
    for (operation, line) in [
        ("createSession", "login -C root@HOST -w omero"),
        ("getEventContext", "login -C root@HOST -w omero"),
        ("createSession", "sessions group"),
        ("createSession", "sessions clear"),
        ("createSession", "sessions list"),
        ("getEventContext", "sessions list"),
        // A script ends, too, whatever is left of it.
        ("createSession", "load script"),
        ("createSession", "load -k script"),
    ] {
        let slow = Fault::Delay(Duration::from_secs(600));
        stage.server.forget_events();
        stage.server.faults().on_every(operation, slow);
        interrupt_at(&stage, operation, stage.terminal(line));
        stage.server.faults().clear();
        let after = stage.sandbox.tree("home/omero/sessions");
        let names: Vec<&String> = after.keys().collect();
        assert!(after == store, "{line}: {names:?}");
        assert_eq!(stage.run("sessions key").success().trim(), key, "{line}");
    }
}

/// The session is stored and detached even so: the login itself has succeeded.
#[test]
fn ctrl_c_at_the_end_of_a_login_ends_the_script() {
    for line in ["load s", "load -k s", "-e LOGIN -e version"] {
        let stage = Stage::new();
        let login = format!("login root@{} -w omero", stage.host);
        stage.sandbox.write("s", format!("{login}\nversion\n"));
        let pause = Fault::Delay(Duration::from_millis(1500));
        stage.server.faults().on("detachOnDestroy", pause);
        let words: Vec<&str> = line.split(' ').collect();
        let words = words.iter().map(|word| match *word {
            "LOGIN" => login.as_str(),
            word => word,
        });
        let mut terminal = stage.sandbox.terminal(words);
        eventually("the login detaches", || {
            stage.server.events().count("detachOnDestroy") > 0
        });
        terminal.interrupt();
        let ended = terminal.finish();
        assert_eq!(ended.code, 130, "{line}: {}", ended.screen);
        assert!(!ended.screen.contains("omero version"), "{}", ended.screen);
        assert_eq!(stage.server.sessions().len(), 1, "{line}");
    }
}
