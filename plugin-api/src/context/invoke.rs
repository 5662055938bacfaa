//! Running other commands.

use std::{borrow::Cow, ffi::OsStr};

use omero_plugin_abi::{InvokeMode, Invoked, std_types::RVec};

use super::{Context, result};
use crate::Error;

/// What a command wrote that [`Context::invoke_captured`] ran.
///
/// ```
/// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
/// use omero_plugin_api::context::Captured;
///
/// fn ids(captured: &Captured) -> Vec<String> {
///     captured.stdout_text().lines().map(str::to_owned).collect()
/// }
/// # fn run(ctx: &Context, _: &ArgMatches) -> Result<(), Error> {
/// #     ctx.line(ids(&ctx.invoke_captured(["images"])?).join("+"))
/// # }
/// # let harness = Harness::new(|| Command::new("all"), run);
/// # assert_eq!(harness.captured_command(&["images"], 0, "51\n52\n", "").run().stdout, "51+52\n");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Captured {
    /// The exit code.
    pub code: i32,
    /// The bytes of standard output.
    pub stdout: Vec<u8>,
    /// The bytes of standard error.
    pub stderr: Vec<u8>,
}

impl Captured {
    /// Standard output as text; bytes that are no UTF-8 are replaced.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let harness = Harness::new(|| Command::new("all"), |ctx, _| {
    /// let version = ctx.invoke_captured(["version"])?;
    /// ctx.line(version.stdout_text().trim())
    /// # });
    /// # assert_eq!(harness.captured_command(&["version"], 0, "5.6\n", "").run().stdout, "5.6\n");
    /// ```
    pub fn stdout_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// Standard error as text; bytes that are no UTF-8 are replaced.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let harness = Harness::new(|| Command::new("all"), |ctx, _| {
    /// let tried = ctx.invoke_captured(["group", "info", "none"])?;
    /// if tried.code != 0 {
    ///     ctx.warn(tried.stderr_text().trim());
    /// }
    /// # Ok(())
    /// # });
    /// # let outcome = harness.captured_command(&["group", "info", "none"], 1, "", "no group\n").run();
    /// # assert_eq!(outcome.stderr, "omero: warning: no group\n");
    /// ```
    pub fn stderr_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stderr)
    }
}

impl Context {
    /// Runs another command in this process, as if typed after `omero`; returns its exit code. The
    /// user's aliases do not apply, so that a word means the same for every user.
    ///
    /// # Errors
    ///
    /// The command does not exist or cannot be loaded, or commands run each other too deeply.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     match ctx.invoke(["sessions", "list"])? {
    ///         0 => Ok(()),
    ///         code => Err(Error::silent(code)), // the command has said why
    ///     }
    /// }
    /// # let harness = Harness::new(|| Command::new("all"), run).command(&["sessions", "list"], 5);
    /// # assert_eq!(harness.run().code, 5);
    /// ```
    pub fn invoke(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<i32, Error> {
        Ok(self.run_command(arguments, InvokeMode::SHOW)?.code)
    }

    /// Runs another command as [`Context::invoke`] does, and returns what it writes instead of showing
    /// it: at most 256 MiB. Programs (`omero-NAME`) are captured too. The command's streams are no
    /// terminals and its standard input is empty, so every prompt ends as at the end of the input.
    ///
    /// # Errors
    ///
    /// As [`Context::invoke`]. What the command wrote until then is lost.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let listed = ctx.invoke_captured(["hql", "--style", "csv", "from Image"])?;
    ///     ctx.line(format_args!("{} lines", listed.stdout_text().lines().count()))
    /// }
    /// # let words = ["hql", "--style", "csv", "from Image"];
    /// # let harness = Harness::new(|| Command::new("count"), run);
    /// # let outcome = harness.captured_command(&words, 0, "#,id\n0,51\n", "").run();
    /// # assert_eq!(outcome.stdout, "2 lines\n");
    /// ```
    pub fn invoke_captured(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<Captured, Error> {
        let Invoked {
            code,
            output,
            errors,
        } = self.run_command(arguments, InvokeMode::CAPTURE)?;
        Ok(Captured {
            code,
            stdout: output.into(),
            stderr: errors.into(),
        })
    }

    fn run_command(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        mode: InvokeMode,
    ) -> Result<Invoked, Error> {
        let arguments = arguments.into_iter();
        let words = arguments.map(|word| RVec::from(word.as_ref().as_encoded_bytes()));
        result(self.host.invoke(words.collect(), mode))
    }
}
