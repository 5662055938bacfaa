//! `omero plugin which COMMAND`: all that a name could mean, in the order in which it is decided.

use omero_plugin_api::{Error, table::Table};

use super::{
    Task,
    survey::{self, Library, Obstacle},
};
use crate::{
    configuration::aliases,
    error, external, locate, lookup, provider,
    resolve::{self, Meaning},
};

/// The last resort.
const FALLBACK: &str = "fallback";

/// One thing that a name could mean.
struct Candidate {
    kind: &'static str,
    meaning: String,
    /// Why it is refused when it is asked for, if it is.
    refused: Option<String>,
    /// Whether it steps aside for the fallback: the user disabled it.
    steps_aside: bool,
    /// What it runs even where something else comes first.
    beside: Vec<String>,
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
        return Err(lookup::plugin(task.host, name, task.quiet)
            .err()
            .unwrap_or_else(|| Error::silent(error::USAGE)));
    }
    let mut table = Table::new(["Order", "Kind", "Meaning", "Effect"]);
    let can_step_aside = candidates
        .last()
        .is_some_and(|last| last.kind == FALLBACK && last.refused.is_none());
    let runs = match candidates.first() {
        Some(first) if first.steps_aside && can_step_aside => candidates.len(),
        _ => 1,
    };
    for (order, candidate) in (1..).zip(&candidates) {
        let effect = match &candidate.refused {
            Some(reason) if order == runs => format!("refused: {reason}"),
            None if order == runs => "runs".to_owned(),
            _ if candidate.steps_aside && order < runs => "disabled".to_owned(),
            _ if !candidate.beside.is_empty() => format!("runs {}", candidate.beside.join(", ")),
            _ => "hidden".to_owned(),
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
    let mut candidates: Vec<_> = of_host(task, name)?.into_iter().collect();
    candidates.extend(own_alias(task, name)?);
    let libraries = survey::libraries(task.host, task.quiet)?;
    let same = libraries.iter().filter(|library| library.is_called(name));
    candidates.extend(same.map(plugin));
    let same_name = libraries.iter().find(|library| library.is_called(name));
    match external::find(task.host, name, task.quiet) {
        Ok(program) => candidates.extend(program.map(|p| Candidate::new("program", p.display()))),
        Err(error) => candidates.push(Candidate::refused("program", &error)),
    }
    match external::configured_fallback(task.host, task.quiet) {
        Ok(None) => {}
        // It would be asked about any word.
        Ok(Some(_)) if !locate::is_command(name) => {}
        Ok(Some(path)) => {
            let places = task.host.places(task.quiet)?;
            let fallback = Candidate::new(FALLBACK, format!("{} {name}", path.display()));
            let manifest = same_name.and_then(|library| library.found.described.as_ref().ok());
            let offers = external::offers(task.host);
            let beside = manifest.map(|m| external::offers_beside(&offers, &m.command));
            // A word that is nearly a command of this program is not asked for there.
            if !candidates.is_empty() || !lookup::is_misspelled(task.host, name, &places) {
                candidates.push(Candidate {
                    beside: beside.unwrap_or_default(),
                    ..fallback
                });
            }
        }
        Err(error) => candidates.push(Candidate::refused(FALLBACK, &error)),
    }
    Ok(candidates)
}

impl Candidate {
    fn new(kind: &'static str, meaning: impl ToString) -> Self {
        Self {
            kind,
            meaning: meaning.to_string(),
            refused: None,
            steps_aside: false,
            beside: Vec::new(),
        }
    }

    fn refused(kind: &'static str, error: &Error) -> Self {
        let text = error.to_string();
        Self {
            refused: Some(text.lines().next().unwrap_or_default().to_owned()),
            ..Self::new(kind, "")
        }
    }
}

fn of_host(task: &Task, name: &str) -> Result<Option<Candidate>, Error> {
    Ok(match resolve::meaning(name) {
        Meaning::Builtin(_) => Some(Candidate::new("built-in command", format!("omero {name}"))),
        Meaning::Alias(alias) => {
            let provider = provider::name(task.host, task.quiet)?;
            let meaning = format!("omero {provider} {}", alias.command);
            Some(Candidate::new("alias of the host", meaning))
        }
        Meaning::Plugin => None,
    })
}

fn own_alias(task: &Task, name: &str) -> Result<Option<Candidate>, Error> {
    let aliases = aliases::all(task.host.configuration(task.quiet)?);
    let own = aliases.into_iter().find(|(alias, _)| alias == name);
    Ok(own.map(|(_, text)| match text {
        Ok(text) if text.starts_with('!') => Candidate::new("your alias", text),
        Ok(text) => Candidate::new("your alias", format!("omero {text}")),
        Err(reason) => Candidate {
            refused: Some(reason),
            ..Candidate::new("your alias", "")
        },
    }))
}

fn plugin(library: &Library) -> Candidate {
    let path = library.found.path.display();
    let meaning = match &library.found.described {
        Ok(manifest) => format!("{path} ({} {})", manifest.name, manifest.version),
        Err(_) => path.to_string(),
    };
    let refused = library
        .obstacles
        .iter()
        .find_map(|obstacle| match obstacle {
            Obstacle::Broken { reason, .. } => Some(reason.clone()),
            Obstacle::Disabled => Some("it is disabled".to_owned()),
            Obstacle::Shadowed(_) => None,
        });
    let disabled = |obstacle: &Obstacle| matches!(obstacle, Obstacle::Disabled);
    Candidate {
        refused,
        steps_aside: library.obstacles.iter().any(disabled),
        ..Candidate::new("plugin", meaning)
    }
}
