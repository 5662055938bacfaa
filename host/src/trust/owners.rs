//! Whose files may be loaded besides the user's own and root's: the configuration key
//! `trusted-owners`, for machines where one account installs software for all.

use omero_plugin_api::Error;
use serde_json::Value;

use crate::{
    configuration::Configuration,
    error::{self, UNUSABLE},
};

/// The configuration key.
const KEY: &str = "trusted-owners";

/// The numbers of the trusted owners.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners(Vec<u32>);

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
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let value = serde_json::from_str(&json).unwrap_or_default();
        let values = match value {
            Value::Array(values) => values,
            one => vec![one],
        };
        let numbers = values.iter().map(|value| number(&users, value));
        numbers.collect::<Result<_, _>>().map(Self)
    }

    /// Whether files of this owner are trusted.
    pub fn contains(&self, owner: u32) -> bool {
        self.0.contains(&owner)
    }
}

fn number(users: &str, value: &Value) -> Result<u32, Error> {
    let found = match value {
        Value::Number(number) => number.as_u64().and_then(|n| u32::try_from(n).ok()),
        Value::String(name) => name.parse().ok().or_else(|| number_of(users, name)),
        _ => None,
    };
    found.ok_or_else(|| {
        error::fatal(
            UNUSABLE,
            format!("the configuration key `{KEY}` names no user of this machine: {value}"),
        )
        .hint("write names of /etc/passwd or user numbers, for instance [software, 1005]")
    })
}

fn number_of(users: &str, name: &str) -> Option<u32> {
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    line.split(':').nth(2)?.parse().ok()
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
            assert_eq!(owners(text).unwrap(), Owners(numbers), "{text}");
        }
        assert_eq!(number_of("ana:x:1000:1:\n", "ana"), Some(1000));
    }

    #[test]
    fn nobody_is_trusted_by_mistake() {
        for text in ["[nobody-at-all]", "-1", "{a: b}", "4294967296", "[[1]]"] {
            let error = owners(&format!("trusted-owners: {text}")).unwrap_err();
            assert_eq!(error.code(), 78, "{text}");
        }
    }
}
