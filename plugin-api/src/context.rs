//! What the host offers a command while it runs.
//!
//! A command gets it as its first argument and needs nothing else of the process:
//!
//! ```
//! # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
//! fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
//!     let unit: Option<String> = ctx.configuration("size.unit")?;
//!     let unit = unit.unwrap_or_else(|| "MB".to_owned());
//!     let progress = ctx.progress("Adding up");
//!     progress.set(1, 2);
//!     ctx.debug(2, "one of two disks is mounted");
//!     ctx.line(format_args!("3 {unit}"))
//! }
//! # let harness = Harness::new(|| Command::new("size"), run);
//! # assert_eq!(harness.clone().run().stdout, "3 MB\n");
//! # assert_eq!(harness.configuration("size.unit", "\"GB\"").run().stdout, "3 GB\n");
//! ```

// In the order in which the documentation shows what is in them.
mod arguments;

mod output;

mod messages;

mod prompt;

mod surroundings;

mod progress;

mod cancel;

mod abi;

mod platform;

use std::{fmt, sync::Arc};

use omero_plugin_abi::{Failure, HostContextBox, std_types::*};

pub use self::{cancel::CancelGuard, output::Output, progress::Progress};
use crate::{Error, Session};

/// The host, as a command sees it. Cheap to clone; may be used from several threads.
///
/// Everything visible goes through it. A plugin that printed by itself would mix its own copy of
/// Rust's output buffers with the host's, and lose bytes at the end.
///
/// ```
/// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
/// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
///     ctx.info("Looking for images")?; // standard error, hidden by -q
///     ctx.line("Image:51")?; // standard output
///     ctx.warn("one image is not readable");
///     Ok(())
/// }
/// # let outcome = Harness::new(|| Command::new("images"), run).run();
/// # assert_eq!(outcome.stdout, "Image:51\n");
/// # assert_eq!(
/// #     outcome.stderr,
/// #     "Looking for images\nomero: warning: one image is not readable\n"
/// # );
/// ```
#[derive(Clone)]
pub struct Context {
    host: Arc<HostContextBox>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("program", &self.program())
            .finish_non_exhaustive()
    }
}

impl Context {
    /// Wraps what crossed the border. `export_plugin!` does this.
    #[doc(hidden)]
    pub fn from_host(host: HostContextBox) -> Self {
        Self {
            host: Arc::new(host),
        }
    }

    /// The session lent for this command, attached on first use.
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

    /// Runs another command in this process, as if typed after `omero`; returns its exit code.
    ///
    /// # Errors
    ///
    /// The command does not exist or cannot be loaded.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     match ctx.invoke(&["sessions", "list"])? {
    ///         0 => Ok(()),
    ///         code => Err(Error::silent(code)), // the command has said why
    ///     }
    /// }
    /// # let harness = Harness::new(|| Command::new("all"), run).command(&["sessions", "list"], 5);
    /// # assert_eq!(harness.run().code, 5);
    /// ```
    pub fn invoke(&self, arguments: &[&str]) -> Result<i32, Error> {
        result(
            self.host
                .invoke(arguments.iter().map(|a| RString::from(*a)).collect()),
        )
    }
}

/// What crossed the border as an ordinary result.
pub(crate) fn result<T>(value: RResult<T, Failure>) -> Result<T, Error> {
    value.into_result().map_err(Error::from)
}
