//! The three names a session is filed under: host, user and key.
//!
//! Each becomes a component of a path, so a name is checked once, when it is made, and whatever
//! holds one of these types can be joined to the store's directory without leaving it. OMERO.py
//! joins them unchecked; the rules here accept every name that a working login can leave behind.

use std::fmt;

use thiserror::Error;

/// The longest component that common file systems take, in bytes.
const LONGEST: usize = 255;

/// The first letters of the files that stand beside hosts and users in the store.
const RESERVED: [&str; 3] = ["._last", "._lock_", "._tmp_"];

/// A server as the user wrote it: a host name, an address or a whole URL such as `wss://h/path`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Host(String);

/// A user as the server reports it. It names a directory as it stands, not encoded, because
/// OMERO.py would not find the session otherwise.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct User(String);

/// A session key: a credential, so it has no `Display`, and `Debug` shows only its beginning.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(String);

/// Why a text cannot be a host, user or key of the store. Keys are never repeated in the text.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{subject} cannot be used: {reason}")]
pub struct NameError {
    subject: String,
    reason: Reason,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
enum Reason {
    #[error("it is empty")]
    Empty,
    #[error("`.` and `..` are directories")]
    Directory,
    #[error("it begins as the session store's own files do")]
    Reserved,
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
    #[error("it begins or ends with white space")]
    Blank,
    #[error("it holds the character {0:?}")]
    Character(char),
    #[error("a key has only letters, digits, `.`, `_` and `-`, and does not begin with a dot")]
    NotAKey,
}

impl Host {
    /// Checks a host. Its encoded form (see [`super::encoding`]) must fit into a file name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_common(text, super::encoding::encode(text).len())
            .map_err(|reason| NameError::about("the server name", text, reason))?;
        Ok(Self(text.to_owned()))
    }

    /// The text as the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl User {
    /// Checks a user name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_common(text, text.len())
            .and_then(|()| check_component(text, cfg!(windows)))
            .map_err(|reason| NameError::about("the user name", text, reason))?;
        Ok(Self(text.to_owned()))
    }

    /// The name as it stands.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SessionKey {
    /// Checks a key. Real ones are UUIDs, but servers may accept others.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let subject = "the session key".to_owned();
        if text.is_empty() {
            return Err(NameError {
                subject,
                reason: Reason::Empty,
            });
        }
        if text.len() > LONGEST {
            return Err(NameError {
                subject,
                reason: Reason::TooLong,
            });
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if text.starts_with('.') || !text.chars().all(allowed) {
            return Err(NameError {
                subject,
                reason: Reason::NotAKey,
            });
        }
        check_component(text, cfg!(windows)).map_err(|reason| NameError { subject, reason })?;
        Ok(Self(text.to_owned()))
    }

    /// The whole key. Whoever asks takes care of where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Enough of the key to tell sessions apart in messages, too little to use it.
    pub fn short(&self) -> String {
        shorten(&self.0)
    }
}

/// The beginning of a text that may be a credential: at most eight characters and at most a
/// quarter of it.
pub(super) fn shorten(text: &str) -> String {
    let shown = (text.chars().count() / 4).min(8);
    text.chars().take(shown).chain(['…']).collect()
}

/// The rules that hosts and users share; `bytes` is the length of the file name they become.
fn check_common(text: &str, bytes: usize) -> Result<(), Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    if text == "." || text == ".." {
        return Err(Reason::Directory);
    }
    let lower = text.to_ascii_lowercase(); // some file systems do not tell case apart
    if RESERVED.iter().any(|start| lower.starts_with(start)) {
        return Err(Reason::Reserved);
    }
    if bytes > LONGEST {
        return Err(Reason::TooLong);
    }
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(Reason::Character(control));
    }
    // The pointer files are read without the white space around them (OMERO.py does the same), so
    // such a name would come back as another one.
    if text.trim() != text {
        return Err(Reason::Blank);
    }
    Ok(())
}

