//! What the old host offers a plugin: the methods of ABI 1.0.0 and no more.

use std::io::Write;

use omero_plugin_abi::{
    std_types::{RErr, RNone, ROk, ROption, RResult, RSlice, RSome, RStr, RString, RVec},
    Failure, FailureKind, HostContext, HostContextBox, LoginOption, Progress, ProgressBox, Secret,
    SessionBox, Stream, TD_Opaque, WakerBox,
};

/// The context of one call.
pub struct OldContext(Vec<String>);

impl OldContext {
    /// The context as it crosses the border.
    pub fn boxed(words: &[String]) -> HostContextBox {
        HostContextBox::from_value(Self(words.to_vec()), TD_Opaque)
    }
}

impl HostContext for OldContext {
    fn arguments(&self) -> RVec<RString> {
        self.0.iter().map(|word| word.as_str().into()).collect()
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
    fn read_line(&self, _: RStr<'_>) -> RResult<ROption<RString>, Failure> {
        ROk(RNone)
    }
    fn read_secret(&self, _: RStr<'_>) -> RResult<ROption<Secret>, Failure> {
        ROk(RNone)
    }
    fn environment(&self, _: RStr<'_>) -> ROption<RVec<u8>> {
        RSome(b"old".to_vec().into())
    }
    fn configuration(&self, _: RStr<'_>) -> RResult<ROption<RString>, Failure> {
        ROk(RNone)
    }
    fn data_directory(&self) -> RResult<RVec<u8>, Failure> {
        RErr(unsupported())
    }
    fn progress(&self, _: RStr<'_>) -> ProgressBox {
        ProgressBox::from_value(NoProgress, TD_Opaque)
    }
    fn cancelled(&self) -> bool {
        false
    }
    fn on_cancel(&self, _: WakerBox) -> u64 {
        1
    }
    fn forget_waker(&self, _: u64) {}
    fn session(&self) -> RResult<SessionBox, Failure> {
        RErr(unsupported())
    }
    fn invoke(&self, _: RVec<RString>) -> RResult<i32, Failure> {
        RErr(unsupported())
    }
}

struct NoProgress;

impl Progress for NoProgress {
    fn set(&self, _: u64, _: u64) {}
    fn label(&self, _: RStr<'_>) {}
}

fn unsupported() -> Failure {
    Failure {
        kind: FailureKind::UNSUPPORTED,
        code: 1,
        message: "the old host has no such thing".into(),
        hint: RString::new(),
        detail: RString::new(),
    }
}
