//! The candidates at a place.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use omero_plugin_abi::LoginOption;
use omero_plugin_api::{
    Error,
    manifest::{Argument, Command, SERVICE_COMPLETION, ValueHint},
    questions::{Candidate, Question, Sought},
};

use super::{Answer, Paths};
use crate::{
    arguments::{HostOption, Known, Level, Owner, Walk},
    ask::ask,
    configuration::{aliases, keys},
    external,
    host::Host,
    lookup::{self, Entered},
    plugins::Plugin,
    provider,
    resolve::{self, Builtin, Meaning},
};

/// Longer than this nobody waits for a completion.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where the cursor is.
pub struct Place<'a> {
    /// What counts there.
    pub walk: Walk<'a>,
    /// Whose command it is.
    pub whose: Whose,
    /// The words that lead to the plugin's command.
    pub path: Vec<String>,
    /// The login options so far.
    pub login: Vec<LoginOption>,
    /// The words that were no options and no commands.
    pub positionals: Vec<String>,
}

/// Whose command the cursor is behind.
pub enum Whose {
    /// No command yet.
    NoCommand,
    /// The host's.
    Builtin(Builtin),
    /// A plugin's.
    Plugin(Arc<Plugin>),
}

/// What may stand where no option does.
///
/// # Errors
///
/// Plugins or the configuration cannot be read.
pub fn at(host: &Arc<Host>, place: &Place<'_>, current: &str) -> Result<Answer, Error> {
    match place.whose {
        Whose::NoCommand => Ok(words(commands(host)?)),
        Whose::Builtin(Builtin::Help | Builtin::Man) => topics(host, &place.positionals),
        Whose::Builtin(_) | Whose::Plugin(_) => {
            let mut answer = match place.walk.argument() {
                Some(argument) => of_argument(host, place, argument, current)?,
                None => Answer::default(),
            };
            if let (true, Some(node)) = (place.positionals.is_empty(), place.walk.level.command) {
                answer.candidates.splice(0..0, subcommands(node));
                if let (Whose::Plugin(_), 1) = (&place.whose, place.path.len()) {
                    let others = external::offers_beside(&external::offers(host), node);
                    answer
                        .candidates
                        .extend(others.into_iter().map(by_fallback));
                }
            }
            Ok(answer)
        }
    }
}

/// What may stand behind a word that nothing is known of: anything, and what the fallback offers at
/// its first word.
pub fn of_unknown(host: &Host, name: &str, first: bool) -> Answer {
    let subs = match first {
        true => external::offers(host).remove(name),
        // Listing the fallback's commands may be slow: only where they are shown.
        false => None,
    };
    Answer {
        candidates: subs.into_iter().flatten().map(by_fallback).collect(),
        paths: Paths::Files,
    }
}

fn words(candidates: Vec<Candidate>) -> Answer {
    Answer {
        candidates,
        paths: Paths::None,
    }
}

fn by_fallback(name: String) -> Candidate {
    Candidate::new(name).help("run by the fallback")
}

fn subcommands(node: &Command) -> Vec<Candidate> {
    let shown = node.commands.iter().filter(|sub| !sub.hidden);
    shown
        .map(|sub| Candidate::new(&sub.name).help(&sub.about))
        .collect()
}

/// Every command: built-in ones, the user's and the host's aliases, plugins, programs.
fn commands(host: &Host) -> Result<Vec<Candidate>, Error> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut add = |name: &str, help: &str| {
        if !found.iter().any(|known| known.value == name) {
            found.push(Candidate::new(name).help(help));
        }
    };
    for (name, about, _) in resolve::BUILTINS {
        add(name, about);
    }
    for (name, text) in aliases::all(host.configuration(true)?) {
        if resolve::meaning(&name) == Meaning::Plugin {
            add(&name, &format!("alias: {}", text.unwrap_or_default()));
        }
    }
    for alias in resolve::ALIASES {
        add(alias.name, alias.about);
    }
    for (name, described) in host.describe_all(true)? {
        if let Ok(manifest) = described
            && !manifest.command.hidden
        {
            add(&name, &manifest.command.about);
        }
    }
    for (name, path) in external::all(host)? {
        add(&name, &path.display().to_string());
    }
    for name in external::offers(host).into_keys() {
        add(&name, "run by the fallback");
    }
    Ok(found)
}

/// What `help` and `man` take: a command and its subcommands.
fn topics(host: &Host, path: &[String]) -> Result<Answer, Error> {
    let Some((name, path)) = path.split_first() else {
        return commands(host).map(words);
    };
    let node = match lookup::enter(host, name) {
        Entered::Builtin(_, node) | Entered::Plugin(_, node, _) => *node,
        Entered::Alias(_) | Entered::Unknown => return Ok(Answer::default()),
    };
    let found = path
        .iter()
        .try_fold(&node, |node, word| node.subcommand(word));
    Ok(words(found.map(subcommands).unwrap_or_default()))
}

/// The options at a place.
pub fn options(level: &Level<'_>) -> Answer {
    let hidden = |known: &&Known<'_>| match known.owner {
        Owner::Plugin(argument) => argument.hidden,
        // Behind a command it is for scripts.
        Owner::Host(spec) => spec.option == HostOption::Path && level.command.is_some(),
        Owner::Login(_) => false,
    };
    let shown = level.options.iter().filter(|known| !hidden(known));
    let found = shown.filter_map(|known| {
        let long = known.long.map(|long| format!("--{long}"));
        let short = known.short.map(|short| format!("-{short}"));
        Some(Candidate::new(long.or(short)?).help(known.help()))
    });
    words(found.collect())
}

