//! From the words before the cursor to what may stand there.

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
    sync::Arc,
};

use omero_plugin_abi::{LoginOption, Secret};
use omero_plugin_api::Error;

use super::{
    Answer,
    values::{self, Place, Whose},
};
use crate::{
    arguments::{HostOption, Known, Owner, Role, Walk},
    host::Host,
    lookup::{self, DEEPEST_ALIAS, Entered},
};

/// What may stand at the cursor, after these words and with this beginning. A line that is wrong
/// before the cursor has no answer.
///
/// # Errors
///
/// Plugins or the configuration cannot be read.
pub fn answer(host: &Arc<Host>, words: &[String], current: &str) -> Result<Answer, Error> {
    let mut words: VecDeque<OsString> = words.iter().map(OsString::from).collect();
    let mut walk = Walk::top();
    let mut login = Vec::new();
    let mut aliases = 0;
    while let Some(word) = words.pop_front() {
        let Ok(step) = walk.next(word) else {
            return Ok(Answer::default());
        };
        note(host, &mut login, &step.options);
        let name = step.kept.as_deref().and_then(OsStr::to_str);
        let Some(name) = name.filter(|_| step.role == Role::Plain) else {
            continue;
        };
        let rest = lookup::settle_paths(host, name, words.into(), true)?;
        let (whose, node, path) = match lookup::enter(host, name) {
            Entered::Alias(_) if aliases == DEEPEST_ALIAS => return Ok(Answer::default()),
            Entered::Alias(stands_for) => {
                aliases += 1;
                let stands_for = stands_for.into_iter().map(OsString::from);
                words = stands_for.chain(rest).collect();
                continue;
            }
            Entered::Builtin(builtin, node) => {
                (Whose::Builtin(builtin), node, vec![name.to_owned()])
            }
            Entered::Plugin(plugin, node, path) => (Whose::Plugin(plugin), node, path),
            Entered::Unknown => {
                return Ok(values::of_unknown(host, name, rest.is_empty()));
            }
        };
        let place = Place {
            walk: Walk::at(&node, String::new()),
            whose,
            path,
            login,
            positionals: Vec::new(),
        };
        return behind(host, place, rest, current);
    }
    let place = Place {
        walk,
        whose: Whose::NoCommand,
        path: Vec::new(),
        login,
        positionals: Vec::new(),
    };
    at_cursor(host, &place, current)
}

/// Goes over the words behind a command.
fn behind(
    host: &Arc<Host>,
    mut place: Place<'_>,
    words: Vec<OsString>,
    current: &str,
) -> Result<Answer, Error> {
    for word in words {
        let Ok(step) = place.walk.next(word) else {
            return Ok(Answer::default());
        };
        note(host, &mut place.login, &step.options);
        if let (Role::Plain, Some(word)) = (step.role, step.kept) {
            place.positionals.push(word.to_string_lossy().into_owned());
        }
    }
    let within = place.walk.path.iter().map(|name| (*name).to_owned());
    place.path.extend(within);
    at_cursor(host, &place, current)
}

/// Remembers login options, which choose the session that is asked for values, and adds places.
fn note(host: &Host, login: &mut Vec<LoginOption>, options: &[(Known<'_>, OsString)]) {
    for (known, value) in options {
        match known.owner {
            Owner::Login(spec) => login.push(LoginOption {
                name: spec.long.into(),
                value: Secret::new(value.to_string_lossy().into_owned()),
            }),
            _ if known.is(HostOption::Path) => host.add_paths(std::slice::from_ref(value), true),
            _ => {}
        }
    }
}

fn at_cursor(host: &Arc<Host>, place: &Place<'_>, current: &str) -> Result<Answer, Error> {
    let is_option = current.len() > 1 && current.starts_with('-');
    if let Some((option, has_to_be)) = place.walk.waiting()
        && (has_to_be || !is_option)
    {
        return values::of_option(host, place, &option, current);
    }
    if place.walk.ended || !current.starts_with('-') {
        return values::at(host, place, current);
    }
    let joined = current.split_once('=');
    let joined = joined.and_then(|(name, value)| {
        let known = place.walk.level.only(name.strip_prefix("--")?)?;
        Some((name, value, *known))
    });
    match joined {
        None => Ok(values::options(&place.walk.level)),
        Some((name, value, option)) => {
            let mut answer = values::of_option(host, place, &option, value)?;
            for candidate in &mut answer.candidates {
                candidate.value = format!("{name}={}", candidate.value);
            }
            Ok(answer)
        }
    }
}
