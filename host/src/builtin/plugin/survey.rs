//! The plugins on the search path, each with everything that keeps it from running.

use omero_plugin_api::Error;

use crate::{
    configuration::aliases,
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

impl Library {
    /// The state in one cell of a table.
    pub fn state(&self) -> String {
        let texts = self.obstacles.iter().map(|obstacle| match obstacle {
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

    /// Whether a plugin of this name is meant: `-` and `_` are the same in a file's name.
    pub fn is_called(&self, name: &str) -> bool {
        self.found.promised == name.replace('-', "_")
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
        let before = libraries.iter().find(|l| l.is_called(&found.promised));
        let shadow = match resolve::meaning(found.name()) {
            Meaning::Builtin(_) => Some("the built-in command".to_owned()),
            Meaning::Alias(_) => Some("the host's alias".to_owned()),
            Meaning::Plugin if aliases.iter().any(|(alias, _)| alias == found.name()) => {
                Some("your alias".to_owned())
            }
            Meaning::Plugin => before.map(|before| before.found.path.display().to_string()),
        };
        libraries.push(judge(found, shadow));
    }
    Ok(libraries)
}

fn judge(found: Found, shadow: Option<String>) -> Library {
    let mut obstacles = Vec::new();
    let mut broken = |reason: String, remedy: String| {
        obstacles.push(Obstacle::Broken { reason, remedy });
    };
    let record = Record::read(&found.promised).unwrap_or_else(|error| {
        let text = error.to_string();
        let reason = text.strip_prefix("omero: error: ").unwrap_or(&text);
        broken(reason.to_owned(), error.hint_text().to_owned());
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
