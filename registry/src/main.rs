//! The helper of `omero plugin`: everything that touches the network, signatures, archives and
//! indexes. It is a program of its own so that `omero` neither grows nor starts slower by it, and so
//! that untrusted input is parsed in a process that has nothing else to do.
//!
//! It decides nothing about what runs: `omero` checks, tries and installs the libraries.

mod archive;
mod choose;
mod download;
mod failure;
mod fetch;
mod format;
mod git;
mod index;
mod keys;
mod publish;
mod store;

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

use omero_registry_protocol::{Failure, Request, Task};
use serde::Serialize;
use serde_json::Value;

fn main() -> ExitCode {
    let answer = task().and_then(|task| perform(&task));
    let written = serde_json::to_vec(&answer)
        .map_err(io::Error::other)
        .and_then(|text| io::stdout().lock().write_all(&text));
    // Without an answer `omero` reports that the helper ended.
    ExitCode::from(u8::from(written.is_err()))
}

fn task() -> Result<Task, Failure> {
    let mut text = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut text);
    let task = read.map_err(|e| e.to_string()).and_then(|_| {
        serde_json::from_slice(&text).map_err(|e| format!("{e}; only `omero` calls this program"))
    });
    task.map_err(|reason| failure::failed(format!("the request cannot be read: {reason}")))
}

fn perform(task: &Task) -> Result<Value, Failure> {
    match &task.request {
        Request::AddIndex { name, url, key } => value(index::add(task, name, url, key)),
        Request::RemoveIndex { name } => value(index::remove(task, name)),
        Request::Indexes => value(index::list(task)),
        Request::UpdateIndexes { name } => value(index::update(task, name.as_deref())),
        Request::Search { words } => value(choose::search(task, words)),
        Request::Describe { name } => value(choose::describe(task, name)),
        Request::Choose {
            name,
            version,
            installed,
        } => value(choose::choose(
            task,
            name,
            version.as_deref(),
            installed.as_deref(),
        )),
        Request::Download(download) => value(download::download(download)),
        Request::Unpack { archive, directory } => value(archive::unpack(archive, directory)),
        Request::Clone {
            url,
            revision,
            directory,
        } => value(git::clone(url, revision.as_deref(), directory)),
        Request::NewKey { path, password } => value(keys::make(path, password.clone())),
        Request::Package(package) => value(publish::package(package)),
        Request::SignIndex {
            directory,
            key,
            days,
        } => value(publish::sign(directory, key, *days)),
        Request::Yank {
            directory,
            name,
            version,
            yanked,
        } => value(publish::yank(directory, name, version, *yanked)),
    }
}

fn value<T: Serialize>(answer: Result<T, Failure>) -> Result<Value, Failure> {
    serde_json::to_value(answer?).map_err(|e| failure::failed(format!("the answer is broken: {e}")))
}
