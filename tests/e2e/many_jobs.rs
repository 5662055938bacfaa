//! Dozens of programs in one session directory at a time, as on a cluster.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Child, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use omero_tests::output::Output;

use crate::stage::Stage;

/// What the jobs do, in turn.
const LINES: [&str; 8] = [
    "login -C root@servername -w omero",
    "sessions list",
    "login -C test@servername -w pw",
    "sessions key",
    "login -C testuser@servername -w pasw",
    "sessions file",
    "logout",
    "sessions list --style json",
];

/// How many jobs there are.
const JOBS: usize = 64;

fn start(stage: &Stage, line: &str) -> Child {
    let mut command = stage.sandbox.command(stage.arguments(line));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Starts all at once, and waits for them.
fn run_all<'a>(stage: &Stage, lines: &[&'a str]) -> Vec<(&'a str, Output)> {
    let start = |line| (line, start(stage, line));
    let children: Vec<(&str, Child)> = lines.iter().copied().map(start).collect();
    let wait = |(line, child): (&'a str, Child)| {
        let ended = child.wait_with_output().unwrap();
        (
            line,
            Output::new(ended.status, &ended.stdout, &ended.stderr),
        )
    };
    children.into_iter().map(wait).collect()
}

#[test]
fn a_shared_directory_stays_sound() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let over = AtomicBool::new(false);
    let outputs = thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut looks = 0;
            while !over.load(Ordering::Relaxed) {
                look(&stage.store());
                looks += 1;
            }
            looks
        });
        let lines: Vec<&str> = LINES.into_iter().cycle().take(JOBS).collect();
        let outputs = run_all(&stage, &lines);
        over.store(true, Ordering::Relaxed);
        assert!(watching.join().unwrap() > 10);
        outputs
    });
    for (line, output) in &outputs {
        assert_eq!(output.code, 0, "{line}: {output:?}");
        let complaints =
            output.stderr.contains("omero: warning: ") || output.stderr.contains("expired");
        assert!(!complaints, "{line}: {output:?}");
        if line.contains("key") {
            assert!(
                output.stdout.is_empty() || output.stdout.len() == 37,
                "{output:?}"
            );
        }
    }
    let created = outputs
        .iter()
        .filter(|(line, _)| line.starts_with("login"))
        .count();
    assert_eq!(created, JOBS * 3 / 8);

    check(&stage);
}

/// Nothing half-written stays; what lives on the server is stored, and the reverse.
fn check(stage: &Stage) {
    let files = stage.stored();
    assert!(
        files.keys().all(|path| !path.contains("._TMP_")),
        "{:?}",
        files.keys()
    );
    let stored: BTreeSet<String> = files
        .keys()
        .filter_map(|path| path.rsplit('/').next())
        .filter(|name| !name.starts_with('.'))
        .map(str::to_owned)
        .collect();
    let alive: BTreeSet<String> = stage.server.sessions().into_keys().collect();
    assert_eq!(stored, alive);
    let listing = stage.run("sessions list").expect_code(0);
    assert_eq!(listing.stderr, "");
    assert_eq!(
        listing.stdout.matches(" True ").count() + listing.stdout.matches(" Logged in ").count(),
        alive.len()
    );
    assert!(pointers_agree(&files, &stage.host), "{files:?}");
}

/// Every session file is whole at any time.
fn look(store: &Path) {
    for host in directories(store) {
        for user in directories(&host) {
            for entry in fs::read_dir(&user).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                // A file may go between the listing and the reading.
                let Ok(text) = fs::read_to_string(entry.path()) else {
                    continue;
                };
                if name == "._LASTSESS_" {
                    assert_eq!(text.len(), 36, "{text:?}");
                } else if !name.starts_with('.') {
                    let whole = text.starts_with("omero.host=")
                        && text.ends_with(&format!("omero.sess={name}\n"));
                    assert!(whole, "{name}: {text:?}");
                }
            }
        }
    }
}

fn directories(path: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

/// Whether the pointers lead to a user who was logged in, and to a session that is stored or none.
fn pointers_agree(files: &BTreeMap<String, String>, host: &str) -> bool {
    let user = &files[&format!("{host}/._LASTUSER_")];
    let last = files.get(&format!("{host}/{user}/._LASTSESS_"));
    files["._LASTHOST_"] == host
        && files["._LASTPORT_"] == "4064"
        && last.is_none_or(|key| files.contains_key(&format!("{host}/{user}/{key}")))
}

#[test]
fn many_programs_use_one_session() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let before = stage.stored();
    let lines = [
        "login",
        "sessions group",
        "group list",
        "sessions list",
        "sessions timeout",
        "sessions who",
    ];
    let lines: Vec<&str> = lines.into_iter().cycle().take(50).collect();
    for (line, output) in run_all(&stage, &lines) {
        assert_eq!(output.code, 0, "{line}: {output:?}");
    }
    assert_eq!(stage.stored(), before);
    assert_eq!(stage.server.sessions().len(), 1);
    assert_eq!(stage.server.sessions()[&stage.key()].references, 0);
    assert_eq!(stage.server.events().open, 0);
}

#[test]
fn many_first_logins_agree_on_the_server() {
    let stage = Stage::new();
    for (_, output) in run_all(&stage, &["login -C root@servername -w omero"; 16]) {
        output.expect_code(0).success();
    }
    let list = stage.run("sessions server list").success();
    assert!(list.ends_with("(1 row)\n"), "{list}");
    assert_eq!(stage.server.sessions().len(), 16);
}
