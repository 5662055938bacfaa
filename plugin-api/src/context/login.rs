//! Sessions: who and where the session would be, the session itself, and further ones.

use omero_plugin_abi as abi;
use serde::{Deserialize, Serialize};

use super::{Context, result};
use crate::{Error, Secret, Session};

/// One login option of the command line (`-s`, `-u`, `-w`, …) by its long name. Only the session
/// provider receives them.
///
/// ```
/// use omero_plugin_api::{Secret, context::LoginOption};
///
/// fn server(options: &[LoginOption]) -> Option<&str> {
///     let option = options.iter().find(|option| option.name == "server")?;
///     Some(option.value.expose())
/// }
/// // Of `omero -q -s omero.example.org …`.
/// let options = [LoginOption::new("server", "omero.example.org")];
/// assert_eq!(server(&options), Some("omero.example.org"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginOption {
    /// The long name without dashes, for instance `server`.
    pub name: String,
    /// The value; empty for a flag.
    pub value: Secret,
}

impl LoginOption {
    /// An option with its value.
    ///
    /// ```
    /// # use omero_plugin_api::context::LoginOption;
    /// assert_eq!(LoginOption::new("user", "ada").value.expose(), "ada");
    /// ```
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: Secret::new(value.into()),
        }
    }
}

impl From<abi::LoginOption> for LoginOption {
    fn from(option: abi::LoginOption) -> Self {
        Self {
            name: option.name.into_string(),
            value: option.value,
        }
    }
}

/// Login options of a plugin's choice, for [`Context::session_with`]. What is not set is as if it
/// were not given on the command line.
///
/// ```
/// use omero_plugin_api::context::Login;
///
/// let archive = Login::to("archive.example.org").user("ada").group("lab");
/// # let _ = archive;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    options: Vec<LoginOption>,
}

impl Login {
    /// The current session, before anything else is chosen.
    ///
    /// ```
    /// use omero_plugin_api::context::Login;
    ///
    /// let other_group = Login::new().group("lab");
    /// # assert_ne!(other_group, Login::new());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// A server by its name or URL.
    ///
    /// ```
    /// use omero_plugin_api::context::Login;
    ///
    /// let login = Login::to("wss://archive.example.org/omero-ws");
    /// # let _ = login;
    /// ```
    pub fn to(server: impl Into<String>) -> Self {
        Self::new().with("server", server)
    }

    /// The port of the server.
    ///
    /// ```
    /// # use omero_plugin_api::context::Login;
    /// let login = Login::to("localhost").port(14064);
    /// # let _ = login;
    /// ```
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        self.with("port", port.to_string())
    }

    /// The user's login name.
    ///
    /// ```
    /// # use omero_plugin_api::context::Login;
    /// let login = Login::new().user("ada");
    /// # let _ = login;
    /// ```
    #[must_use]
    pub fn user(self, name: impl Into<String>) -> Self {
        self.with("user", name)
    }

    /// The group by its name.
    ///
    /// ```
    /// # use omero_plugin_api::context::Login;
    /// let login = Login::new().group("lab");
    /// # let _ = login;
    /// ```
    #[must_use]
    pub fn group(self, name: impl Into<String>) -> Self {
        self.with("group", name)
    }

    /// The key of a session that exists: it is joined, and nobody is asked for a password.
    ///
    /// ```
    /// # use omero_plugin_api::{Secret, context::Login};
    /// # let read_from_file = || "8f2c".to_owned();
    /// let login = Login::to("localhost").key(Secret::new(read_from_file()));
    /// assert!(!format!("{login:?}").contains("8f2c"));
    /// ```
    #[must_use]
    pub fn key(mut self, key: Secret) -> Self {
        self.options.retain(|option| option.name != "key");
        self.options.push(LoginOption {
            name: "key".to_owned(),
            value: key,
        });
        self
    }

    /// The options as they crossed the ABI boundary.
    #[cfg(feature = "testing")]
    pub(crate) fn of_abi(options: impl IntoIterator<Item = abi::LoginOption>) -> Self {
        let options = options.into_iter().map(LoginOption::from).collect();
        Self { options }
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.options.retain(|option| option.name != name);
        self.options.push(LoginOption::new(name, value));
        self
    }
}

