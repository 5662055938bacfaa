//! The plugins on the search path and the programs, each with everything that keeps it from running.

use std::path::PathBuf;

use omero_plugin_api::Error;

use crate::{
    configuration::aliases,
    external,
    host::Host,
    index::{self, Found},
    records::{Integrity, Record, admit},
    resolve::{self, Meaning},
    trust::quoted,
};

/// A library and what keeps it from running; nothing if it runs.
pub struct Library {
    /// The library and its description.
    pub found: Found,
    /// What is remembered of it.
    pub record: Record,
    /// What keeps it from running, or is remarkable.
    pub obstacles: Vec<Obstacle>,
}

/// What keeps a plugin from running.
#[derive(Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The user switched it off.
    Disabled,
    /// It cannot be used.
    Broken {
        /// Why.
        reason: String,
        /// What mends it.
        remedy: String,
    },
    /// Something else has its name and comes first.
    Shadowed(String),
}

/// A program `omero-NAME` and what keeps it from running.
pub struct Program {
    /// The command that it provides.
    pub name: String,
    /// The program.
    pub path: PathBuf,
    /// What keeps it from running, or is remarkable.
    pub obstacles: Vec<Obstacle>,
}

/// The state of a library or program in one cell of a table.
pub fn state(obstacles: &[Obstacle]) -> String {
    let texts = obstacles.iter().map(|obstacle| match obstacle {
        Obstacle::Disabled => "disabled".to_owned(),
        Obstacle::Broken { reason, .. } => format!("broken: {reason}"),
        Obstacle::Shadowed(by) => format!("shadowed by {by}"),
    });
    let texts: Vec<_> = texts.collect();
    if texts.is_empty() {
        "ok".to_owned()
    } else {
        texts.join("; ")
    }
}

impl Library {
    /// The state in one cell of a table.
    pub fn state(&self) -> String {
        state(&self.obstacles)
    }

    /// Whether it is the plugin of this name; in the name of its file, `-` is `_`.
    pub fn is_called(&self, name: &str) -> bool {
        !name.contains('_') && self.found.promised == name.replace('-', "_")
    }
}

/// Every library on the search path, in its order.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn libraries(host: &Host, quiet: bool) -> Result<Vec<Library>, Error> {
    let owners = host.trusted_owners(quiet)?;
    let aliases = aliases::all(host.configuration(quiet)?);
    let mut libraries: Vec<Library> = Vec::new();
    for found in index::libraries(&host.places(quiet)?, &owners) {
        let before = libraries
            .iter()
            .find(|l| l.found.promised == found.promised);
        let before = || before.map(|before| before.found.path.display().to_string());
        let shadow = word_before(found.name(), &aliases).or_else(before);
        libraries.push(judge(found, shadow));
    }
    Ok(libraries)
}

/// Every program `omero-NAME`, in the order of the search.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn programs(host: &Host, libraries: &[Library]) -> Result<Vec<Program>, Error> {
    let aliases = aliases::all(host.configuration(true)?);
    let mut programs: Vec<Program> = Vec::new();
    for found in external::survey(host)? {
        let library = libraries.iter().find(|l| l.is_called(&found.command));
        let library = library.map(|library| library.found.path.display().to_string());
        let program = programs.iter().find(|program| {
            let broken = |o: &Obstacle| matches!(o, Obstacle::Broken { .. });
            program.name == found.command && !program.obstacles.iter().any(broken)
        });
        let program = program.map(|program| program.path.display().to_string());
        let shadow = word_before(&found.command, &aliases)
            .or(library)
            .or(program);
        let broken = found.obstacle.map(|obstacle| Obstacle::Broken {
            reason: obstacle.reason,
            remedy: obstacle.remedy,
        });
        programs.push(Program {
            obstacles: broken
                .into_iter()
                .chain(shadow.map(Obstacle::Shadowed))
                .collect(),
            name: found.command,
            path: found.path,
        });
    }
    Ok(programs)
}

/// What comes before every plugin and program of this name, if anything.
fn word_before(name: &str, aliases: &[(String, Result<String, String>)]) -> Option<String> {
    match resolve::meaning(name) {
        Meaning::Builtin(_) => Some("the built-in command".to_owned()),
        Meaning::Alias(_) => Some("the host's alias".to_owned()),
        Meaning::Plugin => {
            let own = aliases.iter().any(|(alias, _)| alias == name);
            own.then(|| "your alias".to_owned())
        }
    }
}

fn judge(found: Found, shadow: Option<String>) -> Library {
    let mut obstacles = Vec::new();
    let mut broken = |reason: String, remedy: String| {
        obstacles.push(Obstacle::Broken { reason, remedy });
    };
    let record = Record::read(&found.promised).unwrap_or_else(|error| {
        broken(error.to_string(), error.hint_text().to_owned());
        Record::default()
    });
    let path = &found.path;
    match &found.described {
        Err(error) => broken(error.step.to_string(), error.remedy()),
        Ok(_) => match record.integrity(&found.promised, path) {
            Ok(Integrity::Unrecorded | Integrity::Unchanged) => {}
            Ok(Integrity::Changed) => {
                let reason = "it is not the file that was installed".to_owned();
                broken(reason, admit::confirmation(path));
            }
            Err(e) => {
                let remedy = format!("check the permissions of {}", quoted(path));
                broken(format!("it cannot be read ({e})"), remedy);
            }
        },
    }
    if record.disabled {
        obstacles.push(Obstacle::Disabled);
    }
    obstacles.extend(shadow.map(Obstacle::Shadowed));
    Library {
        found,
        record,
        obstacles,
    }
}
