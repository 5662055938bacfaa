//! The keys of the configuration and the types of their values.

use serde_yaml::Value;

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A text or a number, or a list of them.
    Names,
    /// Names with a text or a list of texts each.
    Aliases,
    /// Names of programs with `session-key: true` or `false` each.
    Executables,
    /// Names of plugins with whatever the plugin understands.
    Plugins,
}

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What its value has to be.
    pub kind: Kind,
    /// What it does, for the help.
    pub about: &'static str,
    /// Whether its value decides which files are run.
    pub names_programs: bool,
}

/// The keys that something reads.
pub const KEYS: &[Key] = &[
    Key {
        name: "aliases",
        kind: Kind::Aliases,
        about: "words that stand for commands; see omero alias",
        names_programs: false,
    },
    Key {
        name: "executables",
        kind: Kind::Executables,
        about: "what programs omero-NAME may have: NAME: {session-key: true}",
        names_programs: true,
    },
    Key {
        name: "fallback",
        kind: Kind::Text,
        about: "another omero, for the commands that nothing here provides",
        names_programs: true,
    },
    Key {
        name: "plugin-path",
        kind: Kind::Names,
        about: "more places to look for plugins",
        names_programs: true,
    },
    Key {
        name: "plugins",
        kind: Kind::Plugins,
        about: "settings of plugins: NAME: {…}",
        names_programs: false,
    },
    Key {
        name: "report",
        kind: Kind::Choice(&["with-key", "without-key"]),
        about: "whether the session report shows the key",
        names_programs: false,
    },
    Key {
        name: "session-provider",
        kind: Kind::Text,
        about: "the plugin that makes sessions",
        names_programs: false,
    },
    Key {
        name: "tls-verify",
        kind: Kind::Choice(&["strict", "first-use", "off"]),
        about: "how servers prove who they are",
        names_programs: false,
    },
    Key {
        name: "trusted-owners",
        kind: Kind::Names,
        about: "users whose plugins are trusted like root's",
        names_programs: true,
    },
];

/// The key of a name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

impl Kind {
    /// Checks a value; the error is half a sentence that begins with what it has to be.
    ///
    /// # Errors
    ///
    /// It is something else.
    pub fn check(self, value: &Value) -> Result<(), String> {
        let wrong = |expected: &str| Err(format!("has to be {expected}"));
        match self {
            Self::Text if !value.is_string() => wrong("a text"),
            Self::Choice(choices) => match value.as_str() {
                Some(text) if choices.contains(&text) => Ok(()),
                // YAML takes a bare `off` for a truth value in its older versions only.
                _ => wrong(&format!("one of {}", choices.join(", "))),
            },
            Self::Names if !is_names(value) => wrong("a text or a list of texts"),
            Self::Aliases => each(value, "names with a command each", |name, value| {
                super::aliases::definition(value)
                    .map(|_| ())
                    .map_err(|reason| format!("has a wrong entry `{name}`: {reason}"))
            }),
            Self::Executables => each(value, "names with settings each", |name, value| {
                let wrong = || format!("has a wrong entry `{name}`: it knows session-key: true");
                let settings = value.as_mapping().ok_or_else(wrong)?;
                let known = |(key, value): (&Value, &Value)| {
                    key.as_str() == Some("session-key") && value.is_bool()
                };
                settings.iter().all(known).then_some(()).ok_or_else(wrong)
            }),
            Self::Plugins => each(value, "names with settings each", |_, _| Ok(())),
            Self::Text | Self::Names => Ok(()),
        }
    }

    /// The value that a text on the command line means.
    pub fn value_of(self, path: &[&str], text: &str) -> Value {
        let parsed = || serde_yaml::from_str(text).unwrap_or_else(|_| Value::from(text));
        match (self, path.len()) {
            (Self::Text | Self::Choice(_), _) => Value::from(text),
            // A path or command is text, whatever YAML would make of it; `[a, b]` is a list.
            (Self::Names, _) | (Self::Aliases, 2) => {
                match Some(parsed()).filter(Value::is_sequence) {
                    Some(list) => list,
                    None => Value::from(text),
                }
            }
            _ => parsed(),
        }
    }
}

fn is_names(value: &Value) -> bool {
    let one = |value: &Value| value.is_string() || value.is_u64();
    one(value) || value.as_sequence().is_some_and(|all| all.iter().all(one))
}

fn each(
    value: &Value,
    expected: &str,
    check: impl Fn(&str, &Value) -> Result<(), String>,
) -> Result<(), String> {
    let wrong = || format!("has to be {expected}");
    let mapping = value.as_mapping().ok_or_else(wrong)?;
    mapping.iter().try_for_each(|(name, value)| {
        let name = name.as_str().ok_or_else(wrong)?;
        check(name, value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_for_the_help() {
        assert!(KEYS.is_sorted_by_key(|key| key.name));
    }

    #[test]
    fn types() {
        for (key, yaml, wrong) in [
            ("fallback", "/bin/omero", ""),
            ("fallback", "[a]", "a text"),
            ("report", "without-key", ""),
            ("report", "other", "one of with-key, without-key"),
            ("tls-verify", "off", ""),
            ("plugin-path", "[/a, /b]", ""),
            ("plugin-path", "{a: b}", "a list of texts"),
            ("trusted-owners", "[software, 1005]", ""),
            ("aliases", "{a: hql x}", ""),
            ("aliases", "{a: 5}", "wrong entry `a`"),
            ("aliases", "text", "names with a command each"),
            ("executables", "{x: {session-key: true}}", ""),
            (
                "executables",
                "{x: {session-key: yes please}}",
                "session-key",
            ),
            ("executables", "{x: {session_key: true}}", "session-key"),
            ("plugins", "{x: {any: [1]}}", ""),
        ] {
            let value = serde_yaml::from_str(yaml).unwrap();
            let checked = find(key).unwrap().kind.check(&value);
            match checked {
                Ok(()) => assert_eq!(wrong, "", "{key}: {yaml}"),
                Err(reason) => {
                    assert!(
                        !wrong.is_empty() && reason.contains(wrong),
                        "{key}: {reason}"
                    );
                }
            }
        }
    }
}
