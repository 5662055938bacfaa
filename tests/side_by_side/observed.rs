//! What one program did in one case.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use omero_tests::waiting::eventually;

use super::case::{Case, Server};
use super::program::{Program, run};
use super::scene::Scene;
use super::text::{from_latin1, named};
use super::{dialogue, world};

/// What one program did in one case.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Exit code.
    pub code: i32,
    /// Standard output; empty in a terminal.
    pub stdout: String,
    /// Standard error; everything on the screen of a terminal.
    pub stderr: String,
    /// The files it left.
    pub store: BTreeMap<String, String>,
    /// Modes of files and directories of the store.
    pub modes: BTreeMap<String, String>,
    /// Keys of the sessions on the server.
    pub server: BTreeSet<String>,
}

/// Runs a case with one of the programs. Fails if the server cannot listen where the case wants it.
pub fn observe(case: &Case, server: &Server, program: Program, worker: u8) -> io::Result<Observed> {
    let place = world::Place::of_worker(worker);
    let running = world::start(server, place)?;
    let scene = Scene::new(program, &case.given, &world::hosts(server, place));
    for arguments in &case.given.before {
        let output = run(&scene.preparation(arguments), "");
        assert_eq!(output.code, 0, "{arguments:?}: {output:?}");
    }
    let command = scene.command(&case.given.argv);
    let (code, stdout, stderr) = match &case.given.tty {
        Some(turns) => {
            let (code, screen) = dialogue::hold(&command, turns, &scene.tmp());
            (code, String::new(), screen)
        }
        None => {
            let output = run(&command, case.given.stdin.as_deref().unwrap_or_default());
            (output.code, output.stdout, output.stderr)
        }
    };
    let show = |text: &str| named(text, program, &scene);
    let mut store = BTreeMap::new();
    // Where the case moves the store, everything it leaves anywhere counts.
    if case.given.env.contains_key("OMERO_SESSIONDIR") {
        files(&scene.tmp(), "{TMP}/", &mut store);
        store.retain(|name, _| !name.starts_with("{TMP}/in/"));
    } else {
        files(&scene.store(), "", &mut store);
    }
    store.retain(|name, text| !given(case, name, text));
    let texts = store
        .into_iter()
        .map(|(name, text)| (name, show(&text)))
        .collect();
    // A session that was not detached ends when the server notices that its client has left.
    eventually("the clients have left", || running.events().open == 0);
    Ok(Observed {
        code,
        stdout: show(&stdout),
        stderr: show(&stderr),
        store: texts,
        modes: modes(&scene.store()),
        server: running.sessions().into_keys().collect(),
    })
}

fn files(directory: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let name = format!("{prefix}{file}");
        if entry.path().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else if !no_session(&file) {
            let bytes = fs::read(entry.path()).unwrap_or_default();
            found.insert(name, from_latin1(&bytes));
        }
    }
}

/// Whether a file of the store is one that the case has put there beside the sessions.
fn given(case: &Case, name: &str, text: &str) -> bool {
    let before = case.given.files.get(&format!("in/{name}"));
    before.is_some_and(|before| before == text)
}

/// The lock, and the certificates that were trusted.
fn no_session(file: &str) -> bool {
    file == "._LOCK_" || file.starts_with("known_servers") || file.starts_with(".known_servers")
}

fn modes(store: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut places = vec![store.to_owned()];
    while let Some(place) = places.pop() {
        let relative = place.strip_prefix(store).expect("it is below");
        let name = match relative.to_string_lossy() {
            name if name.is_empty() => ".".to_owned(),
            name => name.into_owned(),
        };
        if let Ok(facts) = fs::metadata(&place) {
            let mode = format!("{:04o}", facts.permissions().mode() & 0o7777);
            found.insert(name, mode);
        }
        if let Ok(entries) = fs::read_dir(&place) {
            places.extend(entries.flatten().map(|entry| entry.path()));
        }
    }
    found
}