/// What a name must not hold where it becomes a path component without encoding.
fn check_component(text: &str, windows: bool) -> Result<(), Reason> {
    let forbidden = |c: &char| *c == '/' || (windows && r#"\:*?"<>|"#.contains(*c));
    if let Some(found) = text.chars().find(forbidden) {
        return Err(Reason::Character(found));
    }
    // Windows drops trailing dots, which would make two names one.
    match text.chars().last() {
        Some('.') if windows => Err(Reason::Character('.')),
        _ => Ok(()),
    }
}

impl NameError {
    fn about(what: &str, text: &str, reason: Reason) -> Self {
        // Far longer than any real name: the beginning says which one is meant.
        let beginning: String = text.chars().take(60).collect();
        let subject = match text.is_empty() {
            true => what.to_owned(),
            false => format!("{what} {beginning:?}"),
        };
        Self { subject, reason }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({})", self.short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_logins_leave_behind() {
        for host in [
            "localhost",
            "wss://h:443/p",
            "[::1]",
            "@localhost",
            "host:",
            "üñí",
            "a b",
        ] {
            assert_eq!(Host::parse(host).unwrap().as_str(), host);
        }
        for user in [
            "root",
            "user:4@email",
            "my.email@example.com",
            "üser-1£",
            "...",
            "a b",
        ] {
            assert_eq!(User::parse(user).unwrap().as_str(), user);
        }
        for key in [
            "aec828e1-79bf-41f3-91e6-a4ac76ff1cd5",
            "f",
            "a..b",
            "-k",
            "_",
        ] {
            assert_eq!(SessionKey::parse(key).unwrap().expose(), key);
        }
    }

    #[test]
    fn refuses_hosts_and_users_that_would_leave_or_confuse_the_store() {
        let long = "x".repeat(256);
        let both = [
            "",
            ".",
            "..",
            "._LASTHOST_",
            "._lastuser_",
            "._LOCK_",
            "._TMP_1",
        ];
        for bad in both
            .into_iter()
            .chain([&long[..], "a\0b", "a\nb", " a", "a\u{2003}"])
        {
            assert!(Host::parse(bad).is_err(), "host {bad:?}");
            assert!(User::parse(bad).is_err(), "user {bad:?}");
        }
        for user in ["/", "../../u2", "a/b", "/etc"] {
            assert!(User::parse(user).is_err(), "user {user:?}");
        }
        assert!(
            Host::parse(&"/".repeat(86)).is_err(),
            "258 bytes once encoded"
        );
        assert!(
            Host::parse(&"/".repeat(85)).is_ok(),
            "255 bytes once encoded"
        );
    }

    #[test]
    fn refuses_keys_that_are_paths_or_hidden() {
        let long = "x".repeat(256);
        for bad in [
            "", ".", "..", ".k", "../../x", "a/b", "a b", "a\0", "ü", "a\\b", &long,
        ] {
            assert!(SessionKey::parse(bad).is_err(), "key {bad:?}");
        }
    }

    #[test]
    fn windows_refuses_more() {
        for bad in ["a\\b", "a:b", "a*", "a|b", "a."] {
            assert!(check_component(bad, true).is_err(), "{bad:?}");
            assert!(check_component(bad, false).is_ok(), "{bad:?}");
        }
    }

    #[test]
    fn messages_say_what_is_wrong_and_keep_keys_to_themselves() {
        let user = User::parse("../../u2").unwrap_err().to_string();
        assert_eq!(
            user,
            "the user name \"../../u2\" cannot be used: it holds the character '/'"
        );
        let empty = Host::parse("").unwrap_err().to_string();
        assert_eq!(empty, "the server name cannot be used: it is empty");
        let key = SessionKey::parse("secret/1").unwrap_err();
        assert!(!format!("{key} {key:?}").contains("secret"));
        let key = SessionKey::parse("aec828e1-79bf-41f3-91e6-a4ac76ff1cd5").unwrap();
        assert_eq!(format!("{key:?}"), "SessionKey(aec828e1…)");
        assert_eq!(SessionKey::parse("abc").unwrap().short(), "…");
    }
}
