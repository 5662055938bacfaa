//! Questions to the user.

use clap::{Arg, ArgAction, ArgMatches};
use omero_plugin_abi::{Secret, std_types::RString};

use super::{Context, Stream, result};
use crate::{Error, Kind};

/// The name of the option that answers [`Context::confirm`].
const YES: &str = "yes";

/// The option `-y`, `--yes` for a command that asks before it changes something:
/// [`Context::confirm`] looks at it.
///
/// ```
/// use omero_plugin_api::{clap::Command, context::yes_option};
///
/// fn command() -> Command {
///     Command::new("purge").arg(yes_option())
/// }
/// # assert!(command().try_get_matches_from(["purge", "-y"]).is_ok());
/// ```
pub fn yes_option() -> Arg {
    Arg::new(YES)
        .short('y')
        .long(YES)
        .action(ArgAction::SetTrue)
        .help("Do not ask for confirmation")
}

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

    /// Asks whether to go on, `question [y/N]`. Returns without a question if the command line has
    /// `--yes` ([`yes_option`]).
    ///
    /// # Errors
    ///
    /// [`crate::Kind::Cancelled`] unless the answer is `y` or `yes`; [`crate::Kind::Usage`] where
    /// standard input is no terminal, so that nobody can answer.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// # use omero_plugin_api::{Stream, context::yes_option};
    /// fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    ///     ctx.confirm("Delete 3 images?", matches)?;
    ///     ctx.line("Deleted")
    /// }
    /// # let harness = Harness::new(|| Command::new("purge").arg(yes_option()), run);
    /// # assert_eq!(harness.clone().args(["--yes"]).run().stdout, "Deleted\n");
    /// # assert_eq!(harness.clone().run().code, 2);
    /// # let at_terminal = harness.terminal(Stream::Input);
    /// # assert_eq!(at_terminal.clone().types("y").run().stdout, "Deleted\n");
    /// # assert_eq!(at_terminal.types("").run().stderr, "Cancelled\n");
    /// ```
    pub fn confirm(&self, question: &str, matches: &ArgMatches) -> Result<(), Error> {
        let yes = matches.try_get_one::<bool>(YES);
        if matches!(yes, Ok(Some(true))) {
            return Ok(());
        }
        if !self.is_terminal(Stream::Input) {
            let text =
                format!("standard input is no terminal, so this cannot be asked: {question}");
            let error = Error::of_kind(Kind::Usage, 2, text).labelled();
            return Err(if yes.is_ok() {
                error.hint("confirm with --yes")
            } else {
                error
            });
        }
        let answer = self.read_line(&format!("{question} [y/N] "))?;
        let answer = answer.unwrap_or_default().trim().to_lowercase();
        match answer.as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Error::cancelled()),
        }
    }
}
