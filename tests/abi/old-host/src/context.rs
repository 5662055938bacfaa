//! What this host offers a plugin: the methods of ABI 1.0.0 and no more.

use std::io::Write;

use omero_plugin_abi::{
    std_types::{RErr, RNone, ROk, ROption, RResult, RSlice, RStr, RString, RVec},
    Failure, FailureKind, HostContext, HostContextBox, InvokeMode, Invoked, LoginOption, Progress,
    ProgressBox, ProgressUnit, Secret, SharedSession, Stream, TD_Opaque, WakerBox, VERSION,
};

/// The context of one call.
pub struct OldContext(Vec<String>);

impl OldContext {
    /// The context as it crosses the ABI boundary.
    pub fn boxed(words: &[String]) -> HostContextBox {
        HostContextBox::from_value(Self(words.to_vec()), TD_Opaque)
    }
}

impl HostContext for OldContext {
    fn arguments(&self) -> RVec<RVec<u8>> {
        self.0.iter().map(|word| word.as_bytes().into()).collect()
    }
    fn program(&self) -> RString {
        "old".into()
    }
    fn quiet(&self) -> bool {
        false
    }
    fn debug_level(&self) -> u8 {
        0
    }
    fn login_options(&self) -> RVec<LoginOption> {
        RVec::new()
    }
    fn is_terminal(&self, _: Stream) -> bool {
        false
    }
    fn terminal_width(&self, _: Stream) -> ROption<u16> {
        RNone
    }
    fn write(&self, stream: Stream, bytes: RSlice<'_, u8>) -> RResult<(), Failure> {
        let written = match stream {
            Stream::OUTPUT => std::io::stdout().write_all(&bytes),
            _ => std::io::stderr().write_all(&bytes),
        };
        written.map_err(|_| unsupported()).into()
    }
    fn flush(&self) -> RResult<(), Failure> {
        ROk(())
    }
    fn debug(&self, _: u8, _: RStr<'_>) {}
    fn read(&self, _: u64) -> RResult<RVec<u8>, Failure> {
        ROk(RVec::new())
    }
    fn read_line(&self, _: RStr<'_>) -> RResult<ROption<RString>, Failure> {
        ROk(RNone)
    }
    fn read_secret(&self, _: RStr<'_>) -> RResult<ROption<Secret>, Failure> {
        ROk(RNone)
    }
    fn environment(&self, name: RStr<'_>) -> ROption<RVec<u8>> {
        std::env::var(name.as_str())
            .ok()
            .map(|value| value.into_bytes().into())
            .into()
    }
    fn configuration(&self, _: RStr<'_>) -> RResult<ROption<RString>, Failure> {
        ROk(RNone)
    }
    fn data_directory(&self) -> RResult<RVec<u8>, Failure> {
        RErr(unsupported())
    }
    fn progress(&self, _: RStr<'_>, _: ProgressUnit) -> ProgressBox {
        ProgressBox::from_value(NoProgress, TD_Opaque)
    }
    fn cancelled(&self) -> bool {
        false
    }
    fn on_cancel(&self, _: WakerBox) -> u64 {
        1
    }
    fn forget_waker(&self, _: u64) {}
    fn login_target(&self) -> RResult<RString, Failure> {
        RErr(unsupported())
    }
    fn session(&self) -> RResult<SharedSession, Failure> {
        RErr(unsupported())
    }
    fn session_with(&self, _: RVec<LoginOption>) -> RResult<SharedSession, Failure> {
        RErr(unsupported())
    }
    fn invoke(&self, _: RVec<RVec<u8>>, _: InvokeMode) -> RResult<Invoked, Failure> {
        RErr(unsupported())
    }
    fn host_abi(&self) -> RString {
        VERSION.into()
    }
    // Here the tests append the method of the synthetic ABI 1.1.
}

struct NoProgress;

impl Progress for NoProgress {
    fn set(&self, _: u64, _: ROption<u64>) {}
    fn label(&self, _: RStr<'_>) {}
}

fn unsupported() -> Failure {
    Failure {
        kind: FailureKind::UNSUPPORTED,
        code: 1,
        message: "the old host has no such thing".into(),
        labelled: false,
        hint: RString::new(),
        detail: RString::new(),
        causes: RVec::new(),
    }
}
