//! Errors of calls across the ABI boundary.

use abi_stable::{
    std_types::{RString, RVec},
    StableAbi,
};

/// What went wrong, for programs. An open set: a reader treats an unknown value as
/// [`FailureKind::COMMAND`].
#[repr(transparent)]
#[derive(StableAbi, Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailureKind(pub u32);

impl FailureKind {
    /// The command failed in its own way; `message` says how.
    pub const COMMAND: Self = Self(1);
    /// The command line is wrong.
    pub const USAGE: Self = Self(2);
    /// The user pressed Ctrl-C or ended the input at a prompt.
    pub const CANCELLED: Self = Self(3);
    /// There is no session and none could be made.
    pub const NO_SESSION: Self = Self(4);
    /// The server could not be reached, or the connection was lost.
    pub const NETWORK: Self = Self(5);
    /// The server answered with an error.
    pub const SERVER: Self = Self(6);
    /// The peer broke the protocol.
    pub const PROTOCOL: Self = Self(7);
    /// The reader of the output is gone (a closed pipe): end quietly.
    pub const OUTPUT_CLOSED: Self = Self(8);
    /// Code panicked; the panic was caught on its own side.
    pub const PANIC: Self = Self(9);
    /// The other side does not offer this.
    pub const UNSUPPORTED: Self = Self(10);
    /// Everything was said already; only the exit code is left to pass on.
    pub const SILENT: Self = Self(11);
    /// A plugin that is needed is missing or cannot be used.
    pub const PLUGIN: Self = Self(12);
    /// The command that this context was made for has ended.
    pub const ENDED: Self = Self(13);
}

/// An error that crosses the ABI boundary.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct Failure {
    /// What went wrong, for programs.
    pub kind: FailureKind,
    /// The code of the error as OMERO documents it; the process exits with it modulo 256.
    pub code: i32,
    /// One sentence for people. Never holds a password or session key.
    pub message: RString,
    /// Whether the message is shown after `omero: error: `. Without it the message is shown as it is.
    pub labelled: bool,
    /// What to do about it; may be empty.
    pub hint: RString,
    /// More for `--debug`, or JSON for programs; may be empty.
    pub detail: RString,
    /// The errors that led to this one, the nearest first; shown by `--debug`.
    pub causes: RVec<RString>,
}
