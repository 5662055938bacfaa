//! The services that the host offers to a command while it runs.
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

mod input;

mod prompt;

mod login;

mod invoke;

mod surroundings;

mod progress;

mod cancel;

mod abi;

mod platform;

use std::{fmt, sync::Arc};

use omero_plugin_abi::{Failure, HostContextBox, std_types::*};

pub use self::{
    cancel::CancelGuard,
    input::Input,
    invoke::Captured,
    login::{Login, LoginOption, LoginTarget},
    output::{Output, Stream},
    progress::{Progress, Unit},
    prompt::yes_option,
};
use crate::Error;

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
    /// Wraps what crossed the ABI boundary. `export_plugin!` does this.
    #[doc(hidden)]
    pub fn from_host(host: HostContextBox) -> Self {
        Self {
            host: Arc::new(host),
        }
    }
}

/// What crossed the ABI boundary as an ordinary result.
pub(crate) fn result<T>(value: RResult<T, Failure>) -> Result<T, Error> {
    value.into_result().map_err(Error::from)
}
