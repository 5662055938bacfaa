//! Whose files may be loaded besides the user's own and root's: the configuration key
//! `trusted-owners`, for machines where one account installs software for all.

#[cfg(unix)]
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use omero_plugin_api::Error;
use serde_json::Value;

#[cfg(unix)]
use super::walk::Kind;

use crate::{
    configuration::Configuration,
    error::{self, UNUSABLE},
};

/// The configuration key.
const KEY: &str = "trusted-owners";

/// The trusted owners, and the directories that have been checked for them.
#[derive(Debug, Default)]
pub struct Owners {
    numbers: Vec<u32>,
    #[cfg(unix)]
    passed: Mutex<HashSet<(PathBuf, Kind)>>,
}

impl Owners {
    /// What the configuration says: a name or a number, or a list of them. Costs nothing where the
    /// key is not set.
    ///
    /// # Errors
    ///
    /// A value of another type, or the name of nobody: a misspelt one must not go unnoticed.
    pub fn configured(configuration: &Configuration) -> Result<Self, Error> {
        let Some(json) = configuration.json(KEY)? else {
            return Ok(Self::default());
        };
        let value = serde_json::from_str(&json).map_err(|reason| {
            error::fatal(
                UNUSABLE,
                format!("the configuration key `{KEY}` cannot be read: {reason}"),
            )
        })?;
        let values = match value {
            Value::Array(values) => values,
            one => vec![one],
        };
        let numbers = values.iter().map(number).collect::<Result<_, _>>()?;
        Ok(Self {
            numbers,
            ..Self::default()
        })
    }

    /// One owner.
    pub fn one(number: u32) -> Self {
        Self {
            numbers: vec![number],
            ..Self::default()
        }
    }

    /// The numbers of the owners.
    #[cfg(unix)]
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.numbers.iter().copied()
    }

    /// Whether files of this owner are trusted.
    pub fn contains(&self, owner: u32) -> bool {
        self.numbers.contains(&owner)
    }

    /// Whether a directory or link has been found trustworthy before.
    #[cfg(unix)]
    pub(super) fn has_passed(&self, path: &Path, kind: Kind) -> bool {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.contains(&(path.to_owned(), kind))
    }

    /// Notes that a directory or link is trustworthy.
    #[cfg(unix)]
    pub(super) fn pass(&self, path: &Path, kind: Kind) {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.insert((path.to_owned(), kind));
    }
}

fn number(value: &Value) -> Result<u32, Error> {
    let found = match value {
        Value::Number(number) => number.as_u64().and_then(|n| u32::try_from(n).ok()),
        Value::String(name) => match name.parse() {
            Ok(number) => Some(number),
            Err(_) => number_of(name).map_err(|reason| {
                error::fatal(
                    UNUSABLE,
                    format!("the user {name} of the configuration key `{KEY}` cannot be looked up: {reason}"),
                )
                .hint("write the user's number instead, as `id -u` shows it")
            })?,
        },
        _ => None,
    };
    found.ok_or_else(|| {
        error::fatal(
            UNUSABLE,
            format!("the configuration key `{KEY}` names no user of this machine: {value}"),
        )
        .hint("write names as `getent passwd NAME` knows them, or numbers, for instance [software, 1005]")
    })
}

/// The number of a user, from whatever this system asks: local files, LDAP, SSSD.
#[cfg(unix)]
fn number_of(name: &str) -> Result<Option<u32>, String> {
    let user = nix::unistd::User::from_name(name).map_err(|error| error.desc().to_owned())?;
    Ok(user.map(|user| user.uid.as_raw()))
}

#[cfg(not(unix))]
fn number_of(_name: &str) -> Result<Option<u32>, String> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn owners(text: &str) -> Result<Owners, Error> {
        Owners::configured(&Configuration::parse(Path::new("/c.yaml"), text).unwrap())
    }

    #[test]
    fn names_and_numbers() {
        for (text, numbers) in [
            ("", vec![]),
            ("trusted-owners: 1005", vec![1005]),
            ("trusted-owners: [7, \"8\"]", vec![7, 8]),
            ("trusted-owners: root", vec![0]),
        ] {
            assert_eq!(owners(text).unwrap().numbers, numbers, "{text}");
        }
    }

    #[test]
    fn nobody_is_trusted_by_mistake() {
        for text in ["[nobody-at-all]", "-1", "{a: b}", "4294967296", "[[1]]"] {
            let error = owners(&format!("trusted-owners: {text}")).unwrap_err();
            assert_eq!(error.code(), 78, "{text}");
        }
    }
}
