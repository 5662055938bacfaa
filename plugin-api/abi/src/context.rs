//! What a plugin may ask of the host.
//!
//! The host owns the process: streams, terminal, signals, environment, configuration. A plugin that
//! printed by itself would mix its own copy of Rust's output buffers with the host's.

use abi_stable::{
    sabi_trait,
    std_types::{RBox, ROption, RResult, RSlice, RStr, RString, RVec},
    StableAbi,
};

use crate::{Failure, LoginOption, Secret, SessionBox};

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

/// A [`Waker`] as it crosses the border.
pub type WakerBox = Waker_TO<'static, RBox<()>>;

/// A progress display. Dropping it removes it from the screen.
#[sabi_trait]
pub trait Progress: Send + Sync {
    /// How far the work is: `done` of `total` steps; a `total` of 0 means unknown.
    fn set(&self, done: u64, total: u64);
    /// Replaces the label.
    #[sabi(last_prefix_field)]
    fn label(&self, text: RStr<'_>);
}

/// A [`Progress`] as it crosses the border.
pub type ProgressBox = Progress_TO<'static, RBox<()>>;

/// What the host offers during one call. May be used from several threads.
#[sabi_trait]
pub trait HostContext: Send + Sync {
    /// The plugin's own arguments: what stood after the command's name, without the options that
    /// the host takes out.
    fn arguments(&self) -> RVec<RString>;
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
    /// Writes all bytes to the output or error stream.
    fn write(&self, stream: Stream, bytes: RSlice<'_, u8>) -> RResult<(), Failure>;
    /// Hands buffered output to the operating system.
    fn flush(&self) -> RResult<(), Failure>;
    /// Writes a debug message if the level of `--debug` is at least `level`.
    fn debug(&self, level: u8, text: RStr<'_>);
    /// Shows a prompt and reads one line without its end. `RNone` at the end of the input.
    fn read_line(&self, prompt: RStr<'_>) -> RResult<ROption<RString>, Failure>;
    /// Shows a prompt on the terminal and reads one line without echo. `RNone` at the end of input.
    fn read_secret(&self, prompt: RStr<'_>) -> RResult<ROption<Secret>, Failure>;
    /// An environment variable, as the platform's bytes.
    fn environment(&self, name: RStr<'_>) -> ROption<RVec<u8>>;
    /// A configuration value by its dotted key, as JSON.
    fn configuration(&self, key: RStr<'_>) -> RResult<ROption<RString>, Failure>;
    /// This plugin's own data directory (mode 0700, made when asked for), as the platform's bytes.
    fn data_directory(&self) -> RResult<RVec<u8>, Failure>;
    /// Starts a progress display; nothing is shown where that would disturb.
    fn progress(&self, label: RStr<'_>) -> ProgressBox;
    /// Whether the user asked to stop.
    fn cancelled(&self) -> bool;
    /// Registers a waker; returns its number. If the user asked to stop already it is called at once.
    fn on_cancel(&self, waker: WakerBox) -> u64;
    /// Takes a waker back.
    fn forget_waker(&self, number: u64);
    /// The session lent for this call, attached on first use.
    fn session(&self) -> RResult<SessionBox, Failure>;
    /// Runs another command in this process, as if typed after `omero`; returns its exit code.
    #[sabi(last_prefix_field)]
    fn invoke(&self, arguments: RVec<RString>) -> RResult<i32, Failure>;

    // Since 1.1. The attribute above stays where it is: it marks the end of version 1.0.

    /// The version of this ABI that the host offers, as `major.minor.patch`. A host that does not
    /// have this method offers 1.0.
    fn host_abi(&self) -> RString {
        RString::from("1.0.0")
    }
}

/// A [`HostContext`] as it crosses the border.
pub type HostContextBox = HostContext_TO<'static, RBox<()>>;
