//! `omero plugin doctor`: checks everything about plugins, and says what mends it.

use std::path::Path;

use omero_plugin_api::{Error, table::Table};

use super::{
    Task,
    survey::{self, Library, Obstacle, Program},
    trial,
};
use crate::{
    configuration::aliases,
    external, noexec, provider,
    records::{self, Record},
    resolve::{self, Meaning},
    trust::quoted,
};

/// Something that was looked at.
struct Finding {
    subject: String,
    level: Level,
    state: String,
    remedy: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Ok,
    /// Worth knowing; may be on purpose.
    Note,
    Problem,
}

impl Finding {
    fn ok(subject: impl Into<String>) -> Self {
        Self::new(subject, Level::Ok, "", "")
    }

    fn new(
        subject: impl Into<String>,
        level: Level,
        state: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            subject: subject.into(),
            level,
            state: state.into(),
            remedy: remedy.into(),
        }
    }

    fn of_error(subject: &str, error: &Error) -> Self {
        let text = error.to_string();
        let text = text.lines().next().unwrap_or_default();
        Self::new(subject, Level::Problem, text, error.hint_text())
    }
}

/// Checks and shows everything; ends with 1 if something is wrong.
///
/// # Errors
///
/// The output cannot be written.
pub fn run(task: &Task) -> Result<i32, Error> {
    let findings = findings(task);
    let mut table = Table::new(["Check", "Result", "Finding", "What mends it"]);
    for finding in &findings {
        let level = match finding.level {
            Level::Ok => "ok",
            Level::Note => "note",
            Level::Problem => "problem",
        };
        table.row([&finding.subject, level, &finding.state, &finding.remedy]);
    }
    task.show(&table)?;
    let wrong = findings.iter().any(|f| f.level == Level::Problem);
    Ok(i32::from(wrong))
}

fn findings(task: &Task) -> Vec<Finding> {
    let configuration = match task.host.configuration(true) {
        Ok(configuration) => configuration,
        // Without it the search path is not known either.
        Err(error) => return vec![Finding::of_error("configuration", &error)],
    };
    let mut findings: Vec<_> = configuration
        .warnings
        .iter()
        .map(|warning| Finding::new("configuration", Level::Problem, warning, "edit the file"))
        .collect();
    if let Some(reason) = &configuration.unreachable {
        let remedy = "set HOME to a directory of yours, or name the file in OMERO_CONFIG";
        findings.push(Finding::new("configuration", Level::Note, reason, remedy));
    }
    match survey::libraries(task.host, true) {
        Ok(libraries) => {
            findings.extend(libraries.iter().flat_map(library));
            findings.extend(lost(&libraries));
            match survey::programs(task.host, &libraries) {
                Ok(programs) => findings.extend(programs.iter().flat_map(program)),
                Err(error) => findings.push(Finding::of_error("programs", &error)),
            }
        }
        Err(error) => findings.push(Finding::of_error("configuration", &error)),
    }
    findings.extend(aliases::all(configuration).iter().filter_map(own_alias));
    if let Err(error) = external::configured_fallback(task.host, true) {
        findings.push(Finding::of_error("fallback", &error));
    }
    if findings.iter().all(|f| f.subject != "configuration") {
        findings.insert(0, Finding::ok("configuration"));
    }
    findings.push(match provider::find(task.host, true, "all sessions") {
        Ok(plugin) => Finding::ok(format!("session provider {}", plugin.manifest.name)),
        Err(error) => Finding::of_error("session provider", &error),
    });
    findings
}

/// What is to be said of one of the user's aliases, if anything.
fn own_alias((name, text): &(String, Result<String, String>)) -> Option<Finding> {
    let subject = format!("alias {name}");
    match text {
        Err(reason) => Some(Finding::new(
            subject,
            Level::Problem,
            reason,
            format!("omero alias set {name} '…', or: omero alias remove {name}"),
        )),
        Ok(_) if resolve::meaning(name) != Meaning::Plugin => Some(Finding::new(
            subject,
            Level::Problem,
            "it is ignored: this is a command of omero itself",
            format!("omero alias remove {name}"),
        )),
        Ok(_) => None,
    }
}

