//! What a command costs: counted in system calls, because times are noise on a shared machine.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command, thread, time::Duration};

use omero_tests::machine::strace_is_there;

use crate::room::{Room, hello};

/// The system calls of a run, one a line, by strace.
fn trace(room: &Room, arguments: &[&str]) -> String {
    let log = room.sandbox.path("trace");
    let run = room.sandbox.command(arguments);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-qq", "-o"]).arg(&log);
    omero_tests::sandbox::wrap(&mut strace, &run);
    let output = strace.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&fs::read(log).unwrap()).into_owned()
}

/// What threads do while they start and end depends on chance; what is done with files does not.
const FILES: [&str; 13] = [
    "access",
    "close",
    "execve",
    "fcntl",
    "getdents64",
    "ioctl",
    "lseek",
    "newfstatat",
    "openat",
    "pread64",
    "read",
    "readlink",
    "statx",
];

/// How often each system call was made.
fn counts(trace: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in trace.lines() {
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let Some((name, _)) = call.split_once('(') else {
            continue;
        };
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    counts
}

/// Installs copies of a plugin under other names.
fn crowd(room: &Room, number: usize) {
    for n in 0..number {
        let path: PathBuf = room.library(&format!("crowd{n}"));
        fs::hard_link(room.library("hello"), path).unwrap();
    }
}

#[test]
fn a_command_costs_the_same_however_many_plugins_are_installed() {
    if !strace_is_there() {
        return;
    }
    let room = Room::with_hello();
    // The hard links below change the library's stamp; what is counted comes after that.
    let run = || counts(&trace(&room, &["hello", "say"]));
    crowd(&room, 1);
    run();
    let few = run();
    crowd_more(&room);
    run();
    let many = run();
    let files = |counts: &BTreeMap<String, usize>| FILES.map(|name| counts.get(name).copied());
    assert_eq!(files(&few), files(&many), "{few:?}\n{many:?}");
    let all = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>();
    assert!(all(&few).abs_diff(all(&many)) < 30, "{few:?}\n{many:?}");
    assert!(few["openat"] > 3, "{few:?}");
    let version = counts(&trace(&room, &["--version"]));
    assert!(version["openat"] < few["openat"]);
}

fn crowd_more(room: &Room) {
    for n in 1..100 {
        fs::hard_link(room.library("hello"), room.library(&format!("crowd{n}"))).unwrap();
    }
    for n in 0..100 {
        room.sandbox.write(
            format!("home/.local/share/omero/installed/crowd{n}.yaml"),
            "{}\n",
        );
    }
}

/// The plugin libraries of which a trace maps code.
fn opened(trace: &str) -> Vec<&str> {
    let is_code = |line: &&str| line.contains("PROT_EXEC") && line.contains("libomero_");
    trace.lines().filter(is_code).collect()
}

#[test]
fn help_and_lists_open_no_library() {
    if !strace_is_there() {
        return;
    }
    let room = Room::with_hello();
    for line in [
        &["--help"][..],
        &["help"],
        &["help", "hello"],
        &["help", "--all"],
        &["help", "--list"],
        &["hello", "say", "--help"],
        &["plugin", "list"],
        &["plugin", "list", "--paths"],
        &["plugin", "info", "hello"],
        &["plugin", "which", "hello"],
    ] {
        assert_eq!(opened(&trace(&room, line)), [""; 0], "{line:?}");
    }
    assert_ne!(
        opened(&trace(&room, &["hello", "say"])),
        [""; 0],
        "the test sees what it looks for"
    );
}

#[test]
fn the_index_saves_opening_the_files_and_no_command_reads_it() {
    if !strace_is_there() {
        return;
    }
    let room = Room::with_hello();
    let reads = |trace: &str, what: &str| {
        let opens = |line: &&str| {
            line.contains("openat(") && line.contains(what) && !line.contains("ENOENT")
        };
        trace.lines().filter(opens).count()
    };
    let hello = hello().file_name().unwrap().to_str().unwrap();
    assert!(reads(&trace(&room, &["plugin", "list"]), hello) > 0);
    // What was written just now may change again unnoticed, so it is not remembered.
    thread::sleep(Duration::from_millis(2100));
    room.omero(&["plugin", "list"]).success();
    let list = trace(&room, &["plugin", "list"]);
    assert_eq!((reads(&list, hello), reads(&list, "plugins.index")), (0, 1));
    let run = trace(&room, &["hello", "say"]);
    assert_eq!(reads(&run, "plugins.index"), 0);
}
