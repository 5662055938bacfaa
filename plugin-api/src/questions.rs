//! What the host may ask a plugin without running its command: quick questions that are answered
//! from what is on this machine, never by a server.
//!
//! A plugin that knows values for its own arguments gives `complete:` to `export_plugin!` and says
//! [`completion`](crate::build::Builder::completion) in its `build.rs`; otherwise its library is
//! not even opened for completion:
//!
//! ```
//! use omero_plugin_api::{Context, Error, questions::{Candidate, Sought}};
//!
//! fn complete(ctx: &Context, sought: &Sought) -> Result<Vec<Candidate>, Error> {
//!     let _ = ctx;
//!     Ok(match sought.argument.as_str() {
//!         "colour" => vec![Candidate::new("cyan"), Candidate::new("magenta").help("not red")],
//!         _ => Vec::new(),
//!     })
//! }
//! // omero_plugin_api::export_plugin!(command::command, run, complete: complete);
//! ```
//!
//! The session provider is asked for servers, users, groups and sessions on behalf of every plugin
//! ([`ValueHint`]), and for the [`Surroundings`] of programs that are no plugins. Questions cross as
//! JSON: a plugin that does not know one answers `[]`, and the host goes on without.

use serde::{Deserialize, Serialize};

use crate::manifest::ValueHint;

/// A question.
///
/// ```
/// use omero_plugin_api::questions::{Question, Sought};
///
/// // `omero tag add cy<TAB>`, as it reaches the plugin `tag`.
/// let text = r#"{"ask":"values","command":["tag","add"],"argument":"colour","word":"cy"}"#;
/// let Question::Values(sought) = serde_json::from_str(text)? else { unreachable!() };
/// assert_eq!(sought.command, ["tag", "add"]);
/// assert_eq!(sought.word, "cy");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Question {
    /// Which values may stand here? The answer is a list of [`Candidate`].
    Values(Sought),
    /// Which session would a command with these login options use, as far as that is known without
    /// a connection? The answer is [`Surroundings`].
    Surroundings {
        /// Whether its key is wanted too.
        key: bool,
    },
    /// A session directory for a program that is about to run, or has ended. The answer is its path,
    /// or `null` where the program uses the user's own.
    ChildStore(ChildStore),
}

/// What happens to the session directory of a program that the host starts.
///
/// ```
/// use omero_plugin_api::questions::{ChildStore, Question};
///
/// let text = r#"{"ask":"child-store","step":"open","script":true,"log_in":false}"#;
/// let question: Question = serde_json::from_str(text)?;
/// let open = ChildStore::Open { script: true, log_in: false };
/// assert_eq!(question, Question::ChildStore(open));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum ChildStore {
    /// A program is about to run: make a directory that holds the session which a command with these
    /// login options would use.
    Open {
        /// Whether the program is a line of a script or of the shell, which have a session of their
        /// own.
        script: bool,
        /// Whether to log in where these options ask for a session that is not stored. The fallback
        /// reads them itself.
        #[serde(default)]
        log_in: bool,
    },
    /// The program has ended: take over what it did to the session, and remove the directory.
    Close {
        /// The answer to [`Self::Open`].
        store: String,
    },
}

/// The place of a value that is to be completed.
///
/// ```
/// use omero_plugin_api::{manifest::ValueHint, questions::Sought};
///
/// /// Whether the plugin's own list of users is wanted.
/// fn is_mine(sought: &Sought) -> bool {
///     sought.hint == Some(ValueHint::User) && sought.command.first().is_some_and(|c| c == "tag")
/// }
/// let owner = Sought {
///     command: vec!["tag".to_owned(), "list".to_owned()],
///     hint: Some(ValueHint::User),
///     ..Sought::default()
/// };
/// assert!(is_mine(&owner));
/// assert!(!is_mine(&Sought::default()));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sought {
    /// The command's words, the plugin's name first; empty for a login option.
    pub command: Vec<String>,
    /// The id of the argument, as in the manifest; the long name of a login option.
    pub argument: String,
    /// What its values are, where the manifest says so.
    pub hint: Option<ValueHint>,
    /// What the user has typed of it. Candidates that do not begin so are dropped by the host.
    pub word: String,
}

/// A value that may stand at the place.
///
/// ```
/// use omero_plugin_api::questions::Candidate;
///
/// let tags = [("reviewed", 12), ("todo", 3)];
/// let candidates: Vec<_> = tags
///     .iter()
///     .map(|(tag, images)| Candidate::new(*tag).help(format!("{images} images")))
///     .collect();
/// assert_eq!(candidates[1].help, "3 images");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Candidate {
    /// The value.
    pub value: String,
    /// A few words that tell it from the others; may be empty.
    pub help: String,
}

impl Candidate {
    /// A value without further words.
    ///
    /// ```
    /// # use omero_plugin_api::questions::Candidate;
    /// let colours = ["cyan", "magenta"].map(Candidate::new);
    /// assert_eq!(colours[0].value, "cyan");
    /// ```
    pub fn new(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            help: String::new(),
        }
    }

    /// The same with a few words about it.
    ///
    /// ```
    /// # use omero_plugin_api::questions::Candidate;
    /// let session = Candidate::new("0a1b2c3d").help("ada on localhost");
    /// assert_eq!((session.value.as_str(), session.help.as_str()), ("0a1b2c3d", "ada on localhost"));
    /// ```
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// What the provider knows of a session without connecting.
///
/// ```
/// use omero_plugin_api::questions::Surroundings;
///
/// let known = Surroundings {
///     server: Some("omero.example.org".to_owned()),
///     key: Some("0a1b2c3d".to_owned()),
///     ..Surroundings::default()
/// };
/// // The key crosses to the host, but gets into no log.
/// assert!(serde_json::to_string(&known)?.contains("0a1b2c3d"));
/// assert!(!format!("{known:?}").contains("0a1b2c3d"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Surroundings {
    /// The server, as the user wrote it.
    pub server: Option<String>,
    /// The port.
    pub port: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The group's name.
    pub group: Option<String>,
    /// The directory of the session store.
    pub store: Option<String>,
    /// The session's key: a credential. Only where it was asked for.
    pub key: Option<String>,
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings")
            .field("server", &self.server)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("group", &self.group)
            .field("store", &self.store)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_cross_as_json() {
        let asked = Question::Values(Sought {
            command: vec!["group".to_owned(), "info".to_owned()],
            argument: "group".to_owned(),
            hint: Some(ValueHint::Group),
            word: "my".to_owned(),
        });
        let text = serde_json::to_string(&asked).unwrap();
        assert_eq!(
            text,
            r#"{"ask":"values","command":["group","info"],"argument":"group","hint":"group","word":"my"}"#
        );
        assert_eq!(serde_json::from_str::<Question>(&text).unwrap(), asked);
        let newer = r#"{"ask":"values","word":"x","colour":"red"}"#;
        assert!(serde_json::from_str::<Question>(newer).is_ok());
        assert!(serde_json::from_str::<Question>(r#"{"ask":"weather"}"#).is_err());
    }

    #[test]
    fn keys_stay_out_of_debug() {
        let known = Surroundings {
            key: Some("secret-key".to_owned()),
            ..Surroundings::default()
        };
        assert!(!format!("{known:?}").contains("secret-key"));
    }
}