/// What is to be said of a library; it is loaded only if nothing speaks against it.
fn library(library: &Library) -> Vec<Finding> {
    let path = &library.found.path;
    let subject = format!("plugin {}", library.found.name());
    let mut findings: Vec<_> = library
        .obstacles
        .iter()
        .map(|obstacle| of_obstacle(&subject, library.found.name(), path, obstacle))
        .collect();
    let broken = findings.iter().any(|f| f.level == Level::Problem);
    if !broken {
        findings.extend(tried(&subject, path));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(subject));
    }
    findings
}

/// What loading the library and asking it what it misses brings to light.
fn tried(subject: &str, path: &Path) -> Vec<Finding> {
    let problem = |state, remedy| Finding::new(subject, Level::Problem, state, remedy);
    match trial::try_to_load(path) {
        Ok(missing) => missing
            .into_iter()
            .map(|sentence| problem(sentence, "give the plugin what it misses"))
            .collect(),
        Err(reason) => {
            let remedy = match noexec::mount_point(path) {
                Some(_) => {
                    "put it on another file system, and name its directory in OMERO_PLUGIN_PATH"
                }
                None => "build it again with the omero-plugin-api of this omero, or remove it",
            };
            vec![problem(format!("{} {reason}", path.display()), remedy)]
        }
    }
}

/// What is to be said of a program.
fn program(program: &Program) -> Vec<Finding> {
    let subject = format!("program {}", program.name);
    if program.obstacles.is_empty() {
        return vec![Finding::ok(subject)];
    }
    let of = |obstacle| of_obstacle(&subject, &program.name, &program.path, obstacle);
    program.obstacles.iter().map(of).collect()
}

fn of_obstacle(subject: &str, name: &str, path: &Path, obstacle: &Obstacle) -> Finding {
    let shown = path.display();
    match obstacle {
        Obstacle::Broken { reason, remedy } => Finding::new(
            subject,
            Level::Problem,
            format!("{shown}: {reason}"),
            remedy,
        ),
        Obstacle::Disabled => Finding::new(
            subject,
            Level::Note,
            format!("{shown} is disabled"),
            format!("omero plugin enable {name}"),
        ),
        Obstacle::Shadowed(by) => Finding::new(
            subject,
            Level::Note,
            format!("{shown} never runs: {by} has its name and comes first"),
            format!("remove one of the two, or see: omero plugin which {name}"),
        ),
    }
}

/// The plugins that have a record, sorted; a finding if the directory of records cannot be read.
fn recorded_names() -> Result<Vec<String>, Finding> {
    records::names().map_err(|reason| {
        let directory = records::directory().unwrap_or_default();
        let state = format!("{} cannot be read: {reason}", directory.display());
        let remedy = "make it a directory that you may read";
        Finding::new("records", Level::Problem, state, remedy)
    })
}

/// Records whose library is gone.
fn lost(libraries: &[Library]) -> Vec<Finding> {
    let names = match recorded_names() {
        Ok(names) => names,
        Err(unreadable) => return vec![unreadable],
    };
    let lost = names.iter().filter_map(|name| {
        let subject = format!("plugin {name}");
        let installed = match Record::read(name) {
            Ok(record) => record.installed?,
            Err(error) if libraries.iter().any(|l| l.is_called(name)) => {
                // The library's own line tells of it.
                drop(error);
                return None;
            }
            Err(error) => return Some(Finding::of_error(&subject, &error)),
        };
        (!installed.path.exists()).then(|| gone(&subject, name, &installed.path, &installed.source))
    });
    lost.collect()
}

fn gone(subject: &str, name: &str, path: &Path, source: &str) -> Finding {
    Finding::new(
        subject,
        Level::Problem,
        format!("{} was installed, but is gone", path.display()),
        format!(
            "omero plugin install {}, or: omero plugin remove {name}",
            quoted(Path::new(source))
        ),
    )
}
