//! Loading a library in a process of its own: whatever it does there, this program goes on.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use omero_plugin_api::Error;

use super::{Task, needs};
use crate::{commands::plugin::TRY, external, load, manifest};

/// How long a library may take to load and to look for what it needs.
const PATIENCE: Duration = Duration::from_secs(10);
/// What the child says when the library is loaded, before it asks the plugin what is missing.
const LOADED: &str = "omero: the library is loaded\n";
/// What the child says when all is well: that it ended with success proves nothing, because the
/// library may have ended it.
const WORKS: &str = "omero: the library loads\n";

/// The child's side: loads the library and compares what it says with the manifest inside its file.
///
/// # Errors
///
/// The library cannot be loaded.
pub fn load(task: &Task) -> Result<i32, Error> {
    let path = task.path("path").unwrap_or_default();
    let described = manifest::read(&path).map_err(|e| super::failed("is no plugin", &path, &e))?;
    let module = load::open(&path)?;
    let says = module.manifest()();
    let said = omero_plugin_api::manifest::Manifest::from_section(says.as_bytes());
    if said.as_ref() != Ok(&described) {
        let reason = "the library and its file describe different plugins";
        return Err(super::failed("cannot be used", &path, &reason));
    }
    task.say(LOADED.trim_end())?;
    task.host.streams.flush()?;
    for line in needs::ask(task.host, module, &described.name)? {
        task.say(&line)?;
    }
    task.say(WORKS.trim_end())?;
    Ok(0)
}

/// Loads a library in a child process; returns what the plugin says it misses on this machine.
///
/// # Errors
///
/// What kept it from loading, as a clause after "it".
pub fn try_to_load(path: &Path) -> Result<Vec<String>, String> {
    let told = |e: std::io::Error| format!("cannot be tried ({e})");
    // Files, not pipes: the child may leave processes behind that keep a pipe open.
    let (mut output, mut errors) = (
        tempfile::tempfile().map_err(told)?,
        tempfile::tempfile().map_err(told)?,
    );
    let child = external::command(std::env::current_exe().map_err(told)?)
        .args(["plugin", TRY])
        .arg(path)
        .env_remove("DEBUG")
        .stdin(Stdio::null())
        .stdout(output.try_clone().map_err(told)?)
        .stderr(errors.try_clone().map_err(told)?)
        .spawn()
        .map_err(told)?;
    let status = external::wait_for(child, PATIENCE).map_err(told)?;
    let said = text_of(&mut output);
    let Some(status) = status else {
        let seconds = PATIENCE.as_secs();
        let what = match said.contains(LOADED) {
            true => "looking for what it needs",
            false => "loading",
        };
        return Err(format!("does not finish {what} within {seconds} seconds"));
    };
    if status.success() && said.ends_with(WORKS) {
        return Ok(needs::read(&said));
    }
    let words = text_of(&mut errors);
    match reason_in(&words) {
        Some(reason) if !status.success() => Err(format!("cannot be loaded: {reason}")),
        _ => {
            let doing = match said.contains(LOADED) {
                true => "looks for what it needs",
                false => "is loaded",
            };
            Err(format!(
                "ends the program while it {doing} ({})",
                end(status)
            ))
        }
    }
}

fn text_of(file: &mut File) -> String {
    let mut bytes = Vec::new();
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.take(64 * 1024).read_to_end(&mut bytes));
    // An output that cannot be read says nothing.
    read.map_or_else(
        |_| String::new(),
        |_| String::from_utf8_lossy(&bytes).into(),
    )
}

/// The reason in what the child reported, without the name of the file that was tried.
fn reason_in(words: &str) -> Option<String> {
    let line = |prefix: &str| words.lines().find_map(|line| line.strip_prefix(prefix));
    let reason = line("omero: reason: ").or_else(|| line("omero: error: "))?;
    Some(match reason.split_once(": it ") {
        Some((path, rest)) if path.starts_with('/') => format!("it {rest}"),
        _ => reason.to_owned(),
    })
}

fn end(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal {signal}");
    }
    status.code().map_or_else(
        || "without a code".to_owned(),
        |code| format!("exit code {code}"),
    )
}
