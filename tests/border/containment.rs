//! What becomes of plugins that misbehave, as docs/containment.md says: the session store and the
//! other plugins are none the worse for it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use omero_tests::server::TestServer;

use crate::room::{Room, server};

/// Ends a hang.
const HANG: Duration = Duration::from_secs(600);

/// A room with a session in its store.
struct Scene {
    room: Room,
    _server: TestServer,
    store: Vec<(String, String)>,
}

impl Scene {
    fn new() -> Self {
        let (room, server) = (Room::with_test_plugins(), server());
        room.log_in(&server);
        let store = room.store();
        Self {
            room,
            _server: server,
            store,
        }
    }

    /// Runs a misdeed and looks at what it left: the store as it was, the session alive, the other
    /// plugins at work.
    #[track_caller]
    fn survives(&mut self, line: &str, code: i32, stdout: &str, stderr: &str) {
        self.room
            .run(line)
            .expect_code(code)
            .expect_stdout(stdout)
            .expect_stderr(stderr)
            .and_no_more();
        self.is_unharmed();
    }

    #[track_caller]
    fn is_unharmed(&mut self) {
        assert_eq!(self.room.store(), self.store);
        self.room.sandbox.unset("MISBEHAVE_AT_LOAD");
        self.room
            .run("hello who -q")
            .expect_stdout("Hello root of localhost\n")
            .expect_stderr("")
            .success();
        assert_eq!(self.room.store(), self.store);
    }

    fn start(&self, line: &str) -> Child {
        let mut command: Command = self.room.sandbox.command(line.split_whitespace());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }
}

#[test]
fn a_panic_is_told_with_the_plugins_name() {
    let mut scene = Scene::new();
    let path = scene.room.plugins.join("libomero_misbehave.so");
    let path = path.display();
    let said = &format!("omero: error: the plugin misbehave ({path}) panicked: on purpose\n");
    scene.survives("misbehave panic", 70, "before\n", said);
    scene.survives(
        "hello invoke -- misbehave panic",
        0,
        "before\ncode 70\n",
        said,
    );
}

#[test]
fn a_pipe_of_its_own_that_breaks_is_a_failure() {
    let mut scene = Scene::new();
    let said = "Broken pipe (os error 32)\n";
    scene.survives("misbehave pipe", 1, "before\n", said);
    let line = "hello invoke -- misbehave pipe";
    scene.survives(line, 0, "before\ncode 1\n", said);
}

#[test]
fn a_panic_in_a_thread_of_its_own_ends_that_thread() {
    let mut scene = Scene::new();
    let said = scene.room.run("misbehave thread").expect_code(0);
    assert_eq!(said.stdout, "it panicked: true\n");
    let told = "omero: warning: a plugin's thread panicked at tests/plugins/misbehave/src/lib.rs:";
    assert!(said.stderr.starts_with(told), "{said:?}");
    assert!(said.stderr.ends_with(": in a thread\n"), "{said:?}");
    scene.is_unharmed();
}

#[test]
fn an_exit_behind_the_hosts_back_loses_no_output() {
    let mut scene = Scene::new();
    scene.survives("misbehave exit", 42, "buffered by the host\n", "");
}

#[test]
#[cfg(unix)]
fn what_kills_the_process_leaves_the_store_whole() {
    let mut scene = Scene::new();
    scene.survives("misbehave abort", 128 + 6, "", "");
    scene.survives("misbehave crash", 128 + 11, "", "");
}

#[test]
fn output_past_the_host_does_not_disturb_it() {
    let mut scene = Scene::new();
    let output = scene.room.run("misbehave print").expect_code(0);
    let mut lines: Vec<&str> = output.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["past the host", "through the host"]);
    scene.is_unharmed();
}

