//! The output streams, for `write!`.

use std::{fmt, io};

use omero_plugin_abi as abi;

use super::{Context, result};
use crate::{Error, Kind};

/// A standard stream of the process.
///
/// ```
/// use omero_plugin_api::Stream;
///
/// let everything_shown = |ctx: &omero_plugin_api::Context| {
///     ctx.is_terminal(Stream::Output) && ctx.is_terminal(Stream::Error)
/// };
/// # let _ = everything_shown;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stream {
    /// Standard input.
    Input,
    /// Standard output: results.
    Output,
    /// Standard error: everything else.
    Error,
}

impl Stream {
    pub(crate) fn to_abi(self) -> abi::Stream {
        match self {
            Self::Input => abi::Stream::INPUT,
            Self::Output => abi::Stream::OUTPUT,
            Self::Error => abi::Stream::ERROR,
        }
    }
}

/// A stream to write to with `write!` and `writeln!`, or to hand to whatever takes a writer.
///
/// ```
/// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
/// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
///     let mut tiles: &[u8] = b"II*\0";
///     std::io::copy(&mut tiles, &mut ctx.out())?; // bytes that need not be text
///     Ok(())
/// }
/// # let outcome = Harness::new(|| Command::new("export"), run).run();
/// # assert_eq!(outcome.stdout, "II*\0");
/// ```
#[derive(Debug)]
pub struct Output<'a> {
    context: &'a Context,
    stream: Stream,
}

impl io::Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        result(self.context.host.write(self.stream.to_abi(), bytes.into())).map_err(wrapped)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.context.flush().map_err(wrapped)
    }
}

/// Wraps an error of the command's own output, for `?` to unwrap it. Any other broken pipe, such as
/// that of a child process or a socket, is an error like others.
pub(super) fn wrapped(error: Error) -> io::Error {
    match error.kind() {
        Kind::OutputClosed => io::Error::new(io::ErrorKind::BrokenPipe, error),
        _ => io::Error::other(error),
    }
}

impl Context {
    /// Whether a stream is a terminal.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// use omero_plugin_api::Stream;
    ///
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     if ctx.is_terminal(Stream::Output) {
    ///         return Err(Error::new(2, "The image is binary").hint("write it to a file"));
    ///     }
    ///     ctx.print("II*\0")
    /// }
    /// # let harness = Harness::new(|| Command::new("export"), run);
    /// # assert_eq!(harness.clone().run().code, 0);
    /// # assert_eq!(harness.terminal(Stream::Output).run().code, 2);
    /// ```
    pub fn is_terminal(&self, stream: Stream) -> bool {
        self.host.is_terminal(stream.to_abi())
    }

    /// The width of the terminal that shows a stream, in columns; `None` where it is no terminal.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// use omero_plugin_api::Stream;
    ///
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let width = ctx.terminal_width(Stream::Output).map_or(80, usize::from);
    ///     ctx.line("-".repeat(width))
    /// }
    /// # let harness = Harness::new(|| Command::new("rule"), run);
    /// # assert_eq!(harness.clone().run().stdout.trim().len(), 80);
    /// # assert_eq!(harness.terminal(Stream::Output).width(9).run().stdout, "---------\n");
    /// ```
    pub fn terminal_width(&self, stream: Stream) -> Option<u16> {
        self.host.terminal_width(stream.to_abi()).into_option()
    }

    /// Standard output, for results.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// use std::io::Write;
    ///
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let mut out = ctx.out();
    ///     writeln!(out, "id,name")?;
    ///     writeln!(out, "{},{}", 51, "a.tif")?;
    ///     Ok(())
    /// }
    /// # let outcome = Harness::new(|| Command::new("images"), run).run();
    /// # assert_eq!(outcome.stdout, "id,name\n51,a.tif\n");
    /// ```
    pub fn out(&self) -> Output<'_> {
        Output {
            context: self,
            stream: Stream::Output,
        }
    }

    /// Standard error, for everything else.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # use std::io::Write;
    /// # let outcome = Harness::new(|| Command::new("images"), |ctx, _| {
    /// let mut log = ctx.err();
    /// write!(log, "Image:51 ")?;
    /// writeln!(log, "skipped")?;
    /// # Ok(())
    /// # }).run();
    /// # assert_eq!(outcome.stderr, "Image:51 skipped\n");
    /// ```
    pub fn err(&self) -> Output<'_> {
        Output {
            context: self,
            stream: Stream::Error,
        }
    }

    /// Writes one line of results.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     ctx.line("Project:7")?;
    ///     ctx.line(12.5)?; // whatever can be shown
    ///     ctx.line(format_args!("{:>9}", 2100))
    /// }
    /// # let outcome = Harness::new(|| Command::new("images"), run).run();
    /// # assert_eq!(outcome.stdout, "Project:7\n12.5\n     2100\n");
    /// ```
    ///
    /// # Errors
    ///
    /// A closed pipe ([`crate::Kind::OutputClosed`]), which ends the command quietly, or a full disk.
    pub fn line(&self, line: impl fmt::Display) -> Result<(), Error> {
        self.write(Stream::Output, &format!("{line}\n"))
    }

    /// Writes results that bring their own line ends.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("images"), |ctx, _| {
    /// ctx.print("id,name\n51,a.tif\n")
    /// # }).run();
    /// # assert_eq!(outcome.stdout, "id,name\n51,a.tif\n");
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Context::line`].
    pub fn print(&self, text: &str) -> Result<(), Error> {
        self.write(Stream::Output, text)
    }

    /// Writes text to a stream.
    pub(super) fn write(&self, stream: Stream, text: &str) -> Result<(), Error> {
        result(self.host.write(stream.to_abi(), text.as_bytes().into()))
    }

    /// Hands buffered output to the operating system.
    ///
    /// ```
    /// # use omero_plugin_api::{clap::Command, testing::Harness};
    /// # let outcome = Harness::new(|| Command::new("watch"), |ctx, _| {
    /// ctx.line("waiting for the import")?;
    /// ctx.flush()?; // the reader of a pipe shall see it before we wait
    /// # Ok(())
    /// # }).run();
    /// # assert_eq!(outcome.stdout, "waiting for the import\n");
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Context::line`].
    pub fn flush(&self) -> Result<(), Error> {
        result(self.host.flush())
    }
}
