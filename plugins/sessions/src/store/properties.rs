//! The text of a session file: lines `key=value`, as OMERO.py writes and reads them.

use std::fmt;

use thiserror::Error;

/// Ends a line: OMERO.py opens the file in text mode.
const LINE_END: &str = if cfg!(windows) { "\r\n" } else { "\n" };

/// What a session file says. Absent and empty differ (`omero.group=` is a group without a name).
///
/// Keys other than these seven are kept, so that a file can be written back unharmed, but are out
/// of reach: OMERO.py hands them to Ice, where an edited file could load code.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Properties {
    /// `omero.group`: the group asked for at login, by name.
    pub group: Option<String>,
    /// `omero.host`: the server as the user wrote it. The only one that a file must have.
    pub host: Option<String>,
    /// `omero.user`: the user as the server reports it.
    pub user: Option<String>,
    /// `omero.port`: only if the port was given.
    pub port: Option<String>,
    /// `omero.timeout`: the idle time asked for, in seconds.
    pub timeout: Option<String>,
    /// `omero.sess`: the session key. The file's name is what counts.
    pub session: Option<String>,
    /// `omero.sudo`: the administrator who opened the session.
    pub sudo: Option<String>,
    /// The lines that are not ours, which nobody can look into.
    pub others: OtherLines,
}

/// Lines of a session file with keys that this program does not know, in their order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OtherLines(Vec<(String, String)>);

/// Why a session file makes no sense. Texts hold no value from the file.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Malformed {
    /// Some bytes are no text.
    #[error("it is not valid UTF-8")]
    NotUtf8,
    /// No server to connect to; empty files are of this kind.
    #[error("it names no server (omero.host)")]
    NoHost,
    /// The file was moved, or edited to send the key elsewhere.
    #[error("it names another server than its directory does")]
    OtherHost,
    /// A number was expected.
    #[error("its {0} is not a usable number")]
    NotANumber(&'static str),
    /// A character that could fool a terminal or forge a line.
    #[error("its {0} holds a control character")]
    Control(&'static str),
    /// The file or directory is of the wrong kind, too large or not ours to read.
    #[error("{0}")]
    Unreadable(String),
    /// The path is not one that a login makes.
    #[error("its {0} is none that a login makes")]
    ForeignName(&'static str),
}

/// A value that would forge other lines of the file.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{property} cannot be stored: it holds a control character")]
pub struct InvalidValue {
    property: String,
}

impl Properties {
    /// Properties with the three values that every session has.
    pub fn new(host: &str, user: &str, session: &str) -> Self {
        Self {
            host: Some(host.to_owned()),
            user: Some(user.to_owned()),
            session: Some(session.to_owned()),
            ..Self::default()
        }
    }

    /// Reads a file's bytes. LF, CR and CRLF end a line, the first `=` ends the key, nothing is
    /// trimmed, the last of several equal keys wins, lines without `=` are keys without value.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
        let mut properties = Self::default();
        // Between the two characters of CRLF this sees an empty line, which is skipped anyway.
        for line in text.split(['\n', '\r']).filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            properties.set(key, value);
        }
        properties.check()?;
        Ok(properties)
    }

    /// The file's bytes, in OMERO.py's order, keys that are not ours at the end.
    pub fn to_bytes(&self) -> Result<Vec<u8>, InvalidValue> {
        let known = self
            .known()
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        let others = self
            .others
            .0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        let mut text = String::new();
        for (key, value) in known.chain(others) {
            // Lines of others came from a file, so they cannot hold the end of a line.
            if is_known(key) {
                check_value(key, value)?;
            }
            text.extend([key, "=", value, LINE_END]);
        }
        Ok(text.into_bytes())
    }

    fn known(&self) -> [(&'static str, Option<&str>); 7] {
        [
            ("omero.group", self.group.as_deref()),
            ("omero.host", self.host.as_deref()),
            ("omero.user", self.user.as_deref()),
            ("omero.port", self.port.as_deref()),
            ("omero.timeout", self.timeout.as_deref()),
            ("omero.sess", self.session.as_deref()),
            ("omero.sudo", self.sudo.as_deref()),
        ]
    }

    fn set(&mut self, key: &str, value: &str) {
        let value = value.to_owned();
        let known = match key {
            "omero.group" => &mut self.group,
            "omero.host" => &mut self.host,
            "omero.user" => &mut self.user,
            "omero.port" => &mut self.port,
            "omero.timeout" => &mut self.timeout,
            "omero.sess" => &mut self.session,
            "omero.sudo" => &mut self.sudo,
            other => return self.others.0.push((other.to_owned(), value)),
        };
        *known = Some(value);
    }

    fn check(&self) -> Result<(), Malformed> {
        for (key, value) in self.known() {
            if value.is_some_and(|value| value.contains(char::is_control)) {
                return Err(Malformed::Control(key));
            }
        }
        if self.host.as_deref().is_none_or(str::is_empty) {
            return Err(Malformed::NoHost);
        }
        if self
            .port
            .as_deref()
            .is_some_and(|port| port.parse::<u16>().is_err())
        {
            return Err(Malformed::NotANumber("omero.port"));
        }
        if self
            .timeout
            .as_deref()
            .is_some_and(|timeout| timeout.parse::<i64>().is_err())
        {
            return Err(Malformed::NotANumber("omero.timeout"));
        }
        Ok(())
    }
}

/// Refuses a value with control characters.
pub(super) fn check_value(property: &str, value: &str) -> Result<(), InvalidValue> {
    match value.contains(char::is_control) {
        true => Err(InvalidValue {
            property: property.to_owned(),
        }),
        false => Ok(()),
    }
}

fn is_known(key: &str) -> bool {
    Properties::default()
        .known()
        .iter()
        .any(|(known, _)| *known == key)
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Properties")
            .field("group", &self.group)
            .field("host", &self.host)
            .field("user", &self.user)
            .field("port", &self.port)
            .field("timeout", &self.timeout)
            .field(
                "session",
                &self.session.as_deref().map(super::names::shorten),
            )
            .field("sudo", &self.sudo)
            .field("others", &self.others.0.len())
            .finish()
    }
}

#[cfg(test)]
#[path = "tests/properties.rs"]
mod tests;
