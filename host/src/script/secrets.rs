//! Finding passwords and session keys in a command line, so that neither history nor messages
//! keep them. The line is read as it is when it runs; where it is not sure, a word counts as a
//! secret.

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
};

use crate::{
    arguments::{Known, Owner, Role, Walk},
    host::Host,
    lookup::{self, DEEPEST_ALIAS, Entered},
};

/// What stands in the place of a secret.
const MASK: &str = "***";

/// The command line without its secrets; `None` if it holds none.
pub fn masked(host: &Host, line: &str) -> Option<String> {
    mask(line, &|word| lookup::enter(host, word))
}

fn mask(line: &str, enter: &dyn Fn(&str) -> Entered) -> Option<String> {
    let Some(mut words) = shlex::split(line) else {
        // Without its end a quote may hide anything.
        return Some(MASK.to_owned());
    };
    let secrets = secrets(&words, enter);
    let mut found = false;
    for (at, word) in words.iter_mut().enumerate() {
        let nested = word.contains(char::is_whitespace) && mask(word, enter).is_some();
        if secrets.contains(&at) || nested || is_key(word) {
            MASK.clone_into(word);
            found = true;
        }
    }
    found.then(|| words.join(" "))
}

/// Which words hold values of secret options.
fn secrets(words: &[String], enter: &dyn Fn(&str) -> Entered) -> Vec<usize> {
    let mut left: VecDeque<(Option<usize>, OsString)> = words
        .iter()
        .enumerate()
        .map(|(at, word)| (Some(at), word.into()))
        .collect();
    let mut secrets = Vec::new();
    let mut aliases = 0;
    // Before the command, where more options are known than behind one that nothing is known of.
    let mut walk = Walk::top();
    while let Some((at, word)) = left.pop_front() {
        let Some((role, kept)) = read(&mut walk, at, word, &mut secrets) else {
            break;
        };
        let name = kept.as_deref().and_then(OsStr::to_str);
        let Some(name) = name.filter(|_| role == Role::Plain) else {
            continue;
        };
        let node = match enter(name) {
            Entered::Alias(stands_for) if aliases < DEEPEST_ALIAS => {
                aliases += 1;
                for word in stands_for.into_iter().rev() {
                    left.push_front((None, word.into()));
                }
                continue;
            }
            Entered::Builtin(_, node) | Entered::Plugin(_, node, _) => node,
            Entered::Alias(_) | Entered::Unknown => Box::default(),
        };
        let mut walk = Walk::careful(&node);
        while let Some((at, word)) = left.pop_front() {
            if read(&mut walk, at, word, &mut secrets).is_none() {
                break;
            }
        }
        break;
    }
    // Whatever stands behind a mistake.
    secrets.extend(left.into_iter().filter_map(|(at, _)| at));
    secrets
}

/// Reads a word; `None` if it is wrong: then it counts as a secret.
fn read(
    walk: &mut Walk<'_>,
    at: Option<usize>,
    word: OsString,
    secrets: &mut Vec<usize>,
) -> Option<(Role, Option<OsString>)> {
    let Ok(step) = walk.next(word) else {
        secrets.extend(at);
        return None;
    };
    if step
        .options
        .iter()
        .any(|(known, value)| !value.is_empty() && is_secret(known))
    {
        secrets.extend(at);
    }
    Some((step.role, step.kept))
}

/// Whether the values of an option are secrets, by its name.
fn is_secret(known: &Known<'_>) -> bool {
    let name = known.long.unwrap_or(known.id()).to_lowercase();
    match known.owner {
        Owner::Host(_) => false,
        Owner::Login(spec) => ["password", "key"].contains(&spec.long),
        Owner::Plugin(_) => {
            let parts = ["password", "passwd", "passphrase", "secret", "token"];
            known.takes_value() && (name == "key" || parts.iter().any(|part| name.contains(part)))
        }
    }
}

/// Whether a word has the form of the keys that OMERO servers make, or ends in one after `=`.
fn is_key(word: &str) -> bool {
    let word = word.rsplit('=').next().unwrap_or(word);
    let groups: Vec<&str> = word.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use omero_plugin_api::manifest::{Argument, Command};

    use super::*;
    use crate::{commands, resolve::Builtin};

    /// `load` of the host, and an alias that ends in an option; of other commands nothing is known.
    fn masked(line: &str) -> Option<String> {
        let option = |long: &str| Argument {
            id: long.to_owned(),
            long: Some(long.to_owned()),
            min_values: 1,
            max_values: Some(1),
            ..Argument::default()
        };
        let program = Argument {
            id: "program".to_owned(),
            hyphen_values: true,
            trailing: true,
            ..Argument::default()
        };
        mask(line, &|word| match word {
            "load" => Entered::Builtin(Builtin::Load, Box::new(commands::tree(Builtin::Load))),
            "config" => Entered::Builtin(
                Builtin::Config,
                Box::new(Command {
                    arguments: vec![option("new-password"), option("keyword"), program.clone()],
                    ..Command::default()
                }),
            ),
            "in" => Entered::Alias(vec!["login".to_owned(), "-w".to_owned()]),
            _ => Entered::Unknown,
        })
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        for (line, shown) in [
            ("login a@b -w secret", "login a@b -w ***"),
            ("-wsecret login a@b", "*** login a@b"),
            ("login -qw secret -s b", "login -qw *** -s b"),
            ("login --password=secret", "login ***"),
            ("login --pass secret b", "login --pass *** b"),
            ("login b -k K", "login b -k ***"),
            ("login b --key K", "login b --key ***"),
            ("-s b -k K load -k a", "-s b -k *** load -k a"),
            ("load -e 'login -w secret'", "load -e ***"),
            ("load -e'login -w secret'", "load ***"),
            ("-e 'login -w secret'", "-e ***"),
            ("in secret", "in ***"),
            ("config --new-pass x", "config --new-pass ***"),
            ("config -w x", "config -w ***"),
            ("login -s -w secret", "login -s *** ***"),
            (
                "sessions close 0f8fad5b-d9cb-469f-a165-70867728950e",
                "sessions close ***",
            ),
            (
                "sessions timeout --session=0f8fad5b-d9cb-469f-a165-70867728950e",
                "sessions timeout ***",
            ),
            ("login 'open", "***"),
        ] {
            let expected = Some(shown.to_owned()).filter(|shown| shown != line);
            assert_eq!(masked(line), expected, "{line}");
        }
    }

    #[test]
    fn other_lines_are_left_alone() {
        for line in [
            "version",
            "group list --style json",
            "-swww.example.org login",
            "hql 'select i from Image i where i.name = -1'",
            "load -k a b",
            "config --keyword x run -w x",
        ] {
            assert_eq!(masked(line), None, "{line}");
        }
    }
}
