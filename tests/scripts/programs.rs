//! Programs, shell aliases and the fallback as lines of a script: they work on its session, and what
//! they do to it counts.

use std::{
    fs,
    io::{BufRead, BufReader, PipeWriter, Write},
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
    process::{Child, ChildStdout, Stdio},
    thread,
    time::Duration,
};

use crate::stage::Stage;

/// What OMERO.py knows of a session directory: the pointers to the current session.
const POINTERS: &str = r#"cd "$OMERO_SESSIONDIR"
host=$(cat ._LASTHOST_)
user=$(cat "$host/._LASTUSER_")
"#;

impl Stage {
    pub fn with_programs() -> Self {
        let mut stage = Self::new();
        let bin = stage.sandbox.path("bin");
        fs::create_dir(&bin).unwrap();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display());
        stage.sandbox.set("PATH", path);
        let config = stage.sandbox.write("config.yaml", "");
        stage.sandbox.set("OMERO_CONFIG", config);
        stage
    }

    pub fn program(&self, path: &str, script: &str) -> PathBuf {
        let script = script.replace("THE-SERVER", &self.host);
        self.sandbox.program(path, format!("#!/bin/sh\n{script}\n"))
    }

    /// The session directories of programs that are left.
    pub fn left(&self) -> Vec<String> {
        let names = fs::read_dir(self.sandbox.path("tmp")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|n| n.contains("omero-session-")).collect();
        names.sort();
        names
    }

    /// Starts a script with these lines; it ends with its input.
    pub fn script(&self, lines: &str) -> Script {
        let mut script = Script::start(self);
        script.input.write_all(lines.as_bytes()).unwrap();
        script
    }

    /// Waits until something is so.
    pub fn until(&self, mut so: impl FnMut() -> bool) {
        for _ in 0..12_000 {
            if so() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it never came true");
    }
}

/// A script on standard input, a line at a time.
pub struct Script {
    child: Child,
    input: PipeWriter,
    output: BufReader<ChildStdout>,
}

