//! Words for people, on standard error.

use std::fmt;

use super::{Context, Stream};
use crate::Error;

impl Context {
    /// Writes one line to standard error, whatever `-q` says.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     ctx.error_line("Image:51 cannot be read")?;
    ///     ctx.error_line("Image:52 cannot be read")?;
    ///     Err(Error::silent(1)) // all is said
    /// }
    /// let outcome = Harness::new(|| Command::new("check"), run).quiet().run();
    /// assert_eq!(outcome.stderr.lines().count(), 2);
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Context::line`].
    pub fn error_line(&self, line: impl fmt::Display) -> Result<(), Error> {
        self.write(Stream::Error, &format!("{line}\n"))
    }

    /// Writes one line to standard error unless `-q` was given.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     ctx.info("Previously imported: 2 files")
    /// }
    /// let harness = Harness::new(|| Command::new("check"), run);
    /// assert_eq!(harness.clone().run().stderr, "Previously imported: 2 files\n");
    /// assert_eq!(harness.quiet().run().stderr, "");
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Context::line`].
    pub fn info(&self, line: impl fmt::Display) -> Result<(), Error> {
        if self.quiet() {
            Ok(())
        } else {
            self.error_line(line)
        }
    }

    /// Writes `omero: note: …` unless `-q` was given.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("images"), |ctx, _| {
    /// ctx.note("only the first 25 images are shown");
    /// # Ok(())
    /// # }).run();
    /// # assert_eq!(outcome.stderr, "omero: note: only the first 25 images are shown\n");
    /// ```
    pub fn note(&self, text: impl fmt::Display) {
        // A note that cannot be shown is no reason to fail.
        let _ = self.info(format_args!("omero: note: {text}"));
    }

    /// Writes `omero: warning: …` unless `-q` was given.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("images"), |ctx, _| {
    /// ctx.warn(format_args!("Image:{} has no pixels", 51));
    /// # Ok(())
    /// # }).run();
    /// # assert_eq!(outcome.stderr, "omero: warning: Image:51 has no pixels\n");
    /// ```
    pub fn warn(&self, text: impl fmt::Display) {
        let _ = self.info(format_args!("omero: warning: {text}"));
    }

    /// Writes a debug message if the level of `--debug` is at least `level`. Never pass a secret.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("images"), |ctx, _| {
    /// ctx.debug(1, "3 pages to ask for");
    /// ctx.debug(6, "page 1: offset 0");
    /// # Ok(())
    /// # }).debug(5).run();
    /// # assert_eq!(outcome.debug, [(1, "3 pages to ask for".to_owned())]); // of --debug=5
    /// ```
    pub fn debug(&self, level: u8, text: impl fmt::Display) {
        if self.debug_level() >= level {
            self.host.debug(level, text.to_string().as_str().into());
        }
    }
}
