//! `omero plugin which COMMAND`: all that a name could mean, in the order in which it is decided.

use omero_plugin_api::{Error, table::Table};

use super::{
    Task,
    survey::{self, Library, Obstacle},
};
use crate::{
    dispatch, lend,
    resolve::{self, Meaning},
};

/// One thing that a name could mean.
struct Candidate {
    kind: &'static str,
    meaning: String,
    /// Why it is refused when it is asked for, if it is.
    refused: Option<String>,
}

/// Shows the table. The first line is what happens; the rest is what that hides.
///
/// # Errors
///
/// The name means nothing; the configuration cannot be used.
pub fn run(task: &Task) -> Result<i32, Error> {
    let name = task.name();
    let candidates = candidates(task, name)?;
    if candidates.is_empty() {
        return Err(dispatch::plugin(task.host, name, task.quiet)
            .err()
            .unwrap_or_else(|| Error::silent(crate::error::USAGE)));
    }
    let mut table = Table::new(["Order", "Kind", "Meaning", "Effect"]);
    for (order, candidate) in (1..).zip(&candidates) {
        let effect = match &candidate.refused {
            _ if order > 1 => "hidden".to_owned(),
            Some(reason) => format!("refused: {reason}"),
            None => "runs".to_owned(),
        };
        table.row([
            order.to_string(),
            candidate.kind.to_owned(),
            candidate.meaning.clone(),
            effect,
        ]);
    }
    task.show(&table)
}

/// In the order of [`crate::resolve`].
fn candidates(task: &Task, name: &str) -> Result<Vec<Candidate>, Error> {
    let mut candidates = Vec::new();
    let simple = |kind, meaning: String| Candidate {
        kind,
        meaning,
        refused: None,
    };
    match resolve::meaning(name) {
        Meaning::Builtin(_) => candidates.push(simple("built-in command", format!("omero {name}"))),
        Meaning::Alias(alias) => {
            let provider = lend::provider_name(task.host, task.quiet)?;
            let meaning = format!("omero {provider} {}", alias.command);
            candidates.push(simple("alias of the host", meaning));
        }
        Meaning::Plugin => {}
    }
    let libraries = survey::libraries(task.host, task.quiet)?;
    let same = libraries.iter().filter(|library| library.is_called(name));
    candidates.extend(same.map(plugin));
    Ok(candidates)
}

fn plugin(library: &Library) -> Candidate {
    let refused = library
        .obstacles
        .iter()
        .find_map(|obstacle| match obstacle {
            Obstacle::Broken { reason, .. } => Some(reason.clone()),
            Obstacle::Disabled => Some("it is disabled".to_owned()),
            Obstacle::Shadowed(_) => None,
        });
    let path = library.found.path.display();
    Candidate {
        kind: "plugin",
        meaning: match &library.found.described {
            Ok(manifest) => format!("{path} ({} {})", manifest.name, manifest.version),
            Err(_) => path.to_string(),
        },
        refused,
    }
}
