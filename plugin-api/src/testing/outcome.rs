//! What a command did.

use super::RecordedCall;
use crate::Error;

/// What a command did, as its user and the server saw it.
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
    /// The calls on the session.
    pub calls: Vec<RecordedCall>,
}

impl Outcome {
    /// What the error says can be done about it; empty without an error or a hint.
    pub fn hint(&self) -> &str {
        self.error.as_ref().map_or("", Error::hint_text)
    }
}
