//! What a command did.

use super::{RecordedCall, RecordedProgress};
use crate::Error;

/// What a command did, as its user and the server saw it.
///
/// ```
/// # use omero_plugin_api::{Error, clap::Command, testing::Harness};
/// # let command = || Command::new("rename");
/// let outcome = Harness::new(command, |ctx, _| {
///     let name = ctx.read_line("New name: ")?.unwrap_or_default();
///     ctx.line(format_args!("Image:51 is called {name}"))
/// })
/// .types("a.tif")
/// .run();
///
/// assert_eq!(outcome.code, 0);
/// assert_eq!(outcome.stdout, "Image:51 is called a.tif\n");
/// assert_eq!(outcome.prompts, ["New name: "]); // the answer is in neither stream
/// assert!(outcome.error.is_none() && outcome.calls.is_empty());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outcome {
    /// The documented exit code; the process would end with it modulo 256.
    pub code: i32,
    /// Everything on standard output.
    pub stdout: String,
    /// Everything on standard error, the sentence of [`Outcome::error`] included. Notes and
    /// warnings are there as the host shows them, hints and debug messages are not.
    pub stderr: String,
    /// The error that the command ended with.
    pub error: Option<Error>,
    /// The prompts that were shown, in their order.
    pub prompts: Vec<String>,
    /// The debug messages, with their levels.
    pub debug: Vec<(u8, String)>,
    /// The other commands that were run in the process.
    pub invocations: Vec<Vec<String>>,
    /// The progress displays, in the order in which they were started.
    pub progress: Vec<RecordedProgress>,
    /// The calls on the session.
    pub calls: Vec<RecordedCall>,
}

impl Outcome {
    /// What the error says can be done about it; empty without an error or a hint.
    ///
    /// ```
    /// # use omero_plugin_api::{Error, clap::Command, testing::Harness};
    /// # let command = || Command::new("rename");
    /// let outcome = Harness::new(command, |_, _| {
    ///     Err(Error::new(1, "The name is taken").hint("choose another one"))
    /// })
    /// .run();
    /// assert_eq!(outcome.hint(), "choose another one");
    /// assert_eq!(outcome.stderr, "The name is taken\n"); // the kit leaves the hint out
    /// ```
    pub fn hint(&self) -> &str {
        self.error.as_ref().map_or("", Error::hint_text)
    }
}
