//! Questions to the user.

use omero_plugin_abi::{Secret, std_types::RString};

use super::{Context, result};
use crate::Error;

impl Context {
    /// Shows a prompt and reads one line, without its end. `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// [`crate::Kind::Cancelled`] after Ctrl-C.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let answer = ctx.read_line("Delete 3 images? [y/N] ")?;
    ///     match answer.as_deref() {
    ///         Some("y") => ctx.line("Deleted"),
    ///         _ => Err(Error::cancelled()),
    ///     }
    /// }
    /// # let harness = Harness::new(|| Command::new("images"), run);
    /// # assert_eq!(harness.clone().types("y").run().stdout, "Deleted\n");
    /// # assert_eq!(harness.run().stderr, "Cancelled\n");
    /// ```
    pub fn read_line(&self, prompt: &str) -> Result<Option<String>, Error> {
        let line = result(self.host.read_line(prompt.into()))?;
        Ok(line.into_option().map(RString::into_string))
    }

    /// Shows a prompt on the terminal and reads one line without echo. `None` at the end of input.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let Some(token) = ctx.read_secret("Token of the archive: ")? else {
    ///         return Err(Error::cancelled());
    ///     };
    ///     ctx.line(token.expose().len()) // never the token itself
    /// }
    /// # let harness = Harness::new(|| Command::new("archive"), run);
    /// # assert_eq!(harness.clone().types("abc").run().stdout, "3\n");
    /// # assert_eq!(harness.ends_input().run().stderr, "Cancelled\n");
    /// ```
    ///
    /// # Errors
    ///
    /// [`crate::Kind::Cancelled`] after Ctrl-C; no terminal.
    pub fn read_secret(&self, prompt: &str) -> Result<Option<Secret>, Error> {
        Ok(result(self.host.read_secret(prompt.into()))?.into_option())
    }
}
