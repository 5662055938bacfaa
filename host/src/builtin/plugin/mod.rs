//! `omero plugin`: what is installed, where it comes from, and whether it is in order.

mod api;
mod doctor;
mod info;
mod install;
mod list;
mod needs;
mod new;
mod registry;
mod remove;
mod setup;
mod survey;
mod switch;
mod trial;
mod which;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::ArgMatches;
use omero_plugin_abi::Stream;
use omero_plugin_api::{
    Error,
    style::Style,
    table::{Table, visible},
};

use crate::{error, host::Host, life::Life, locate, records, terminal};

/// What each subcommand works with.
struct Task<'a> {
    host: &'a Arc<Host>,
    matches: &'a ArgMatches,
    quiet: bool,
}

/// Runs `omero plugin …`; `quiet` says that `-q` stood before it.
///
/// # Errors
///
/// What the subcommand's page says.
pub fn run(host: &Arc<Host>, matches: &ArgMatches, quiet: bool) -> Result<i32, Error> {
    let Some((name, matches)) = matches.subcommand() else {
        return Err(error::usage("`omero plugin` needs one of its subcommands"));
    };
    let quiet = quiet || matches.get_flag("quiet");
    let task = Task {
        host,
        matches,
        quiet,
    };
    let outcome = perform(&task, name);
    // A command that runs this one may run others afterwards.
    task.host.plugins.look_again();
    outcome
}

fn perform(task: &Task, name: &str) -> Result<i32, Error> {
    match name {
        "list" if task.matches.get_flag("paths") => list::places(task),
        "list" => list::run(task),
        "info" => info::run(task),
        "which" => which::run(task),
        "install" => install::run(task),
        "remove" => remove::run(task),
        "enable" => switch::enable(task),
        "disable" => switch::disable(task),
        "doctor" => doctor::run(task),
        "new" => new::run(task),
        "setup" => setup::run(task),
        "search" => registry::search(task),
        "outdated" => registry::outdated(task),
        "upgrade" => registry::upgrade(task),
        "pin" => registry::pin(task),
        "rollback" => registry::rollback(task),
        "index" => registry::index(task),
        "package" => registry::package(task),
        "key" => registry::key(task),
        _ => trial::load(task),
    }
}

impl Task<'_> {
    /// The argument NAME or COMMAND.
    fn name(&self) -> &str {
        let name = self.matches.get_one::<String>("name");
        name.map_or("", String::as_str)
    }

    /// The name of a plugin, checked to be one.
    fn plugin_name(&self) -> Result<&str, Error> {
        let name = self.name();
        match locate::file_name(name) {
            Some(_) => Ok(name),
            None => Err(error::usage(format!(
                "`{name}` cannot be the name of a plugin: it has to begin with a letter and go on \
                 with letters, digits and `-`"
            ))),
        }
    }

    /// Whether a flag is given. Some commands that share code do not have it.
    fn flag(&self, id: &str) -> bool {
        let flag = self.matches.try_get_one::<bool>(id);
        flag.is_ok_and(|flag| flag == Some(&true))
    }

    /// An argument that is a path; absolute, because it is recorded and handed on.
    fn path(&self, id: &str) -> Option<PathBuf> {
        let path = self.matches.get_one::<PathBuf>(id)?;
        Some(std::path::absolute(path).unwrap_or_else(|_| path.clone()))
    }

    /// Writes a table as `--style` asks.
    fn show(&self, table: &Table) -> Result<i32, Error> {
        let text = table.render(Style::of(self.matches));
        self.host.streams.write(Stream::OUTPUT, text.as_bytes())?;
        Ok(0)
    }

    /// Writes a result.
    fn say(&self, line: &str) -> Result<(), Error> {
        self.host
            .streams
            .write(Stream::OUTPUT, format!("{}\n", visible(line)).as_bytes())
    }

    /// Whether there is a person to ask.
    fn asks(&self) -> bool {
        let streams = &self.host.streams;
        streams.is_terminal(Stream::INPUT) && streams.is_terminal(Stream::ERROR) && !self.quiet
    }

    /// Asks a question that is answered with yes or no; without a terminal the answer is no.
    fn agrees(&self, question: &str) -> Result<bool, Error> {
        if !self.asks() {
            return Ok(false);
        }
        let host = self.host;
        // A question may have several lines.
        let question: Vec<String> = question.lines().map(visible).collect();
        let answer = terminal::read_line(
            &host.input,
            &host.streams,
            &host.interrupt,
            &Life::default(),
            &format!("{} [y/N] ", question.join("\n")),
        )?;
        let answer = answer.unwrap_or_default().trim().to_lowercase();
        Ok(["y", "yes"].contains(&answer.as_str()))
    }

    /// Writes `omero: note: …` unless quiet.
    fn note(&self, text: &str) {
        if !self.quiet {
            let line = format!("omero: note: {}\n", visible(text));
            // What cannot be shown is no reason to fail.
            let _ = self.host.streams.write(Stream::ERROR, line.as_bytes());
        }
    }
}

/// The directory that plugins are installed into.
fn plugin_directory() -> Result<PathBuf, Error> {
    records::plugin_directory()
        .ok_or_else(|| error::fatal(1, "there is no data directory: set HOME or XDG_DATA_HOME"))
}

/// A failure with a file: one sentence.
fn failed(what: &str, path: &Path, reason: &dyn std::fmt::Display) -> Error {
    error::fatal(1, format!("{} {what}: {reason}", path.display()))
}
