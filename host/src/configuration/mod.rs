//! The user's configuration: `config.yaml`, read when something is asked of it and not before.

pub mod aliases;
pub mod keys;

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use omero_plugin_api::Error;
use serde_yaml::Value;

use aliases::Definition;

use crate::{
    environment::Environment,
    error::{self, UNUSABLE},
    private_files, text_file,
};

/// The variable that names another file.
const VARIABLE: &str = "OMERO_CONFIG";

/// The configuration, checked as far as the host understands it.
#[derive(Debug)]
pub struct Configuration {
    path: PathBuf,
    root: Value,
    /// What the user should know about the file, one sentence each.
    pub warnings: Vec<String>,
    /// Why the file cannot be reached and counts as absent.
    pub unreachable: Option<String>,
}

/// The configuration as it was read, and what it became since. What was handed out stays valid.
#[derive(Default)]
pub struct Readings {
    read: OnceLock<Result<Configuration, Error>>,
    newer: OnceLock<Box<Self>>,
}

impl Readings {
    /// The newest reading, made by `read` if there is none.
    pub fn newest(
        &self,
        read: impl FnOnce() -> Result<Configuration, Error>,
    ) -> &Result<Configuration, Error> {
        self.last().read.get_or_init(read)
    }

    /// The file was changed: it is read again when something is asked of it.
    pub fn outdate(&self) {
        // Should two threads come here at once, one new reading is enough.
        let _ = self.last().newer.set(Box::default());
    }

    fn last(&self) -> &Self {
        let mut last = self;
        while let Some(newer) = last.newer.get() {
            last = newer;
        }
        last
    }
}

impl Configuration {
    /// Reads the user's file. One that does not exist is empty, unless the user named it; so is one
    /// below a home directory that cannot be entered.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no YAML mapping.
    pub fn read(environment: &Environment) -> Result<Self, Error> {
        let named = environment.filled(VARIABLE);
        let Some(path) = file(environment) else {
            return Self::parse(Path::new(""), "");
        };
        match text_file::read(&path) {
            Ok(text) => Self::parse(&path, &text),
            Err(e) if named.is_none() && private_files::is_absent(&path, &e) => Ok(Self {
                unreachable: private_files::unreachable(&path),
                ..Self::parse(&path, "")?
            }),
            Err(e) if path.is_symlink() && e.kind() == ErrorKind::NotFound => {
                let reason = "it is a link to a file that does not exist";
                Err(unusable(&path, None, reason))
            }
            Err(e) => Err(unusable(&path, None, &e.to_string())),
        }
    }

    /// Understands the text of a file.
    ///
    /// # Errors
    ///
    /// It is no YAML mapping.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let root: Value = serde_yaml::from_str(text).map_err(|e| {
            let line = e.location().map(|location| location.line());
            unusable(path, line, &e.to_string())
        })?;
        let mut warnings = Vec::new();
        match &root {
            Value::Null => {}
            Value::Mapping(mapping) => {
                let names = mapping
                    .keys()
                    .map(|key| key.as_str().unwrap_or("(not text)"));
                for name in names.filter(|name| keys::find(name).is_none()) {
                    let line = line_of(text, name)
                        .map(|n| format!(" line {n}"))
                        .unwrap_or_default();
                    let path = path.display();
                    warnings.push(format!("{path}{line}: unknown configuration key `{name}`"));
                }
            }
            _ => return Err(unusable(path, Some(1), "it holds no keys")),
        }
        Ok(Self {
            path: path.to_owned(),
            root,
            warnings,
            unreachable: None,
        })
    }

    /// Drops what names programs: the file belongs to another user than the one it is read for. Which
    /// keys were there becomes a warning.
    pub fn ignore_programs(&mut self, owner: u32) {
        let Some(root) = self.root.as_mapping_mut() else {
            return;
        };
        let mut ignored = Vec::new();
        for key in keys::KEYS.iter().filter(|key| key.names_programs) {
            if root.shift_remove(key.name).is_some() {
                ignored.push(key.name.to_owned());
            }
        }
        if let Some(aliases) = root.get_mut(aliases::KEY).and_then(Value::as_mapping_mut) {
            aliases.retain(|name, value| {
                let is_shell = matches!(aliases::definition(value), Ok(Definition::Shell(_)));
                if is_shell {
                    let name = name.as_str().unwrap_or_default();
                    ignored.push(format!("{}.{name}", aliases::KEY));
                }
                !is_shell
            });
        }
        if !ignored.is_empty() {
            let path = self.path.display();
            let ignored = ignored.join(", ");
            self.warnings.push(format!(
                "{path} belongs to another user (uid {owner}): root ignores {ignored}; use sudo -H"
            ));
        }
    }

    /// Everything that the file says.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// What is wrong with the types of values, one sentence each.
    pub fn mistakes(&self) -> Vec<String> {
        let set = keys::KEYS
            .iter()
            .filter_map(|key| Some((key, self.value(key.name)?)));
        set.filter_map(|(key, value)| {
            let reason = key.kind.check(value).err()?;
            Some(format!("the configuration key `{}` {reason}", key.name))
        })
        .collect()
    }

    /// A value by its dotted key.
    pub fn value(&self, key: &str) -> Option<&Value> {
        key.split('.')
            .try_fold(&self.root, |value, name| value.get(name))
            .filter(|v| !v.is_null())
    }

    /// A value by its dotted key, as JSON.
    ///
    /// # Errors
    ///
    /// A value that JSON does not know, such as a mapping with keys that are not text.
    pub fn json(&self, key: &str) -> Result<Option<String>, Error> {
        self.value(key)
            .map(serde_json::to_string)
            .transpose()
            .map_err(|e| {
                unusable(
                    &self.path,
                    None,
                    &format!("the value of `{key}` is not usable: {e}"),
                )
            })
    }

    /// A text by its dotted key.
    ///
    /// # Errors
    ///
    /// A value that is no text.
    pub fn text(&self, key: &str) -> Result<Option<&str>, Error> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.mistyped(key, "a text")),
        }
    }

    /// A text or a list of texts by its dotted key.
    ///
    /// # Errors
    ///
    /// A value that is neither.
    pub fn texts(&self, key: &str) -> Result<Vec<&str>, Error> {
        let mistyped = || self.mistyped(key, "a text or a list of texts");
        match self.value(key) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Sequence(items)) => items
                .iter()
                .map(|item| item.as_str().ok_or_else(mistyped))
                .collect(),
            Some(_) => Err(mistyped()),
        }
    }

    fn mistyped(&self, key: &str, expected: &str) -> Error {
        unusable(&self.path, None, &format!("`{key}` has to be {expected}"))
    }
}

