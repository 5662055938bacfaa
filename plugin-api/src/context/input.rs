//! Standard input as bytes.

use std::{fmt, io};

use super::{Context, output::wrapped, result};

/// Standard input, for `read` and whatever takes a reader. Ctrl-C ends a read with an error.
///
/// ```
/// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
/// use std::io::Read;
///
/// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
///     let mut bytes = Vec::new();
///     ctx.input().take(1 << 20).read_to_end(&mut bytes)?;
///     ctx.line(format_args!("{} bytes", bytes.len()))
/// }
/// # let outcome = Harness::new(|| Command::new("count"), run).input(b"II*\0").run();
/// # assert_eq!(outcome.stdout, "4 bytes\n");
/// ```
pub struct Input<'a> {
    context: &'a Context,
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Input")
    }
}

impl io::Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let longest = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        let bytes = result(self.context.host.read(longest)).map_err(wrapped)?;
        let target = buffer
            .get_mut(..bytes.len())
            .ok_or_else(|| io::Error::other("the host returned more than was asked for"))?;
        target.copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

impl Context {
    /// Standard input as bytes. What was read ahead for [`Context::read_line`] comes first.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// use std::io::{BufRead, BufReader};
    ///
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     for id in BufReader::new(ctx.input()).lines() {
    ///         ctx.line(format_args!("Image:{}", id?))?;
    ///     }
    ///     Ok(())
    /// }
    /// # let outcome = Harness::new(|| Command::new("images"), run).input(b"51\n52\n").run();
    /// # assert_eq!(outcome.stdout, "Image:51\nImage:52\n");
    /// ```
    pub fn input(&self) -> Input<'_> {
        Input { context: self }
    }
}