#[test]
#[cfg(unix)]
fn closed_streams_do_not_lead_output_into_files() {
    let mut scene = Scene::new();
    scene.survives(
        "misbehave close",
        0,
        "before\nafter\nHello world.\ncode 0\n",
        "omero: warning: after\n",
    );
    let data = scene.room.sandbox.tree("home/.local/share/omero");
    let mut files = data.iter().filter(|(name, _)| !name.ends_with(".so"));
    let named = |(name, content): (&String, &String)| {
        (name.ends_with("misbehave/1") || name.ends_with("misbehave/2")) && content.is_empty()
    };
    assert!(files.all(named), "{:?}", data.keys());
}

#[test]
fn a_flood_ends_when_nobody_reads_it() {
    let mut scene = Scene::new();
    let mut child = scene.start("misbehave flood");
    let line = first_line(child.stdout.take().unwrap(), HANG);
    assert_eq!(line, "more\n");
    // The pipe is closed now.
    assert!(ended(&mut child, HANG).contains("exit status: 0"));
    scene.is_unharmed();
}

#[test]
#[cfg(unix)]
fn the_second_ctrl_c_ends_what_does_not_listen() {
    let mut scene = Scene::new();
    let mut child = scene.start("misbehave block");
    let line = first_line(child.stdout.take().unwrap(), HANG);
    assert_eq!(line, "blocking\n");
    interrupt(&child);
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "once is a request");
    // Two that come before the first is handled are one to the system.
    while child.try_wait().unwrap().is_none() {
        interrupt(&child);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(ended(&mut child, HANG).contains("exit status: 130"));
    scene.is_unharmed();
}

#[test]
#[cfg(unix)]
fn a_plugin_that_never_finishes_loading_is_named_and_can_be_ended() {
    let mut scene = Scene::new();
    scene.room.sandbox.set("MISBEHAVE_AT_LOAD", "block");
    let mut child = scene.start("misbehave zero");
    let line = first_line(child.stderr.take().unwrap(), HANG);
    let path = scene.room.plugins.join("libomero_misbehave.so");
    let told = format!(
        "omero: warning: the plugin {} is still loading; Ctrl-C ends omero\n",
        path.display()
    );
    assert_eq!(line, told);
    // It blocks nobody else, not even those who list and describe it.
    scene
        .room
        .run("hello say")
        .expect_stdout("Hello world.\n")
        .success();
    let help = scene.room.run("help").success();
    assert!(help.contains("Do what plugins should not do"), "{help}");
    interrupt(&child);
    let how = ended(&mut child, HANG);
    assert!(
        how.contains("signal: 2") || how.contains("exit status: 130"),
        "{how}"
    );
    scene.is_unharmed();
}

#[test]
#[cfg(unix)]
fn what_ends_the_process_while_loading_ends_only_its_own_command() {
    let mut scene = Scene::new();
    for (misdeed, code) in [("exit", 43), ("abort", 128 + 6)] {
        scene.room.sandbox.set("MISBEHAVE_AT_LOAD", misdeed);
        scene
            .room
            .run("misbehave zero")
            .expect_code(code)
            .expect_stderr("")
            .expect_stdout("")
            .and_no_more();
        scene
            .room
            .run("hello say")
            .expect_stdout("Hello world.\n")
            .success();
        scene.is_unharmed();
    }
}

/// The first line that comes out of a pipe; none in time fails the test.
#[track_caller]
fn first_line(pipe: impl Read + Send + 'static, patience: Duration) -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(pipe).read_line(&mut line);
        sender.send(read.map(|_| line))
    });
    receiver.recv_timeout(patience).unwrap().unwrap()
}

/// Sends what Ctrl-C sends.
#[cfg(unix)]
fn interrupt(child: &Child) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

/// Waits for a process and tells how it ended; one that does not end fails the test.
#[track_caller]
fn ended(child: &mut Child, patience: Duration) -> String {
    let start = Instant::now();
    while start.elapsed() < patience {
        if let Some(status) = child.try_wait().unwrap() {
            return status.to_string();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    let mut said = String::new();
    let stderr = child.stderr.take();
    stderr.map(|mut pipe| pipe.read_to_string(&mut said));
    panic!("it did not end; it said:\n{said}");
}
