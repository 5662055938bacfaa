//! `omero plugin index add|remove|list|update`.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use omero_registry_protocol::{Failure, IndexState, Task};

use crate::{
    failure::{Hint, failed, untrusted, with_file},
    fetch::{self, Location},
    format::{self, Entry, Listed, ROOT, Root, SIGNATURE},
    git, keys,
    keys::Key,
    store::{self, STATE, Source, Store, about, sha256},
};

/// The working copy of an index in a git repository, in the directory of the index.
const CHECKOUT: &str = "checkout";

/// The largest `index.json` in bytes: room for some ten thousand plugins.
const LARGEST_ROOT: u64 = 4 << 20;
/// The largest file of one plugin in bytes: room for thousands of versions.
const LARGEST_ENTRY: u64 = 1 << 20;

/// Fetches, checks and remembers a new index.
///
/// # Errors
///
/// The name is taken or none; the index cannot be fetched, or its key does not fit.
pub fn add(task: &Task, name: &str, url: &str, key: &str) -> Result<IndexState, Failure> {
    if !format::is_name(name) {
        return Err(failed(format!(
            "{name:?} cannot be the name of an index: it has to begin with a small letter and go \
             on with small letters, digits, `-` and `_`"
        )));
    }
    let store = Store::open(task, true)?;
    if store.names()?.iter().any(|other| other == name) {
        return Err(failed(format!("there is an index `{name}` already"))
            .hint(format!("remove it first: omero plugin index remove {name}")));
    }
    let source = Source {
        url: remembered(url)?,
        key: Key::parse(key)?.text().to_owned(),
        serial: 0,
    };
    // Leftovers of an addition that did not get this far.
    clear(&store.directory_of(name))?;
    let added = fetch_state(&store, name, &source);
    if added.is_err() {
        clear(&store.directory_of(name))?;
    }
    added.map_err(|e| {
        let message = format!("the index {url} cannot be added: {}", e.message);
        Failure { message, ..e }
    })
}

/// Forgets an index.
///
/// # Errors
///
/// There is none of that name.
pub fn remove(task: &Task, name: &str) -> Result<(), Failure> {
    let store = Store::open(task, true)?;
    if !store.names()?.iter().any(|other| other == name) {
        store.source(name)?;
    }
    clear(&store.directory_of(name))
}

/// All indexes, as they were fetched last.
///
/// # Errors
///
/// The directory cannot be read.
pub fn list(task: &Task) -> Result<Vec<IndexState>, Failure> {
    let store = Store::open(task, false)?;
    let names = store.names()?;
    names
        .iter()
        .map(|name| {
            let source = store.source(name)?;
            Ok(stored(&store, name, &source))
        })
        .collect()
}

/// Fetches one index or all. One that cannot be fetched is reported with its state.
///
/// # Errors
///
/// There is no such index.
pub fn update(task: &Task, only: Option<&str>) -> Result<Vec<IndexState>, Failure> {
    let store = Store::open(task, true)?;
    let names = match only {
        Some(name) => vec![name.to_owned()],
        None => store.names()?,
    };
    names
        .iter()
        .map(|name| {
            let source = store.source(name)?;
            Ok(match fetch_state(&store, name, &source) {
                Ok(state) => state,
                Err(problem) => IndexState {
                    problem: Some(about(name, problem)),
                    ..stored(&store, name, &source)
                },
            })
        })
        .collect()
}

/// The URL of an index as it is remembered: paths become absolute.
fn remembered(url: &str) -> Result<String, Failure> {
    if git::is_repository(url) {
        return git::check_url(url).map(|()| url.to_owned());
    }
    match Location::parse(url)? {
        Location::Https(url) => Ok(url),
        Location::Path(path) => Ok(fetch::absolute(&path).display().to_string()),
    }
}

/// Where the files of an index are; a git repository is fetched.
fn location(store: &Store, name: &str, url: &str) -> Result<Location, Failure> {
    let directory = store.directory_of(name);
    if git::is_repository(url) {
        git::update(url, &directory.join(CHECKOUT))?;
    }
    base(&directory, url)
}