/// Server, user and group that [`Context::session`] would attach to; `None` for what is not known
/// without asking the user or the server.
///
/// ```
/// use omero_plugin_api::context::LoginTarget;
///
/// fn prompt(target: &LoginTarget) -> String {
///     let user = target.user.as_deref().unwrap_or("?");
///     format!("{user}@{}", target.server.as_deref().unwrap_or("?"))
/// }
/// assert_eq!(prompt(&LoginTarget::default()), "?@?");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LoginTarget {
    /// The server as the user named it.
    pub server: Option<String>,
    /// The port.
    pub port: Option<u16>,
    /// The user's login name.
    pub user: Option<String>,
    /// The group's name.
    pub group: Option<String>,
}

impl Context {
    /// Server, user and group that [`Context::session`] would attach to, read from what is on this
    /// machine: the user is asked nothing, and nothing connects. Works during completion too, so that
    /// a plugin can look up what it remembers about that server.
    ///
    /// # Errors
    ///
    /// There is no session provider, or its store cannot be read.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::{FakeSession, Harness}};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let target = ctx.login_target()?;
    ///     let server = target.server.as_deref().unwrap_or("an unknown server");
    ///     ctx.line(format_args!("this will ask {server}"))
    /// }
    /// # let harness = Harness::new(|| Command::new("images"), run);
    /// # let outcome = harness.clone().session(FakeSession::new()).run();
    /// # assert_eq!(outcome.stdout, "this will ask localhost\n");
    /// # assert_eq!(harness.run().stdout, "this will ask an unknown server\n");
    /// ```
    pub fn login_target(&self) -> Result<LoginTarget, Error> {
        let json = result(self.host.login_target())?;
        serde_json::from_str(&json).map_err(|error| {
            Error::new(1, "the host's answer cannot be read")
                .labelled()
                .with_source(error)
        })
    }

    /// The session of this command, attached on first use.
    ///
    /// # Errors
    ///
    /// No session could be attached: not logged in and no terminal to ask on, server unreachable,
    /// refused; the user cancelled.
    ///
    /// ```
    /// # use omero_plugin_api::testing::FakeSession;
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let session = ctx.session()?;
    ///     let info = session.info();
    ///     ctx.line(format_args!("{}@{}:{}", info.user, info.server, info.port))
    /// }
    /// # let outcome = Harness::new(|| Command::new("who"), run).session(FakeSession::new()).run();
    /// # assert_eq!(outcome.stdout, "root@localhost:4064\n");
    /// ```
    pub fn session(&self) -> Result<Session, Error> {
        result(self.host.session()).and_then(Session::from_abi)
    }

    /// Another session, besides that of the command: on another server, of another user, in another
    /// group. The session provider treats the options as if they were given on the command line, so
    /// it joins a stored session or asks for a password.
    ///
    /// # Errors
    ///
    /// As [`Context::session`].
    ///
    /// ```
    /// # use omero_plugin_api::testing::FakeSession;
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// use omero_plugin_api::context::Login;
    ///
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let source = ctx.session()?;
    ///     let target = ctx.session_with(&Login::to("archive.example.org").user("ada"))?;
    ///     ctx.line(format_args!("copy from {} to {}", source.info().server, target.info().server))
    /// }
    /// # use omero_plugin_api::session::SessionInfo;
    /// # let info = SessionInfo { server: "archive.example.org".into(), ..SessionInfo::default() };
    /// # let outcome = Harness::new(|| Command::new("copy"), run)
    /// #     .session(FakeSession::new())
    /// #     .session_with(&Login::to("archive.example.org").user("ada"), FakeSession::new().info(info))
    /// #     .run();
    /// # assert_eq!(outcome.stdout, "copy from localhost to archive.example.org\n");
    /// ```
    pub fn session_with(&self, login: &Login) -> Result<Session, Error> {
        let options = login.options.iter();
        let options = options.map(|option| abi::LoginOption {
            name: option.name.as_str().into(),
            value: option.value.clone(),
        });
        result(self.host.session_with(options.collect())).and_then(Session::from_abi)
    }
}