impl Script {
    fn start(stage: &Stage) -> Self {
        let (read, input) = std::io::pipe().unwrap();
        let mut command = stage.sandbox.command(["load"]);
        command
            .stdin(read)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    /// The first line of what a command prints.
    fn answer(&mut self, line: &str) -> String {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
        let mut text = String::new();
        self.output.read_line(&mut text).unwrap();
        text.trim_end().to_owned()
    }

    pub fn end(mut self) -> i32 {
        drop(self.input);
        self.child.wait().unwrap().code().unwrap()
    }
}

#[test]
fn every_kind_of_line_runs_as_the_script_whoever_logs_in_meanwhile() {
    let stage = Stage::with_programs();
    stage.program(
        "bin/omero-who",
        r#"echo "$OMERO_USER $OMERO_GROUP $($OMERO_BIN sessions key)""#,
    );
    let fallback = stage.program(
        "python/omero",
        &format!("{POINTERS}\necho \"$user $(cat \"$host/$user/._LASTSESS_\") $*\""),
    );
    stage.sandbox.write(
        "config.yaml",
        format!(
            "fallback: {}\naliases: {{me: '!$OMERO_BIN sessions key #'}}\n",
            fallback.display()
        ),
    );
    stage.log_in("test", "pw");
    let root = stage.log_in("root", "omero");
    let mut script = Script::start(&stage);
    let who = format!("root system {root}");
    assert_eq!(script.answer("who"), who);
    stage.run("login test@HOST").success();
    assert_eq!(script.answer("who"), who);
    assert_eq!(script.answer("me"), root);
    let imported = format!("root {root} import file");
    assert_eq!(script.answer("import file"), imported);
    assert_eq!(script.answer("sessions key"), root);
    // Options are for their own line, for programs as for plugins.
    let test = format!("-u test -s {}", stage.host);
    let other = script.answer(&format!("{test} who"));
    assert!(
        other.starts_with("test ") && !other.contains(&root),
        "{other}"
    );
    assert_eq!(script.answer("who"), who);
    assert_eq!(script.end(), 0);
    assert_eq!(stage.left(), [""; 0]);
    // Outside of the script nothing has changed.
    let user = stage.run("who").success();
    assert!(
        user.starts_with("root ") || user.starts_with("test "),
        "{user}"
    );
}

#[test]
fn a_program_with_login_options_gets_the_session_they_ask_for() {
    let stage = Stage::with_programs();
    stage.program(
        "bin/omero-who",
        r#"echo "$OMERO_HOST $OMERO_PORT $OMERO_USER $OMERO_GROUP $($OMERO_BIN sessions key)""#,
    );
    let test = stage.log_in("test", "pw");
    let root = stage.log_in("root", "omero");
    let host = &stage.host;
    let said = stage.run("-s HOST -u test who").success();
    assert_eq!(said, format!("{host} 4064 test  {test}\n"));
    // What no stored session fits is at least named, and the program is nobody else.
    let said = stage.run("-g guest who").success();
    assert_eq!(said, format!("{host} 4064 root guest \n"));
    assert_eq!(stage.run("sessions key").success(), format!("{root}\n"));
    assert_eq!(stage.left(), [""; 0]);
}

#[test]
fn a_group_switched_in_a_program_is_the_scripts() {
    let stage = Stage::with_programs();
    stage.program("bin/omero-switch", "$OMERO_BIN sessions group $1");
    stage.program("bin/omero-show", "echo $OMERO_GROUP");
    stage.log_in("root", "omero");
    let output = stage.load(
        "show\nswitch guest\nshow\nsessions group\nsessions group system\nshow\nswitch 1\ngroup info --style plain\n",
    );
    let lines = output.success();
    assert_eq!(
        lines.lines().collect::<Vec<_>>(),
        [
            "system",
            "Group 'system' (id=0) switched to 'guest' (id=2)",
            "guest",
            "ExperimenterGroup:2",
            "Group 'guest' (id=2) switched to 'system' (id=0)",
            "system",
            "Group 'system' (id=0) switched to 'user' (id=1)",
            "1,user,rwr-r-,False,0,3",
        ],
        "{lines}"
    );
}

#[test]
fn a_logout_in_a_program_ends_the_scripts_session() {
    let stage = Stage::with_programs();
    stage.program("bin/omero-leave", "$OMERO_BIN logout");
    stage.log_in("root", "omero");
    let output = stage.load("sessions group\nleave\nsessions key\nsessions group\n");
    assert_eq!(output.stdout.lines().next(), Some("ExperimenterGroup:0"));
    assert!(
        output.stdout.contains("Previously logged in to"),
        "{output:?}"
    );
    assert_ne!(output.code, 0);
    assert!(stage.server.sessions().is_empty());
    assert_eq!(stage.run("sessions key").success(), "");
    // As OMERO.py does it: it ends the session, and removes the file that it knows.
    let key = stage.log_in("root", "omero");
    stage.program(
        "bin/omero-leave",
        &format!(
            "{POINTERS}\nrm \"$host/$user/$(cat \"$host/$user/._LASTSESS_\")\" \"$host/$user/._LASTSESS_\"\n\
             touch \"$HOME/ended\"; while [ -e \"$HOME/ended\" ]; do sleep 0.01; done"
        ),
    );
    let mut script = Script::start(&stage);
    script
        .input
        .write_all(b"sessions group\nleave\nsessions key\n")
        .unwrap();
    stage.until(|| stage.sandbox.path("home/ended").exists());
    stage.server.end_session(&key);
    fs::remove_file(stage.sandbox.path("home/ended")).unwrap();
    assert_eq!(script.end(), 0);
    assert_eq!(
        stage
            .run("sessions list --style csv")
            .success()
            .lines()
            .count(),
        1
    );
}

#[test]
fn a_session_file_that_a_program_lost_does_not_end_a_session_that_lives() {
    let stage = Stage::with_programs();
    stage.program("bin/omero-lose", &format!("{POINTERS}\nrm -r \"$host\""));
    let root = stage.log_in("root", "omero");
    let output = stage.load("lose\nsessions group\nsessions key\n");
    let expected = format!("ExperimenterGroup:0\n{root}\n");
    assert_eq!(output.expect_code(0).stdout, expected);
}

#[test]
fn a_login_in_a_program_goes_to_the_users_store() {
    let stage = Stage::with_programs();
    stage.program(
        "bin/omero-other",
        "$OMERO_BIN -q login test@THE-SERVER -w pw && $OMERO_BIN sessions key",
    );
    let root = stage.log_in("root", "omero");
    let output = stage.load("sessions key\nother\nsessions key\nother\n");
    let output = output.expect_code(0);
    let keys: Vec<&str> = output.stdout.lines().collect();
    assert_eq!((keys[0], keys[2]), (&*root, &*root), "{output:?}");
    let test = stage.run("sessions key").success();
    assert_eq!(test.trim(), keys[3], "the last login is the user's");
    assert_ne!(keys[1], root);
    assert_eq!(stage.left(), [""; 0]);
    // As OMERO.py does it: into the directory that it was given.
    let host = &stage.host;
    let file = format!("home/omero/sessions/{host}/test/{}", test.trim());
    let saved = stage.sandbox.read(&file);
    stage.sandbox.write("saved", &saved);
    stage.run("logout").success();
    let key = "22fccb8b-d04c-49ec-9d52-116a163728ca";
    stage
        .sandbox
        .write("saved", saved.replace(test.trim(), key));
    stage.program(
        "bin/omero-other",
        &format!(
            "cd \"$OMERO_SESSIONDIR\"; mkdir -p THE-SERVER/test; cp \"$HOME/../saved\" THE-SERVER/test/{key}\n\
             printf THE-SERVER > ._LASTHOST_; printf 4064 > ._LASTPORT_; printf test > THE-SERVER/._LASTUSER_\n\
             printf {key} > THE-SERVER/test/._LASTSESS_"
        ),
    );
    stage.run("login root@HOST").success();
    let output = stage.load("sessions key\nother\nsessions key\n");
    assert_eq!(output.expect_code(0).stdout, format!("{root}\n{root}\n"));
    assert_eq!(stage.run("sessions key").success(), format!("{key}\n"));
    assert!(
        stage
            .sandbox
            .read(format!("home/omero/sessions/{host}/test/{key}"))
            .contains(key)
    );
}

#[test]
fn a_script_without_a_session_takes_the_one_of_its_program() {
    let stage = Stage::with_programs();
    stage.program("bin/omero-in", "$OMERO_BIN -q login test@THE-SERVER -w pw");
    stage.log_in("root", "omero");
    stage.run("logout").success();
    let output = stage.load("sessions key\nin\nsessions group\n");
    assert_eq!(output.expect_code(0).stdout, "ExperimenterGroup:3\n");
}

#[test]
fn a_background_program_keeps_its_session_after_the_script() {
    let stage = Stage::with_programs();
    stage.program(
        "bin/omero-later",
        "(exec >/dev/null 2>&1 </dev/null
          while [ ! -e \"$HOME/go\" ]; do sleep 0.02; done
          \"$OMERO_BIN\" sessions key > \"$HOME/said.new\"; mv \"$HOME/said.new\" \"$HOME/said\") &",
    );
    stage.program("bin/omero-nothing", ":");
    stage.log_in("test", "pw");
    let root = stage.log_in("root", "omero");
    stage.load("later\n").success();
    assert_eq!(stage.left().len(), 1, "the background program uses it");
    stage.run("login test@HOST").success();
    // A sweep leaves alone what is in use.
    stage.load("nothing\n").success();
    assert_eq!(stage.left().len(), 1);
    stage.sandbox.write("home/go", "");
    stage.until(|| stage.sandbox.path("home/said").exists());
    assert_eq!(stage.sandbox.read("home/said"), format!("{root}\n"));
    stage.until(|| {
        stage.load("nothing\n").success();
        stage.left().is_empty()
    });
}

#[test]
fn what_a_killed_script_left_is_swept_and_nothing_else() {
    let stage = Stage::with_programs();
    let key = "22fccb8b-d04c-49ec-9d52-116a163728ca";
    stage.program(
        "bin/omero-die",
        &format!(
            "cd \"$OMERO_SESSIONDIR\"; mkdir -p THE-SERVER/test\n\
             printf 'omero.host=THE-SERVER\\nomero.user=test\\nomero.sess={key}\\n' > THE-SERVER/test/{key}\n\
             kill -9 $PPID"
        ),
    );
    stage.program("bin/omero-nothing", ":");
    stage.log_in("root", "omero");
    let output = stage.load("die\n");
    assert_eq!(output.code, 128 + 9, "{output:?}");
    assert_eq!(stage.left().len(), 1);
    // What only looks like one stays: a directory that others can enter, and a link.
    let open = stage.sandbox.path("tmp/omero-session-open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    let precious = stage.sandbox.path("precious");
    fs::create_dir(&precious).unwrap();
    fs::set_permissions(&precious, fs::Permissions::from_mode(0o700)).unwrap();
    symlink(&precious, stage.sandbox.path("tmp/omero-session-link")).unwrap();
    stage.load("nothing\n").success();
    assert_eq!(stage.left(), ["omero-session-link", "omero-session-open"]);
    let host = &stage.host;
    let stored = stage
        .sandbox
        .read(format!("home/omero/sessions/{host}/test/{key}"));
    assert!(stored.contains(key), "the login was handed over");
}

#[test]
fn the_directory_is_private_and_elsewhere() {
    let mut stage = Stage::with_programs();
    stage.program("bin/omero-where", "ls -ld \"$OMERO_SESSIONDIR\"");
    stage.log_in("root", "omero");
    let run = stage.sandbox.path("run");
    fs::create_dir(&run).unwrap();
    fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
    stage.sandbox.set("XDG_RUNTIME_DIR", &run);
    let place = stage.load("where\n").success();
    assert!(place.starts_with("drwx------"), "{place}");
    assert!(place.contains(run.to_str().unwrap()), "{place}");
    // Where others could replace it, it is not made.
    fs::set_permissions(&run, fs::Permissions::from_mode(0o777)).unwrap();
    let place = stage.load("where\n").success();
    assert!(!place.contains(run.to_str().unwrap()), "{place}");
    // Neither is it made in the store.
    let store = stage.sandbox.path("home/omero/sessions");
    stage.sandbox.set("XDG_RUNTIME_DIR", &store);
    let place = stage.load("where\n").success();
    assert!(!place.contains(store.to_str().unwrap()), "{place}");
}
