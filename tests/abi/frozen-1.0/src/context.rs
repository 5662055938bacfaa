//! The services that the host offers to a plugin.
//!
//! The host owns the process: streams, terminal, signals, environment, configuration. A plugin that
//! printed by itself would mix its own copy of Rust's output buffers with the host's.

use abi_stable::{
    sabi_trait,
    std_types::{RBox, ROption, RResult, RSlice, RStr, RString, RVec},
    StableAbi,
};

use crate::{Failure, LoginOption, Secret, SharedSession};

/// A standard stream of the process.
///
/// ```
/// # use omero_plugin_abi::Stream;
/// fn name(stream: Stream) -> &'static str {
///     match stream {
///         Stream::INPUT => "input",
///         Stream::OUTPUT => "output",
///         Stream::ERROR => "errors",
///         _ => "a stream of a newer host",
///     }
/// }
/// assert_eq!(name(Stream::OUTPUT), "output");
/// ```
#[repr(transparent)]
#[derive(StableAbi, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stream(pub u32);

impl Stream {
    /// Standard input.
    pub const INPUT: Self = Self(0);
    /// Standard output: results.
    pub const OUTPUT: Self = Self(1);
    /// Standard error: everything else.
    pub const ERROR: Self = Self(2);
}

/// Called once when the user asks to stop (Ctrl-C), from another thread, so that a blocked call
/// can be interrupted.
#[sabi_trait]
pub trait Waker: Send + Sync {
    /// Interrupts what its owner waits for.
    #[sabi(last_prefix_field)]
    fn wake(&self);
}

/// A [`Waker`] as it crosses the ABI boundary.
pub type WakerBox = Waker_TO<'static, RBox<()>>;

/// The unit in which a [`Progress`] counts. An open set: a reader treats an unknown value as
/// [`ProgressUnit::ITEMS`].
///
/// ```
/// # use omero_plugin_abi::ProgressUnit;
/// assert_ne!(ProgressUnit::BYTES, ProgressUnit::ITEMS);
/// ```
#[repr(transparent)]
#[derive(StableAbi, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProgressUnit(pub u32);

impl ProgressUnit {
    /// Things that are counted: `3/12`.
    pub const ITEMS: Self = Self(0);
    /// Bytes: `1.5/3.0 MB, 50 %`.
    pub const BYTES: Self = Self(1);
    /// A share of the whole, shown in per cent: `50 %`.
    pub const PERCENT: Self = Self(2);
}

/// A progress display. Dropping it removes it from the screen.
#[sabi_trait]
pub trait Progress: Send + Sync {
    /// Sets how much of the work is done; `RNone` as the total means that it is unknown.
    fn set(&self, done: u64, total: ROption<u64>);
    /// Replaces the label.
    #[sabi(last_prefix_field)]
    fn label(&self, text: RStr<'_>);
}

/// A [`Progress`] as it crosses the ABI boundary.
pub type ProgressBox = Progress_TO<'static, RBox<()>>;

/// How [`HostContext::invoke`] runs a command. An open set: a host refuses an unknown value with
/// [`FailureKind::UNSUPPORTED`](crate::FailureKind::UNSUPPORTED).
///
/// ```
/// # use omero_plugin_abi::InvokeMode;
/// assert_ne!(InvokeMode::SHOW, InvokeMode::CAPTURE);
/// ```
#[repr(transparent)]
#[derive(StableAbi, Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvokeMode(pub u32);

impl InvokeMode {
    /// The command writes to the standard streams of the process.
    pub const SHOW: Self = Self(0);
    /// What the command writes is returned in [`Invoked`].
    pub const CAPTURE: Self = Self(1);
}

/// The outcome of a command that ran to its end.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct Invoked {
    /// The exit code, as the command documents it.
    pub code: i32,
    /// The bytes of standard output; empty unless captured.
    pub output: RVec<u8>,
    /// The bytes of standard error; empty unless captured.
    pub errors: RVec<u8>,
}

