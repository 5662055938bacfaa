//! `omero plugin index …`: the indexes that plugins are found in, and signing one.

use std::path::PathBuf;

use clap::ArgMatches;
use omero_plugin_api::{Error, table::Table};
use omero_registry_protocol::{FailureKind, IndexState, Request, SecretKey, Signed};

use super::{
    helper::{self, call, error_of},
    package,
};
use crate::{builtin::plugin::Task, error};

/// Runs a subcommand of `omero plugin index`.
///
/// # Errors
///
/// What the subcommand's page says.
pub fn run(task: &Task) -> Result<i32, Error> {
    let Some((name, matches)) = task.matches.subcommand() else {
        return Err(error::usage(
            "`omero plugin index` needs one of its subcommands",
        ));
    };
    let task = Task {
        host: task.host,
        matches,
        quiet: task.quiet || matches.get_flag("quiet"),
    };
    match name {
        "add" => add(&task),
        "remove" => remove(&task),
        "update" => update(&task),
        "sign" => sign(&task),
        "yank" => yank(&task),
        _ => list(&task),
    }
}

/// Fetches the indexes that a plugin is looked for in, before one is installed. An index that cannot
/// be reached is passed over: its last state is used until it expires.
///
/// # Errors
///
/// An index is rolled back, expired, or not signed by its key.
pub fn refresh(task: &Task, only: Option<&str>) -> Result<(), Error> {
    let name = only.map(str::to_owned);
    let states: Vec<IndexState> = call(task, Request::UpdateIndexes { name })?;
    for problem in states.iter().filter_map(|state| state.problem.as_ref()) {
        if problem.kind != FailureKind::Unreachable {
            return Err(error_of(problem));
        }
        task.host.warn(task.quiet, &problem.message);
    }
    Ok(())
}

fn add(task: &Task) -> Result<i32, Error> {
    let (name, url, key) = (
        task.name().to_owned(),
        text(task.matches, "url"),
        text(task.matches, "key"),
    );
    let state: IndexState = call(task, Request::AddIndex { name, url, key })?;
    task.say(&format!(
        "Added the index {} with {} (serial {}, expires {})",
        state.name,
        count(state.plugins),
        state.serial,
        state.expires
    ))?;
    Ok(0)
}

fn remove(task: &Task) -> Result<i32, Error> {
    let name = task.name().to_owned();
    let () = call(task, Request::RemoveIndex { name: name.clone() })?;
    task.say(&format!("Removed the index {name}"))?;
    task.note("plugins that were installed from it stay, and are no longer upgraded");
    Ok(0)
}

fn update(task: &Task) -> Result<i32, Error> {
    let name = task.matches.get_one::<String>("name").cloned();
    let states: Vec<IndexState> = call(task, Request::UpdateIndexes { name })?;
    if states.is_empty() {
        task.note("there is no index yet; add one: omero plugin index add NAME URL --key KEY");
    }
    let mut problems = Vec::new();
    for state in states {
        match state.problem {
            Some(problem) => problems.push(problem),
            None => task.say(&format!(
                "{}: {}, serial {}, expires {}",
                state.name,
                count(state.plugins),
                state.serial,
                state.expires
            ))?,
        }
    }
    let last = problems.pop();
    for problem in &problems {
        task.host.warn(task.quiet, &problem.message);
    }
    last.map_or(Ok(0), |problem| Err(error_of(&problem)))
}

fn list(task: &Task) -> Result<i32, Error> {
    let states: Vec<IndexState> = call(task, Request::Indexes)?;
    let mut table = Table::new([
        "Name", "Plugins", "Serial", "Expires", "State", "Key", "URL",
    ]);
    for state in states {
        let problem = state.problem.map(|problem| problem.message);
        table.row([
            state.name,
            state.plugins.to_string(),
            state.serial.to_string(),
            state.expires,
            problem.unwrap_or_else(|| "ok".to_owned()),
            state.key,
            state.url,
        ]);
    }
    task.show(&table)
}

fn sign(task: &Task) -> Result<i32, Error> {
    let directory = task.path("directory").unwrap_or_default();
    let path = task.path("key").unwrap_or_default();
    let days = task.matches.get_one::<u32>("days").copied().unwrap_or(90);
    let signed: Signed = package::with_password(task, &path, |password| {
        let key = SecretKey {
            path: path.clone(),
            password,
        };
        helper::ask(
            task,
            Request::SignIndex {
                directory: directory.clone(),
                key,
                days,
            },
        )
    })?;
    task.say(&format!(
        "Signed {} with {} (serial {}, expires {})",
        directory.display(),
        count(signed.plugins),
        signed.serial,
        signed.expires
    ))?;
    task.note(&format!("users add it with --key {}", signed.key));
    Ok(0)
}

fn yank(task: &Task) -> Result<i32, Error> {
    let directory: PathBuf = task.path("directory").unwrap_or_default();
    let (name, version) = (task.name().to_owned(), text(task.matches, "version"));
    let yanked = !task.matches.get_flag("undo");
    let what = format!("{name} {version}");
    let () = call(
        task,
        Request::Yank {
            directory,
            name,
            version,
            yanked,
        },
    )?;
    task.say(&match yanked {
        true => format!("Yanked {what}"),
        false => format!("Took back that {what} is yanked"),
    })?;
    task.note("sign the index to publish the change: omero plugin index sign DIR --key FILE");
    Ok(0)
}

fn text(matches: &ArgMatches, id: &str) -> String {
    matches.get_one::<String>(id).cloned().unwrap_or_default()
}

fn count(plugins: usize) -> String {
    match plugins {
        1 => "1 plugin".to_owned(),
        _ => format!("{plugins} plugins"),
    }
}