/// The values of an option.
///
/// # Errors
///
/// The configuration cannot be read.
pub fn of_option(
    host: &Arc<Host>,
    place: &Place<'_>,
    known: &Known<'_>,
    current: &str,
) -> Result<Answer, Error> {
    match known.owner {
        Owner::Plugin(argument) => of_argument(host, place, argument, current),
        Owner::Host(spec) if spec.option == HostOption::Path => Ok(Answer {
            paths: Paths::Files,
            ..Answer::default()
        }),
        Owner::Host(_) => Ok(Answer::default()),
        // The same everywhere: it belongs to no command.
        Owner::Login(spec) => {
            let sought = Sought {
                command: Vec::new(),
                argument: spec.long.to_owned(),
                hint: spec.value.and_then(hint),
                word: current.to_owned(),
            };
            sought_values(host, place, sought)
        }
    }
}

/// What the values of a login option are, by the name of its value: the words that stand for the
/// same in the commands of plugins.
fn hint(value: &str) -> Option<ValueHint> {
    Some(match value {
        "SERVER" => ValueHint::Host,
        "USER" => ValueHint::User,
        "GROUP" => ValueHint::Group,
        "KEY" => ValueHint::Session,
        value if value.contains("USER") => ValueHint::User,
        _ => return None,
    })
}

fn of_argument(
    host: &Arc<Host>,
    place: &Place<'_>,
    argument: &Argument,
    current: &str,
) -> Result<Answer, Error> {
    // The values before the one that is typed.
    let (before, current) = match argument.delimiter.and_then(|mark| current.rfind(mark)) {
        Some(at) => current.split_at(at + 1),
        None => ("", current),
    };
    let mut answer = if argument.possible_values.is_empty() {
        let sought = Sought {
            command: place.path.clone(),
            argument: argument.id.clone(),
            hint: argument.hint,
            word: current.to_owned(),
        };
        sought_values(host, place, sought)?
    } else {
        let values = argument.possible_values.iter();
        words(values.map(Candidate::new).collect())
    };
    for candidate in &mut answer.candidates {
        candidate.value.insert_str(0, before);
    }
    Ok(answer)
}

fn sought_values(host: &Arc<Host>, place: &Place<'_>, sought: Sought) -> Result<Answer, Error> {
    let paths = match sought.hint {
        Some(ValueHint::Path | ValueHint::File) => Paths::Files,
        Some(ValueHint::Directory) => Paths::Directories,
        _ => Paths::None,
    };
    let candidates = match (&sought.hint, &place.whose) {
        (Some(ValueHint::Host | ValueHint::User | ValueHint::Group | ValueHint::Session), _) => {
            let provider = provider::find(host, true, "completion")?;
            asked(host, provider, place, sought)
        }
        // A login option without a hint, such as a password.
        _ if sought.command.is_empty() => Vec::new(),
        (_, Whose::Plugin(plugin)) if completes(plugin) => {
            asked(host, Arc::clone(plugin), place, sought)
        }
        (_, Whose::Builtin(builtin)) => of_builtin(host, *builtin, place, &sought.argument)?,
        _ => Vec::new(),
    };
    Ok(Answer { candidates, paths })
}

fn completes(plugin: &Plugin) -> bool {
    let provides = &plugin.manifest.provides;
    provides.iter().any(|service| service == SERVICE_COMPLETION)
}

/// What a plugin knows, if it says so in time.
fn asked(
    host: &Arc<Host>,
    plugin: Arc<Plugin>,
    place: &Place<'_>,
    sought: Sought,
) -> Vec<Candidate> {
    let (sender, receiver) = mpsc::channel();
    let (host, login) = (Arc::clone(host), place.login.clone());
    thread::spawn(move || {
        let answer = ask(&host, &plugin, &login, &Question::Values(sought));
        // Nobody may be waiting any more.
        let _ = sender.send(answer);
    });
    let answer = receiver.recv_timeout(PATIENCE).ok().and_then(Result::ok);
    answer
        .and_then(|answer| serde_json::from_value(answer).ok())
        .unwrap_or_default()
}

/// Arguments of the host's own commands.
fn of_builtin(
    host: &Host,
    builtin: Builtin,
    place: &Place<'_>,
    argument: &str,
) -> Result<Vec<Candidate>, Error> {
    let aliases = || -> Result<_, Error> { Ok(aliases::all(host.configuration(true)?)) };
    Ok(match (builtin, argument) {
        (Builtin::Config, "key") => {
            let mut found: Vec<Candidate> = keys::KEYS
                .iter()
                .map(|key| Candidate::new(key.name).help(key.about))
                .collect();
            for (name, text) in aliases()? {
                let name = format!("{}.{name}", aliases::KEY);
                found.push(Candidate::new(name).help(text.unwrap_or_default()));
            }
            found
        }
        (Builtin::Config, "value") => {
            let key = place.positionals.first().and_then(|name| keys::find(name));
            match key.map(|key| key.kind) {
                Some(keys::Kind::Choice(choices)) => {
                    choices.iter().copied().map(Candidate::new).collect()
                }
                _ => Vec::new(),
            }
        }
        (Builtin::Alias, "name") => aliases()?
            .into_iter()
            .map(|(name, text)| Candidate::new(name).help(text.unwrap_or_default()))
            .collect(),
        (Builtin::Plugin, "name" | "plugin" | "command") => host
            .describe_all(true)?
            .into_iter()
            .map(|(name, described)| {
                let about = described.map(|manifest| manifest.command.about);
                Candidate::new(name).help(about.unwrap_or_default())
            })
            .collect(),
        _ => Vec::new(),
    })
}