/// Where the files of the index with this directory are, without fetching anything.
pub fn base(directory: &Path, url: &str) -> Result<Location, Failure> {
    if git::is_repository(url) {
        return Ok(Location::Path(directory.join(CHECKOUT)));
    }
    Location::parse(url)
}

/// Fetches an index into its `state`, if everything about it is right.
fn fetch_state(store: &Store, name: &str, source: &Source) -> Result<IndexState, Failure> {
    let base = location(store, name, &source.url)?;
    let read = |path: &str, limit| -> Result<Vec<u8>, Failure> {
        let file = base.join(path);
        file.read(limit)?.ok_or_else(|| file.missing())
    };
    let text = read(ROOT, LARGEST_ROOT)?;
    let signature = read(SIGNATURE, keys::LARGEST)?;
    let root = store::check(source, &text, &String::from_utf8_lossy(&signature))?;
    let directory = store.directory_of(name);
    let (state, new, old) = (
        directory.join(STATE),
        directory.join("state.new"),
        directory.join("state.old"),
    );
    check_serial(source, &root, &text, &state)?;
    clear(&new)?;
    let write = |path: &str, text: &[u8]| store::write(&new.join(path), text);
    write(ROOT, &text)?;
    write(SIGNATURE, &signature)?;
    for (plugin, listed) in &root.plugins {
        let path = format::entry_path(plugin);
        let text = match fs::read(state.join(&path)) {
            Ok(known) if fits(&known, listed) => known,
            _ => read(&path, LARGEST_ENTRY)?,
        };
        if !fits(&text, listed) {
            return Err(
                untrusted(format!("its {path} is not the file that it signs"))
                    .hint("if it changed this moment, update the index again"),
            );
        }
        Entry::parse(plugin, &text)?;
        write(&path, &text)?;
    }
    // The serial first: after a crash between the two, the older state is not accepted again.
    let source = Source {
        serial: root.serial,
        ..source.clone()
    };
    store.write_source(name, &source)?;
    let swap = || -> io::Result<()> {
        match fs::rename(&state, &old) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        fs::rename(&new, &state)
    };
    clear(&old)?;
    swap().map_err(|e| with_file("cannot be written", &state, e))?;
    clear(&old)?;
    Ok(state_of(name, &source, &root))
}

/// Refuses a state that is older than one that was seen, and another state of the same serial.
fn check_serial(source: &Source, root: &Root, text: &[u8], state: &Path) -> Result<(), Failure> {
    let seen = source.serial;
    if root.serial < seen {
        return Err(untrusted(format!(
            "it was rolled back: its serial is {}, but {seen} was seen before",
            root.serial
        )));
    }
    if root.serial == seen
        && let Ok(known) = fs::read(state.join(ROOT))
        && known != text
    {
        return Err(untrusted(format!(
            "its serial {seen} was used for two different states"
        )));
    }
    Ok(())
}

fn fits(text: &[u8], listed: &Listed) -> bool {
    text.len() as u64 == listed.size && sha256(text) == listed.sha256
}

/// An index as it was fetched last.
fn stored(store: &Store, name: &str, source: &Source) -> IndexState {
    match store.index(name) {
        Ok(index) => state_of(name, source, &index.root),
        Err(problem) => unknown(name, source, problem),
    }
}

fn state_of(name: &str, source: &Source, root: &Root) -> IndexState {
    IndexState {
        name: name.to_owned(),
        url: source.url.clone(),
        key: source.key.clone(),
        serial: root.serial,
        expires: root.expires.to_string(),
        plugins: root.plugins.len(),
        problem: None,
    }
}

fn unknown(name: &str, source: &Source, problem: Failure) -> IndexState {
    IndexState {
        name: name.to_owned(),
        url: source.url.clone(),
        key: source.key.clone(),
        serial: source.serial,
        expires: String::new(),
        plugins: 0,
        problem: Some(problem),
    }
}

fn clear(directory: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(directory) {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            Err(with_file("cannot be removed", directory, e))
        }
        _ => Ok(()),
    }
}
