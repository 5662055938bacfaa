//! What the user types and does, and which terminals there are.

use super::Harness;
use crate::{Stream, testing::host::Key};

impl Harness {
    /// Gives the option `-q`.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("images");
    /// let run = Harness::new(command, |ctx, _| ctx.info("25 of 300 images")).quiet();
    /// assert_eq!(run.run().stderr, "");
    /// ```
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.script.quiet = true;
        self
    }

    /// Sets the level of `--debug`.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("images");
    /// let run = Harness::new(command, |ctx, _| {
    ///     ctx.debug(1, "page 1");
    ///     Ok(())
    /// });
    /// assert!(run.clone().run().debug.is_empty());
    /// assert_eq!(run.debug(1).run().debug, [(1, "page 1".to_owned())]);
    /// ```
    #[must_use]
    pub fn debug(mut self, level: u8) -> Self {
        self.script.debug_level = level;
        self
    }

    /// Gives a login option by its long name, as only a session provider gets it.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("sessions");
    /// let run = Harness::new(command, |ctx, _| ctx.line(&ctx.login_options()[0].name));
    /// let outcome = run.login_option("user", "ada").run();
    /// assert_eq!(outcome.stdout, "user\n");
    /// ```
    #[must_use]
    pub fn login_option(mut self, name: &str, value: &str) -> Self {
        let option = (name.to_owned(), value.to_owned());
        self.script.login_options.push(option);
        self
    }

    /// Makes a stream a terminal.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("images");
    /// use omero_plugin_api::Stream;
    ///
    /// let run = Harness::new(command, |ctx, _| ctx.line(ctx.is_terminal(Stream::Output)));
    /// assert_eq!(run.clone().run().stdout, "false\n");
    /// assert_eq!(run.terminal(Stream::Output).run().stdout, "true\n");
    /// ```
    #[must_use]
    pub fn terminal(mut self, stream: Stream) -> Self {
        self.script.terminals.push(stream);
        self
    }

    /// The user types a line at the next prompt. After the last one the input ends.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("note");
    /// let run = Harness::new(command, |ctx, _| {
    ///     while let Some(line) = ctx.read_line("> ")? {
    ///         ctx.line(line.to_uppercase())?;
    ///     }
    ///     Ok(())
    /// });
    /// let outcome = run.types("blurred").types("again").run();
    /// assert_eq!(outcome.stdout, "BLURRED\nAGAIN\n");
    /// assert_eq!(outcome.prompts.len(), 3); // at the third one the input ended
    /// ```
    #[must_use]
    pub fn types(self, line: &str) -> Self {
        self.key(Key::Line(line.to_owned()))
    }

    /// The input ends at the next prompt (Ctrl-D).
    ///
    /// ```
    /// # use omero_plugin_api::{Error, clap::Command, testing::Harness};
    /// # let command = || Command::new("note");
    /// let run = Harness::new(command, |ctx, _| {
    ///     let name = ctx.read_line("Name: ")?.ok_or_else(Error::cancelled)?;
    ///     ctx.line(name)
    /// });
    /// assert_eq!(run.ends_input().run().stderr, "Cancelled\n");
    /// ```
    #[must_use]
    pub fn ends_input(self) -> Self {
        self.key(Key::End)
    }

    /// The user presses Ctrl-C at the next prompt.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("note");
    /// let run = Harness::new(command, |ctx, _| {
    ///     ctx.read_line("Name: ")?;
    ///     ctx.line("not reached")
    /// });
    /// let outcome = run.interrupts().run();
    /// assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""));
    /// ```
    #[must_use]
    pub fn interrupts(self) -> Self {
        self.key(Key::Interrupt)
    }

    fn key(mut self, key: Key) -> Self {
        self.script.keys.push_back(key);
        self
    }

    /// The user pressed Ctrl-C before the command looks for it.
    ///
    /// ```
    /// # use omero_plugin_api::{Error, clap::Command, testing::Harness};
    /// # let command = || Command::new("copy");
    /// let run = Harness::new(command, |ctx, _| {
    ///     if ctx.cancelled() { Err(Error::cancelled()) } else { ctx.line("copied") }
    /// });
    /// assert_eq!(run.clone().run().stdout, "copied\n");
    /// assert_eq!(run.cancelled().run().stderr, "Cancelled\n");
    /// ```
    #[must_use]
    pub fn cancelled(self) -> Self {
        self.cancelled_after(0)
    }

    /// The user presses Ctrl-C after this many calls of the session were answered; the next call
    /// fails as it does when Ctrl-C interrupts it.
    ///
    /// ```
    /// # use omero_plugin_api::{Error, clap::Command, testing::{FakeSession, Harness}};
    /// # use omero_plugin_api::{services::{Config, config}, testing::Answer};
    /// # let command = || Command::new("poll");
    /// let server = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
    /// let run = Harness::new(command, |ctx, _| {
    ///     let config = Config::of(&ctx.session()?)?;
    ///     loop {
    ///         ctx.line(config.version()?)?;
    ///     }
    /// });
    /// let outcome = run.session(server).cancelled_after(2).run();
    /// assert_eq!(outcome.stdout, "5.6.14\n5.6.14\n");
    /// assert_eq!(outcome.stderr, "Cancelled\n");
    /// ```
    #[must_use]
    pub fn cancelled_after(self, calls: usize) -> Self {
        self.script.interrupt.strike_after(calls);
        self
    }

    /// Gives what comes on standard input, for [`Context::input`](crate::Context::input) and for
    /// prompts after the lines of [`Harness::types`].
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("note");
    /// let run = Harness::new(command, |ctx, _| {
    ///     let title = ctx.read_line("")?.unwrap_or_default();
    ///     let rest = std::io::read_to_string(ctx.input())?;
    ///     ctx.line(format_args!("{title}: {}", rest.trim()))
    /// });
    /// assert_eq!(run.input(b"Note\nblurred\n").run().stdout, "Note: blurred\n");
    /// ```
    #[must_use]
    pub fn input(mut self, bytes: &[u8]) -> Self {
        self.script.input.extend(bytes);
        self
    }

    /// Sets the width of all terminals, which is 80 otherwise.
    ///
    /// ```
    /// # use omero_plugin_api::{Stream, clap::Command, testing::Harness};
    /// # let command = || Command::new("images");
    /// let run = Harness::new(command, |ctx, _| {
    ///     ctx.line(ctx.terminal_width(Stream::Output).unwrap_or_default())
    /// });
    /// assert_eq!(run.clone().run().stdout, "0\n");
    /// assert_eq!(run.terminal(Stream::Output).width(40).run().stdout, "40\n");
    /// ```
    #[must_use]
    pub fn width(mut self, columns: u16) -> Self {
        self.script.width = Some(columns);
        self
    }

    /// The reader of standard output goes away after this many bytes, as `head` does.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let command = || Command::new("images");
    /// // omero images | head -n 1
    /// let run = Harness::new(command, |ctx, _| (51..1000).try_for_each(|id| ctx.line(id)));
    /// let outcome = run.output_closes_after(3).run();
    /// assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "51\n"));
    /// assert_eq!(outcome.stderr, "");
    /// ```
    #[must_use]
    pub fn output_closes_after(mut self, bytes: usize) -> Self {
        self.script.output_limit = Some(bytes);
        self
    }
}