/// What the host offers during one call. May be used from several threads.
///
/// Text that may be no UTF-8 (arguments, paths, environment variables) crosses as the platform's
/// bytes: `OsStr::as_encoded_bytes`.
#[sabi_trait]
pub trait HostContext: Send + Sync {
    /// The command's own arguments: what follows its name, without the options that the host takes
    /// out.
    fn arguments(&self) -> RVec<RVec<u8>>;
    /// The name of the program and command for usage messages, for instance `omero sessions`.
    fn program(&self) -> RString;
    /// Whether `-q` was given.
    fn quiet(&self) -> bool;
    /// The level of `--debug`: 0 (none) to 9.
    fn debug_level(&self) -> u8;
    /// The login options. Empty for every plugin but the session provider.
    fn login_options(&self) -> RVec<LoginOption>;
    /// Whether a stream is a terminal.
    fn is_terminal(&self, stream: Stream) -> bool;
    /// The width of the terminal that shows a stream, in columns; `RNone` where it is no terminal or
    /// the width is unknown.
    fn terminal_width(&self, stream: Stream) -> ROption<u16>;
    /// Writes all bytes to the output or error stream.
    fn write(&self, stream: Stream, bytes: RSlice<'_, u8>) -> RResult<(), Failure>;
    /// Hands buffered output to the operating system.
    fn flush(&self) -> RResult<(), Failure>;
    /// Writes a debug message if the level of `--debug` is at least `level`.
    fn debug(&self, level: u8, text: RStr<'_>);
    /// Reads up to `longest` bytes of standard input, waiting until there is at least one. Empty at
    /// the end of the input.
    fn read(&self, longest: u64) -> RResult<RVec<u8>, Failure>;
    /// Shows a prompt and reads one line without its end. `RNone` at the end of the input.
    fn read_line(&self, prompt: RStr<'_>) -> RResult<ROption<RString>, Failure>;
    /// Shows a prompt on the terminal and reads one line without echo. `RNone` at the end of input.
    fn read_secret(&self, prompt: RStr<'_>) -> RResult<ROption<Secret>, Failure>;
    /// An environment variable. `OMERO_PASSWORD` is hidden from every plugin but the session provider.
    fn environment(&self, name: RStr<'_>) -> ROption<RVec<u8>>;
    /// A configuration value by its dotted key, as JSON.
    fn configuration(&self, key: RStr<'_>) -> RResult<ROption<RString>, Failure>;
    /// The plugin's data directory (mode 0700, created if it is missing).
    fn data_directory(&self) -> RResult<RVec<u8>, Failure>;
    /// Starts a progress display; nothing is shown where that would disturb. Several displays may
    /// exist at the same time.
    fn progress(&self, label: RStr<'_>, unit: ProgressUnit) -> ProgressBox;
    /// Whether the user asked to stop.
    fn cancelled(&self) -> bool;
    /// Registers a waker; returns its number. If the user asked to stop already it is called at once.
    fn on_cancel(&self, waker: WakerBox) -> u64;
    /// Takes a waker back.
    fn forget_waker(&self, number: u64);
    /// Server, user and group that [`HostContext::session`] would attach to, as JSON (see
    /// `LoginTarget` of omero-plugin-api), read from what is on this machine: nothing is asked and
    /// nothing connects.
    fn login_target(&self) -> RResult<RString, Failure>;
    /// The session of this call, attached on first use.
    fn session(&self) -> RResult<SharedSession, Failure>;
    /// Another session, by login options of its own instead of those of the command line.
    fn session_with(&self, options: RVec<LoginOption>) -> RResult<SharedSession, Failure>;
    /// Runs another command in this process, as if typed after `omero`. The user's aliases do not
    /// apply.
    fn invoke(&self, arguments: RVec<RVec<u8>>, mode: InvokeMode) -> RResult<Invoked, Failure>;
    /// The version of this ABI that the host offers, as `major.minor.patch`.
    #[sabi(last_prefix_field)]
    fn host_abi(&self) -> RString;
}

/// A [`HostContext`] as it crosses the ABI boundary.
pub type HostContextBox = HostContext_TO<'static, RBox<()>>;