/// The user's configuration file, whether it exists or not; `None` without a home.
pub fn file(environment: &Environment) -> Option<PathBuf> {
    let standard = || dirs::config_dir().map(|config| config.join("omero").join("config.yaml"));
    let named = environment.filled(VARIABLE).map(PathBuf::from);
    named.or_else(standard)
}

/// The line of a key at the outermost level, from 1.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let is_it = |line: &str| {
        let line = line.trim_end();
        let rest = line
            .strip_prefix(key)
            .or_else(|| line.strip_prefix('"')?.strip_prefix(key)?.strip_prefix('"'))
            .or_else(|| {
                line.strip_prefix('\'')?
                    .strip_prefix(key)?
                    .strip_prefix('\'')
            });
        rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    text.lines().position(is_it).map(|at| at + 1)
}

fn unusable(path: &Path, line: Option<usize>, reason: &str) -> Error {
    let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
    let path = path.display();
    error::fatal(
        UNUSABLE,
        format!("the configuration file {path}{line} cannot be used: {reason}"),
    )
    .hint(format!("edit the file, or name another one in {VARIABLE}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{ffi::OsStr, fs};

    fn parse(text: &str) -> Result<Configuration, Error> {
        Configuration::parse(Path::new("/c.yaml"), text)
    }

    #[test]
    fn values_by_key() {
        let text = "session-provider: other\nplugin-path: [/a, /b]\nreport: {deep: {x: 5}}\n";
        let configuration = parse(text).unwrap();
        assert_eq!(
            configuration.text("session-provider").unwrap(),
            Some("other")
        );
        assert_eq!(configuration.texts("plugin-path").unwrap(), ["/a", "/b"]);
        assert_eq!(configuration.texts("session-provider").unwrap(), ["other"]);
        assert_eq!(
            configuration.json("report.deep").unwrap().as_deref(),
            Some(r#"{"x":5}"#)
        );
        assert_eq!(
            configuration.json("report.deep.x").unwrap().as_deref(),
            Some("5")
        );
        assert_eq!(configuration.json("tls-verify").unwrap(), None);
        assert_eq!(configuration.json("report.deep.x.y").unwrap(), None);
        assert_eq!(configuration.text("plugin-path").unwrap_err().code(), 78);
        assert!(configuration.warnings.is_empty());
    }

    #[test]
    fn nothing_is_configured() {
        for text in ["", "# a comment\n", "---\n", "report:\n"] {
            let configuration = parse(text).unwrap();
            assert_eq!(configuration.text("report").unwrap(), None, "{text:?}");
            assert!(configuration.warnings.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn unknown_keys_are_named_with_their_line() {
        let configuration = parse("# c\nreport: x\nreports: y\n\"odd one\" : z\n").unwrap();
        assert_eq!(
            configuration.warnings,
            [
                "/c.yaml line 3: unknown configuration key `reports`",
                "/c.yaml line 4: unknown configuration key `odd one`"
            ]
        );
    }

    #[test]
    fn broken_files_are_refused_with_their_line() {
        for (text, line) in [
            ("a: [\n", "line"),
            ("- a\n", "line 1"),
            ("just text", "line 1"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.code(), 78, "{text:?}");
            let message = error.to_string();
            assert!(message.starts_with("the configuration file /c.yaml"));
            assert!(message.contains(line), "{message}");
        }
        assert_eq!(
            parse("plugin-path: {a: b}")
                .unwrap()
                .texts("plugin-path")
                .unwrap_err()
                .code(),
            78
        );
        assert!(
            parse("plugin-path: [1]")
                .unwrap()
                .texts("plugin-path")
                .is_err()
        );
    }

    #[test]
    fn a_named_file_has_to_exist() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("c.yaml");
        let environment = Environment::of(&[("OMERO_CONFIG", path.as_os_str())]);
        assert!(Configuration::read(&environment).is_err());
        fs::write(&path, "report: x").unwrap();
        assert_eq!(
            Configuration::read(&environment)
                .unwrap()
                .text("report")
                .unwrap(),
            Some("x")
        );
        let empty = Environment::of(&[("OMERO_CONFIG", OsStr::new(""))]);
        assert!(Configuration::read(&empty).is_ok());
    }
}
