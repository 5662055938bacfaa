//! The configuration key `aliases`: what the user's own words stand for.
//!
//! ```yaml
//! aliases:
//!   imgs: hql "select i from Image i where i.name = '$1'"
//!   prod: -s prod.example.org login
//!   keys: '!omero sessions list --style csv | cut -d, -f4'
//! ```

use omero_plugin_api::Error;
use serde_yaml::Value;

use super::Configuration;
use crate::error::{self, UNUSABLE};

/// The configuration key.
pub const KEY: &str = "aliases";

/// What an alias stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// A command line of this program.
    Words(Vec<String>),
    /// A command line of the shell.
    Shell(String),
}

/// What a word stands for, if it is an alias.
///
/// # Errors
///
/// The alias is badly written.
pub fn find(configuration: &Configuration, name: &str) -> Result<Option<Definition>, Error> {
    let Some(value) = configuration.value(KEY).and_then(|all| all.get(name)) else {
        return Ok(None);
    };
    definition(value)
        .map(Some)
        .map_err(|reason| broken(name, &reason))
}

/// All aliases by name, each with its text, or with what is wrong with it.
pub fn all(configuration: &Configuration) -> Vec<(String, Result<String, String>)> {
    let mapping = configuration.value(KEY).and_then(Value::as_mapping);
    let mut found: Vec<_> = mapping
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            let text = definition(value).map(|definition| match definition {
                Definition::Shell(text) => format!("!{text}"),
                Definition::Words(words) => joined(&words),
            });
            Some((name.as_str()?.to_owned(), text))
        })
        .collect();
    found.sort();
    found
}

/// Understands the value of an alias; the error is half a sentence.
///
/// # Errors
///
/// It is neither text nor a list of texts, has an open quote, or is empty.
pub fn definition(value: &Value) -> Result<Definition, String> {
    let words = match value {
        Value::String(text) => match text.trim_start().strip_prefix('!') {
            Some(shell) if !shell.trim().is_empty() => {
                return Ok(Definition::Shell(shell.trim().to_owned()));
            }
            Some(_) => Vec::new(),
            None => shlex::split(text).ok_or("a quote in it is not closed")?,
        },
        Value::Sequence(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or("its words have to be texts")?,
        // YAML takes an unquoted `!` for a type.
        Value::Tagged(_) => return Err("quote text that begins with `!`".to_owned()),
        _ => return Err("it has to be a text or a list of texts".to_owned()),
    };
    if words.is_empty() {
        return Err("it stands for nothing".to_owned());
    }
    Ok(Definition::Words(words))
}

/// Words as a shell would read them back.
fn joined(words: &[String]) -> String {
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

fn broken(name: &str, reason: &str) -> Error {
    error::fatal(
        UNUSABLE,
        format!("the alias `{name}` of the configuration cannot be used: {reason}"),
    )
    .hint(format!("omero alias set {name} '…' replaces it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_aliases() {
        let read = |yaml: &str| definition(&serde_yaml::from_str(yaml).unwrap());
        let words = |words: &[&str]| {
            Ok(Definition::Words(
                words.iter().map(|w| (*w).to_owned()).collect(),
            ))
        };
        assert_eq!(
            read("hql \"select i\" -q"),
            words(&["hql", "select i", "-q"])
        );
        assert_eq!(read("[hql, 'a b']"), words(&["hql", "a b"]));
        assert_eq!(read("'!ls $1'"), Ok(Definition::Shell("ls $1".to_owned())));
        for (yaml, reason) in [
            ("\"hql 'open\"", "not closed"),
            ("''", "nothing"),
            ("'!'", "nothing"),
            ("[]", "nothing"),
            ("[1]", "texts"),
            ("5", "a text"),
            ("{a: b}", "a text"),
            ("!ls x", "quote"),
        ] {
            let error = read(yaml).unwrap_err();
            assert!(error.contains(reason), "{yaml}: {error}");
        }
    }
}
