//! What the command finds around it: environment, files, session and other commands.

use std::{ffi::OsString, path::PathBuf};

use omero_plugin_abi::{Invoked, std_types::RVec};

use super::Harness;
use crate::{Error, context::Login, testing::FakeSession};

impl Harness {
    /// Sets an environment variable.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("images");
    /// let run = Harness::new(command, |ctx, _| {
    ///     ctx.line(if ctx.environment("NO_COLOR").is_some() { "plain" } else { "colourful" })
    /// });
    /// assert_eq!(run.environment("NO_COLOR", "1").run().stdout, "plain\n");
    /// ```
    #[must_use]
    pub fn environment(mut self, name: &str, value: impl Into<OsString>) -> Self {
        let environment = &mut self.script.environment;
        environment.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a configuration value by its dotted key; the value is JSON, for instance `5` or
    /// `"text"` with its quotes.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("images");
    /// let run = Harness::new(command, |ctx, _| {
    ///     let limit: u32 = ctx.configuration("images.limit")?.unwrap_or(25);
    ///     ctx.line(limit)
    /// });
    /// assert_eq!(run.clone().configuration("images.limit", "5").run().stdout, "5\n");
    /// assert_eq!(run.configuration("images.limit", "\"few\"").run().code, 78);
    /// ```
    #[must_use]
    pub fn configuration(mut self, key: &str, json: &str) -> Self {
        let configuration = &mut self.script.configuration;
        configuration.insert(key.to_owned(), json.to_owned());
        self
    }

    /// Sets the plugin's data directory. The test makes it, and removes it.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("note");
    /// let folder = std::env::temp_dir().join(format!("notes-{}", std::process::id()));
    /// std::fs::create_dir(&folder)?;
    /// let run = Harness::new(command, |ctx, _| {
    ///     Ok(std::fs::write(ctx.data_directory()?.join("notes.txt"), "blurred")?)
    /// });
    /// assert_eq!(run.data_directory(&folder).run().code, 0);
    /// assert_eq!(std::fs::read_to_string(folder.join("notes.txt"))?, "blurred");
    /// std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn data_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.script.data_directory = Some(path.into());
        self
    }

    /// Lends a session.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("who");
    /// use omero_plugin_api::testing::FakeSession;
    ///
    /// let run = Harness::new(command, |ctx, _| ctx.line(&ctx.session()?.info().user));
    /// assert_eq!(run.session(FakeSession::new()).run().stdout, "root\n");
    /// ```
    #[must_use]
    pub fn session(mut self, session: FakeSession) -> Self {
        self.script.session = Some(Ok(session));
        self
    }

    /// No session can be had, for this reason.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("who");
    /// use omero_plugin_api::{Error, Kind};
    ///
    /// let run = Harness::new(command, |ctx, _| match ctx.session() {
    ///     Ok(session) => ctx.line(&session.info().user),
    ///     Err(error) if error.kind() == Kind::NoSession => ctx.line("nobody"),
    ///     Err(error) => Err(error),
    /// });
    /// let nobody = Error::of_kind(Kind::NoSession, 1, "Not logged in");
    /// assert_eq!(run.no_session(nobody).run().stdout, "nobody\n");
    /// ```
    #[must_use]
    pub fn no_session(mut self, error: Error) -> Self {
        self.script.session = Some(Err(error));
        self
    }

    /// Says how another command ends that this one runs in its process.
    ///
    /// ```
    /// # use omero_plugin_api::{Error, clap::Command, testing::Harness};
    /// # let command = || Command::new("tidy");
    /// let run = Harness::new(command, |ctx, _| match ctx.invoke(["sessions", "clear"])? {
    ///     0 => ctx.line("tidy"),
    ///     code => Err(Error::silent(code)),
    /// });
    /// let run = run.command(&["sessions", "clear"], 3);
    /// assert_eq!(run.run().code, 3);
    /// ```
    #[must_use]
    pub fn command(self, arguments: &[&str], code: i32) -> Self {
        self.captured_command(arguments, code, "", "")
    }

    /// Knows a command that this one runs and whose output it captures: its exit code and what it
    /// writes.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("all");
    /// let run = Harness::new(command, |ctx, _| {
    ///     let listed = ctx.invoke_captured(["images"])?;
    ///     ctx.line(listed.stdout_text().lines().count())
    /// });
    /// assert_eq!(run.captured_command(&["images"], 0, "51\n52\n", "").run().stdout, "2\n");
    /// ```
    #[must_use]
    pub fn captured_command(
        mut self,
        arguments: &[&str],
        code: i32,
        stdout: &str,
        stderr: &str,
    ) -> Self {
        let arguments = arguments.iter().map(|&a| a.to_owned()).collect();
        let outcome = Invoked {
            code,
            output: RVec::from(stdout.as_bytes()),
            errors: RVec::from(stderr.as_bytes()),
        };
        self.script.commands.push((arguments, outcome));
        self
    }

    /// Knows another session, which the command asks for with these login options
    /// ([`Context::session_with`](crate::Context::session_with)).
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::{FakeSession, Harness}};
    /// use omero_plugin_api::{context::Login, session::SessionInfo};
    ///
    /// # let command = || Command::new("who");
    /// let run = Harness::new(command, |ctx, _| {
    ///     ctx.line(&ctx.session_with(&Login::new().user("ada"))?.info().user)
    /// });
    /// let ada = SessionInfo { user: "ada".into(), ..SessionInfo::default() };
    /// let run = run.session_with(&Login::new().user("ada"), FakeSession::new().info(ada));
    /// assert_eq!(run.run().stdout, "ada\n");
    /// ```
    #[must_use]
    pub fn session_with(mut self, login: &Login, session: FakeSession) -> Self {
        self.script.other_sessions.push((login.clone(), session));
        self
    }
}
