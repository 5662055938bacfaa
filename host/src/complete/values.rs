//! The candidates at a place.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use omero_plugin_api::{
    Error,
    manifest::{Argument, Command, SERVICE_COMPLETION, ValueHint},
    questions::{Candidate, Question, Sought},
};

use super::{
    Answer, Paths,
    place::{Owner, Place},
    tree,
};
use crate::{
    ask::ask,
    configuration::{aliases, keys},
    external,
    host::Host,
    plugins::Plugin,
    provider,
    resolve::{self, Builtin, Meaning},
};

/// Longer than this nobody waits for a completion.
const PATIENCE: Duration = Duration::from_secs(1);

/// What may stand where no option does.
///
/// # Errors
///
/// Plugins or the configuration cannot be read.
pub fn at(host: &Arc<Host>, place: &Place, current: &str) -> Result<Answer, Error> {
    match place.owner {
        Owner::Nobody => Ok(words(commands(host)?)),
        // As for a command that the shell knows nothing about.
        Owner::Unknown => Ok(Answer {
            candidates: elsewhere(host, place),
            paths: Paths::Files,
        }),
        Owner::Builtin(Builtin::Help | Builtin::Man) => topics(host, &place.positionals),
        Owner::Builtin(_) | Owner::Plugin(_) => {
            let mut answer = match positional(&place.node, place.positionals.len()) {
                Some(argument) => of_argument(host, place, argument, current)?,
                None => Answer::default(),
            };
            if place.positionals.is_empty() {
                answer.candidates.splice(0..0, subcommands(&place.node));
                if let (Owner::Plugin(_), 1) = (&place.owner, place.path.len()) {
                    let others = external::offers_beside(&external::offers(host), &place.node);
                    answer
                        .candidates
                        .extend(others.into_iter().map(by_fallback));
                }
            }
            Ok(answer)
        }
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

/// The subcommands of a command of the fallback, behind its name.
fn elsewhere(host: &Host, place: &Place) -> Vec<Candidate> {
    let [name] = place.path.as_slice() else {
        return Vec::new();
    };
    let subs = external::offers(host).remove(name);
    subs.into_iter().flatten().map(by_fallback).collect()
}

fn subcommands(node: &Command) -> Vec<Candidate> {
    let shown = node.commands.iter().filter(|sub| !sub.hidden);
    shown
        .map(|sub| Candidate::new(&sub.name).help(&sub.about))
        .collect()
}

/// The argument that the next word belongs to.
fn positional(node: &Command, before: usize) -> Option<&Argument> {
    let mut before = before;
    for argument in node.arguments.iter().filter(|a| a.is_positional()) {
        match argument.max_values {
            Some(most) if before >= most => before -= most,
            _ => return Some(argument),
        }
    }
    None
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
    let node = match tree::enter(host, name) {
        tree::Entered::Builtin(_, node) | tree::Entered::Plugin(_, node, _) => *node,
        tree::Entered::Alias(_) | tree::Entered::Unknown => return Ok(Answer::default()),
    };
    let found = path
        .iter()
        .try_fold(&node, |node, word| crate::split::subcommand(node, word));
    Ok(words(found.map(subcommands).unwrap_or_default()))
}

/// The options at a place.
pub fn options(place: &Place) -> Answer {
    if matches!(place.owner, Owner::Unknown) {
        return Answer {
            paths: Paths::Files,
            ..Answer::default()
        };
    }
    let mut found = Vec::new();
    for option in tree::options(&place.node).iter().filter(|o| !o.hidden) {
        let long = option.long.as_ref().map(|long| format!("--{long}"));
        let short = option.short.map(|short| format!("-{short}"));
        found.extend(
            long.or(short)
                .map(|name| Candidate::new(name).help(&option.help)),
        );
    }
    words(found)
}

/// The values of an argument.
///
/// # Errors
///
/// The configuration cannot be read.
pub fn of_argument(
    host: &Arc<Host>,
    place: &Place,
    argument: &Argument,
    current: &str,
) -> Result<Answer, Error> {
    if !argument.possible_values.is_empty() {
        let values = argument.possible_values.iter();
        return Ok(words(values.map(Candidate::new).collect()));
    }
    let paths = match argument.hint {
        Some(ValueHint::Path | ValueHint::File) => Paths::Files,
        Some(ValueHint::Directory) => Paths::Directories,
        _ => Paths::None,
    };
    let sought = Sought {
        // A login option is the same everywhere.
        command: match tree::is_login(&place.node, argument) {
            true => Vec::new(),
            false => place.path.clone(),
        },
        argument: argument.id.clone(),
        hint: argument.hint,
        word: current.to_owned(),
    };
    let candidates = match (&argument.hint, &place.owner) {
        (Some(ValueHint::Host | ValueHint::User | ValueHint::Group | ValueHint::Session), _) => {
            let provider = provider::find(host, true, "completion")?;
            asked(host, provider, place, sought)
        }
        (_, Owner::Plugin(plugin)) if completes(plugin) => {
            asked(host, Arc::clone(plugin), place, sought)
        }
        (_, Owner::Builtin(builtin)) => of_builtin(host, *builtin, place, &argument.id)?,
        _ => Vec::new(),
    };
    Ok(Answer { candidates, paths })
}

fn completes(plugin: &Plugin) -> bool {
    let provides = &plugin.manifest.provides;
    provides.iter().any(|service| service == SERVICE_COMPLETION)
}

/// What a plugin knows, if it says so in time.
fn asked(host: &Arc<Host>, plugin: Arc<Plugin>, place: &Place, sought: Sought) -> Vec<Candidate> {
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
    place: &Place,
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
