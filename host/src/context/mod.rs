//! What the host offers a command while it runs: the other side of `omero-plugin-api`'s `Context`.

mod data;
mod guard;
mod invoke;

use std::sync::Arc;

use omero_plugin_abi::{
    Failure, HostContext, HostContextBox, InvokeMode, Invoked, LoginOption, ProgressBox,
    ProgressUnit, Secret, SharedSession, Stream, TD_Opaque, WakerBox,
    std_types::{ROption, RResult, RSlice, RStr, RString, RVec},
};

use omero_plugin_api::Error;

use crate::{
    environment::PASSWORD,
    host::Host,
    interrupt::{self, Interrupt},
    invocation::Invocation,
    life::Life,
    progress::ProgressLine,
    streams::Streams,
    terminal::{self, Input},
};
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

    /// Whether the user cannot be asked, because no prompt would be shown.
    fn cannot_ask(&self) -> bool {
        self.invocation.silent || self.invocation.life.captured().is_some()
    }

    /// Reads an answer of the user, or from standard input; `None` if the user cannot be asked.
    fn ask<T>(
        &self,
        read: impl FnOnce(&Input, &Streams, &Interrupt, &Life) -> Result<Option<T>, Error>,
    ) -> Result<Option<T>, Error> {
        let host = &self.host;
        match self.cannot_ask() {
            true => Ok(None),
            false => read(
                &host.input,
                &host.streams,
                &host.interrupt,
                &self.invocation.life,
            ),
        }
    }

    /// Whether what is written to a stream is not shown.
    fn is_unseen(&self, stream: Stream) -> bool {
        stream != Stream::INPUT && self.cannot_ask()
    }

    fn lend(&self, borrower: &Invocation) -> Result<SharedSession, Error> {
        let life = &borrower.life;
        life.check()?;
        let session = life.during(|| self.host.lend(borrower))?;
        // Attaching takes time, in which the command may have ended.
        life.check()?;
        Ok(session)
    }

    /// The context as it crosses the ABI boundary.
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
    fn arguments(&self) -> RVec<RVec<u8>> {
        guard_or(RVec::new(), || {
            let arguments = self.invocation.arguments.iter();
            arguments.map(|text| text.as_bytes().into()).collect()
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
        !self.is_unseen(stream) && self.host.streams.is_terminal(stream)
    }

    fn terminal_width(&self, stream: Stream) -> ROption<u16> {
        let shown = !self.is_unseen(stream);
        guard_or(ROption::RNone, || {
            let width = || self.host.streams.width(stream);
            shown.then(width).flatten().into()
        })
    }

    fn write(&self, stream: Stream, bytes: RSlice<'_, u8>) -> RResult<(), Failure> {
        guard(|| {
            let life = &self.invocation.life;
            if self.invocation.silent {
                return life.check();
            }
            self.host.streams.write_for(life, stream, bytes.as_slice())
        })
    }

    fn flush(&self) -> RResult<(), Failure> {
        guard(|| self.host.streams.flush_for(&self.invocation.life))
    }

    fn debug(&self, level: u8, text: RStr<'_>) {
        guard_or((), || {
            if self.invocation.debug >= level && !self.invocation.silent {
                // A debug message that cannot be shown is no reason to fail.
                let (streams, life) = (&self.host.streams, &self.invocation.life);
                let line = format!("{text}\n");
                let _ = streams.write_for(life, Stream::ERROR, line.as_bytes());
            }
        });
    }

    fn read(&self, longest: u64) -> RResult<RVec<u8>, Failure> {
        guard(|| {
            let longest = usize::try_from(longest).unwrap_or(usize::MAX);
            let bytes = self.ask(|input, streams, interrupt, life| {
                terminal::read(input, streams, interrupt, life, longest).map(Some)
            })?;
            Ok(bytes.unwrap_or_default().into())
        })
    }

    fn read_line(&self, prompt: RStr<'_>) -> RResult<ROption<RString>, Failure> {
        guard(|| {
            let line = self.ask(|input, streams, interrupt, life| {
                terminal::read_line(input, streams, interrupt, life, prompt.as_str())
            })?;
            Ok(line.map(RString::from).into())
        })
    }

    fn read_secret(&self, prompt: RStr<'_>) -> RResult<ROption<Secret>, Failure> {
        guard(|| {
            let secret = self.ask(|input, streams, interrupt, life| {
                terminal::read_secret(input, streams, interrupt, life, prompt.as_str())
            })?;
            Ok(secret.into())
        })
    }

    fn environment(&self, name: RStr<'_>) -> ROption<RVec<u8>> {
        guard_or(ROption::RNone, || {
            // Only the provider has a use for it. A plugin can read the environment of the process by
            // itself; this only keeps it from being passed on by accident.
            if name.as_str() == PASSWORD && !self.invocation.is_provider {
                return ROption::RNone;
            }
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

    fn progress(&self, label: RStr<'_>, unit: ProgressUnit) -> ProgressBox {
        let plain = |name, value: Option<&str>| {
            let set = self.host.environment.filled(name);
            set.is_some_and(|set| value.is_none_or(|value| set == value))
        };
        let hidden = self.invocation.quiet || self.is_unseen(Stream::ERROR);
        let off = hidden || plain("NO_COLOR", None) || plain("TERM", Some("dumb"));
        let line = ProgressLine::begin(
            &self.host.streams,
            &self.invocation.life,
            off,
            label.as_str(),
            unit,
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

    fn login_target(&self) -> RResult<RString, Failure> {
        guard(|| {
            self.invocation.life.check()?;
            let target = self.host.login_target(&self.invocation)?;
            let json = serde_json::to_string(&target);
            json.map(RString::from).map_err(|error| {
                Error::new(1, "the login target cannot be passed on")
                    .labelled()
                    .with_source(error)
            })
        })
    }

    fn session(&self) -> RResult<SharedSession, Failure> {
        guard(|| self.lend(&self.invocation))
    }

    fn session_with(&self, options: RVec<LoginOption>) -> RResult<SharedSession, Failure> {
        let borrower = Invocation {
            login: options.into(),
            ..self.invocation.clone()
        };
        guard(|| self.lend(&borrower))
    }

    fn invoke(&self, arguments: RVec<RVec<u8>>, mode: InvokeMode) -> RResult<Invoked, Failure> {
        guard(|| invoke::run(&self.host, &self.invocation.life, arguments, mode))
    }

    fn host_abi(&self) -> RString {
        omero_plugin_abi::VERSION.into()
    }
}
