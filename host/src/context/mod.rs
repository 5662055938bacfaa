//! What the host offers a command while it runs: the other side of `omero-plugin-api`'s `Context`.

mod data;
mod guard;

use std::sync::Arc;

use omero_plugin_abi::{
    Failure, HostContext, HostContextBox, LoginOption, ProgressBox, Secret, SessionBox, Stream,
    TD_Opaque, WakerBox,
    std_types::{ROption, RResult, RSlice, RStr, RString, RVec},
};

use crate::{host::Host, interrupt, invocation::Invocation, progress::ProgressLine, terminal};
pub use data::path_of as data_directory_of;
use guard::{guard, guard_or};

/// The context of one command.
pub struct CommandContext {
    host: Arc<Host>,
    invocation: Invocation,
}

impl CommandContext {
    /// Whether the command has ended, so that a thread of it has no reason to go on. The session
    /// provider keeps connections open for the commands to come, and asks its old contexts only
    /// whether Ctrl-C was pressed.
    fn is_left_behind(&self) -> bool {
        !self.invocation.is_provider && self.invocation.life.has_ended()
    }

    /// The context as it crosses the border.
    pub fn boxed(host: &Arc<Host>, invocation: Invocation) -> HostContextBox {
        HostContextBox::from_value(
            Self {
                host: Arc::clone(host),
                invocation,
            },
            TD_Opaque,
        )
    }
}

/// Calls a plugin with a context that is valid until the call returns.
pub fn during<T>(
    host: &Arc<Host>,
    invocation: Invocation,
    call: impl FnOnce(HostContextBox) -> T,
) -> T {
    let life = invocation.life.clone();
    let outcome = call(CommandContext::boxed(host, invocation));
    host.end(&life);
    outcome
}

/// Every method catches its panics: one that reached the border would end the process as if the
/// command had failed.
impl HostContext for CommandContext {
    fn arguments(&self) -> RVec<RString> {
        guard_or(RVec::new(), || {
            self.invocation
                .arguments
                .iter()
                .map(|a| RString::from(a.as_str()))
                .collect()
        })
    }

    fn program(&self) -> RString {
        guard_or(RString::new(), || self.invocation.program.as_str().into())
    }

    fn quiet(&self) -> bool {
        self.invocation.quiet
    }

    fn debug_level(&self) -> u8 {
        self.invocation.debug
    }

    fn login_options(&self) -> RVec<LoginOption> {
        guard_or(RVec::new(), || match self.invocation.is_provider {
            true => self.invocation.login.clone().into(),
            false => RVec::new(),
        })
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        self.host.streams.is_terminal(stream)
    }

    fn write(&self, stream: Stream, bytes: RSlice<'_, u8>) -> RResult<(), Failure> {
        guard(|| {
            let life = &self.invocation.life;
            self.host.streams.write_for(life, stream, bytes.as_slice())
        })
    }

    fn flush(&self) -> RResult<(), Failure> {
        guard(|| self.host.streams.flush_for(&self.invocation.life))
    }

    fn debug(&self, level: u8, text: RStr<'_>) {
        guard_or((), || {
            if self.invocation.debug >= level {
                // A debug message that cannot be shown is no reason to fail.
                let (streams, life) = (&self.host.streams, &self.invocation.life);
                let line = format!("{text}\n");
                let _ = streams.write_for(life, Stream::ERROR, line.as_bytes());
            }
        });
    }

    fn read_line(&self, prompt: RStr<'_>) -> RResult<ROption<RString>, Failure> {
        guard(|| {
            let Host {
                input,
                streams,
                interrupt,
                ..
            } = &*self.host;
            let life = &self.invocation.life;
            let line = terminal::read_line(input, streams, interrupt, life, prompt.as_str())?;
            Ok(line.map(RString::from).into())
        })
    }

    fn read_secret(&self, prompt: RStr<'_>) -> RResult<ROption<Secret>, Failure> {
        guard(|| {
            let Host {
                input,
                streams,
                interrupt,
                ..
            } = &*self.host;
            let life = &self.invocation.life;
            let secret = terminal::read_secret(input, streams, interrupt, life, prompt.as_str())?;
            Ok(secret.into())
        })
    }

    fn environment(&self, name: RStr<'_>) -> ROption<RVec<u8>> {
        guard_or(ROption::RNone, || {
            let value = self.host.environment.get(name.as_str());
            value
                .map(|value| RVec::from(value.as_encoded_bytes()))
                .into()
        })
    }

    fn configuration(&self, key: RStr<'_>) -> RResult<ROption<RString>, Failure> {
        guard(|| {
            self.invocation.life.check()?;
            let configuration = self.host.configuration(self.invocation.quiet)?;
            Ok(configuration.json(key.as_str())?.map(RString::from).into())
        })
    }

    fn data_directory(&self) -> RResult<RVec<u8>, Failure> {
        guard(|| {
            self.invocation.life.check()?;
            let path = data::directory(&self.invocation.plugin)?;
            Ok(path.as_os_str().as_encoded_bytes().into())
        })
    }

    fn progress(&self, label: RStr<'_>) -> ProgressBox {
        let plain = |name, value: Option<&str>| {
            let set = self.host.environment.filled(name);
            set.is_some_and(|set| value.is_none_or(|value| set == value))
        };
        let off = self.invocation.quiet || plain("NO_COLOR", None) || plain("TERM", Some("dumb"));
        let line = ProgressLine::begin(
            &self.host.streams,
            &self.invocation.life,
            off,
            label.as_str(),
        );
        ProgressBox::from_value(line, TD_Opaque)
    }

    fn cancelled(&self) -> bool {
        self.host.interrupt.struck() || self.is_left_behind()
    }

    fn on_cancel(&self, waker: WakerBox) -> u64 {
        guard_or(0, || {
            if self.is_left_behind() {
                interrupt::wake(&waker);
                return 0;
            }
            self.host.interrupt.on_cancel(waker)
        })
    }

    fn forget_waker(&self, number: u64) {
        guard_or((), || self.host.interrupt.forget_waker(number));
    }

    fn session(&self) -> RResult<SessionBox, Failure> {
        guard(|| {
            let life = &self.invocation.life;
            life.check()?;
            let session = life.during(|| self.host.lend(&self.invocation))?;
            // Attaching takes time, in which the command may have ended.
            life.check()?;
            Ok(session)
        })
    }

    fn invoke(&self, arguments: RVec<RString>) -> RResult<i32, Failure> {
        guard(|| {
            let words = arguments
                .into_iter()
                .map(|word| word.into_string().into())
                .collect();
            let life = &self.invocation.life;
            life.check()?;
            life.during(|| self.host.run(words))
                .map_err(|failed| failed.error)
        })
    }

    fn host_abi(&self) -> RString {
        omero_plugin_abi::VERSION.into()
    }
}
