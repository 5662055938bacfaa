//! The host that a test plays, behind the same trait as the real one.

use std::{
    collections::{BTreeMap, VecDeque},
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use omero_plugin_abi::{
    Failure, HostContext, InvokeMode, Invoked, LoginOption, ProgressBox, ProgressUnit,
    SharedSession, Stream as AbiStream, TD_Opaque, WakerBox,
    std_types::{RErr, RNone, ROk, ROption, RResult, RSlice, RSome, RStr, RString, RVec},
};

use super::{
    FakeSession, RecordedProgress,
    interrupt::Interrupt,
    problems::{Problems, locked},
    progress::Recorder,
};
use crate::{
    Error, Kind, Secret, Stream,
    context::{Login, LoginTarget},
};

/// What the user does at a prompt.
#[derive(Debug, Clone)]
pub(super) enum Key {
    Line(String),
    End,
    Interrupt,
}

/// What a test prepared.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    pub(super) arguments: Vec<String>,
    pub(super) program: String,
    pub(super) quiet: bool,
    pub(super) debug_level: u8,
    pub(super) terminals: Vec<Stream>,
    pub(super) environment: BTreeMap<String, OsString>,
    pub(super) configuration: BTreeMap<String, String>,
    pub(super) data_directory: Option<PathBuf>,
    pub(super) width: Option<u16>,
    pub(super) input: VecDeque<u8>,
    pub(super) interrupt: Interrupt,
    /// After how many bytes the reader of standard output is gone.
    pub(super) output_limit: Option<usize>,
    pub(super) login_options: Vec<(String, String)>,
    pub(super) session: Option<Result<FakeSession, Error>>,
    pub(super) other_sessions: Vec<(Login, FakeSession)>,
    pub(super) commands: Vec<(Vec<String>, Invoked)>,
    pub(super) keys: VecDeque<Key>,
}

/// What the command did.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) prompts: Vec<String>,
    pub(super) debug: Vec<(u8, String)>,
    pub(super) invocations: Vec<Vec<String>>,
    pub(super) progress: Vec<Arc<Mutex<RecordedProgress>>>,
    keys: VecDeque<Key>,
    input: VecDeque<u8>,
}

/// The host of one run.
pub(super) struct FakeHost {
    script: Script,
    record: Arc<Mutex<Record>>,
    problems: Problems,
}

impl FakeHost {
    pub(super) fn new(mut script: Script, problems: Problems) -> (Self, Arc<Mutex<Record>>) {
        let record = Arc::new(Mutex::new(Record {
            keys: std::mem::take(&mut script.keys),
            input: std::mem::take(&mut script.input),
            ..Record::default()
        }));
        let host = Self {
            script,
            record: Arc::clone(&record),
            problems,
        };
        (host, record)
    }

    fn problem<T>(&self, sentence: impl Into<String>) -> RResult<T, Failure> {
        let sentence = sentence.into();
        self.problems.add(sentence.clone());
        RErr(Error::of_kind(Kind::Unsupported, 1, sentence).into())
    }

    /// Shows a prompt and takes what the user does next; nothing more is the end of the input.
    fn ask(&self, prompt: RStr<'_>) -> Result<Option<String>, Error> {
        let mut record = locked(&self.record);
        record.prompts.push(prompt.as_str().to_owned());
        match record.keys.pop_front() {
            Some(Key::Line(line)) => Ok(Some(line)),
            None if !record.input.is_empty() => {
                let bytes = &mut record.input;
                let end = bytes.iter().position(|byte| *byte == b'\n');
                let line: Vec<u8> = bytes.drain(..end.unwrap_or(bytes.len())).collect();
                bytes.pop_front();
                Ok(Some(String::from_utf8_lossy(&line).into_owned()))
            }
            Some(Key::End) | None => Ok(None),
            Some(Key::Interrupt) => Err(Error::cancelled()),
        }
    }
}

impl HostContext for FakeHost {
    fn arguments(&self) -> RVec<RVec<u8>> {
        let arguments = self.script.arguments.iter();
        arguments.map(|text| text.as_bytes().into()).collect()
    }

    fn program(&self) -> RString {
        self.script.program.as_str().into()
    }

    fn quiet(&self) -> bool {
        self.script.quiet
    }

    fn debug_level(&self) -> u8 {
        self.script.debug_level
    }

    fn login_options(&self) -> RVec<LoginOption> {
        let options = self.script.login_options.iter();
        options
            .map(|(name, value)| LoginOption {
                name: name.as_str().into(),
                value: Secret::new(value.clone()),
            })
            .collect()
    }

    fn is_terminal(&self, stream: AbiStream) -> bool {
        let is = |terminal: &Stream| terminal.to_abi() == stream;
        self.script.terminals.iter().any(is)
    }

    fn terminal_width(&self, stream: AbiStream) -> ROption<u16> {
        let width = self.script.width.unwrap_or(80);
        self.is_terminal(stream).then_some(width).into()
    }

    fn write(&self, stream: AbiStream, bytes: RSlice<'_, u8>) -> RResult<(), Failure> {
        let mut record = locked(&self.record);
        if stream != AbiStream::OUTPUT {
            record.stderr.extend_from_slice(&bytes);
            return ROk(());
        }
        record.stdout.extend_from_slice(&bytes);
        match self.script.output_limit {
            Some(limit) if record.stdout.len() > limit => {
                record.stdout.truncate(limit);
                RErr(Error::of_kind(Kind::OutputClosed, 0, "").into())
            }
            _ => ROk(()),
        }
    }

    fn flush(&self) -> RResult<(), Failure> {
        ROk(())
    }

    fn debug(&self, level: u8, text: RStr<'_>) {
        let message = (level, text.as_str().to_owned());
        locked(&self.record).debug.push(message);
    }

    fn read(&self, longest: u64) -> RResult<RVec<u8>, Failure> {
        let input = &mut locked(&self.record).input;
        let length = usize::try_from(longest).unwrap_or(usize::MAX);
        ROk(input.drain(..length.min(input.len())).collect())
    }

    fn read_line(&self, prompt: RStr<'_>) -> RResult<ROption<RString>, Failure> {
        match self.ask(prompt) {
            Ok(line) => ROk(line.map(RString::from).into()),
            Err(error) => RErr(error.into()),
        }
    }

    fn read_secret(&self, prompt: RStr<'_>) -> RResult<ROption<Secret>, Failure> {
        match self.ask(prompt) {
            Ok(line) => ROk(line.map(Secret::new).into()),
            Err(error) => RErr(error.into()),
        }
    }

    fn environment(&self, name: RStr<'_>) -> ROption<RVec<u8>> {
        match self.script.environment.get(name.as_str()) {
            Some(value) => RSome(value.as_encoded_bytes().into()),
            None => RNone,
        }
    }

    fn configuration(&self, key: RStr<'_>) -> RResult<ROption<RString>, Failure> {
        let value = self.script.configuration.get(key.as_str());
        ROk(value.map(|json| RString::from(json.as_str())).into())
    }

    fn data_directory(&self) -> RResult<RVec<u8>, Failure> {
        match &self.script.data_directory {
            Some(path) => ROk(path.as_os_str().as_encoded_bytes().into()),
            None => self
                .problem("the command asked for its data directory: add Harness::data_directory"),
        }
    }

    fn progress(&self, label: RStr<'_>, unit: ProgressUnit) -> ProgressBox {
        let recorder = Recorder::new(label.as_str(), unit);
        locked(&self.record).progress.push(recorder.shared());
        ProgressBox::from_value(recorder, TD_Opaque)
    }

    fn cancelled(&self) -> bool {
        self.script.interrupt.struck()
    }

    fn on_cancel(&self, waker: WakerBox) -> u64 {
        self.script.interrupt.on_cancel(waker)
    }

    fn forget_waker(&self, number: u64) {
        self.script.interrupt.forget_waker(number);
    }

    fn login_target(&self) -> RResult<RString, Failure> {
        let mut target = LoginTarget::default();
        if let Some(Ok(session)) = &self.script.session {
            let info = session.session().info().clone();
            target.server = Some(info.server);
            target.port = Some(info.port);
            target.user = Some(info.user);
            target.group = Some(info.group);
        }
        ROk(serde_json::to_string(&target).unwrap_or_default().into())
    }

    fn session(&self) -> RResult<SharedSession, Failure> {
        match &self.script.session {
            Some(Ok(session)) => ROk(session.lend()),
            Some(Err(error)) => RErr(error.clone().into()),
            None => self.problem(
                "the command asked for a session: add Harness::session or Harness::no_session",
            ),
        }
    }

    fn session_with(&self, options: RVec<LoginOption>) -> RResult<SharedSession, Failure> {
        let mut known = self.script.other_sessions.iter();
        let asked = Login::of_abi(options);
        match known.rfind(|(login, _)| *login == asked) {
            Some((_, session)) => ROk(session.lend()),
            None => self.problem(format!(
                "the command asked for another session: add Harness::session_with for {asked:?}"
            )),
        }
    }

    fn invoke(&self, arguments: RVec<RVec<u8>>, _: InvokeMode) -> RResult<Invoked, Failure> {
        let arguments = arguments.into_iter();
        let arguments: Vec<String> = arguments
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect();
        let mut known = self.script.commands.iter();
        let outcome = known.find(|(command, _)| *command == arguments);
        locked(&self.record).invocations.push(arguments.clone());
        match outcome {
            Some((_, outcome)) => ROk(outcome.clone()),
            None => self.problem(format!(
                "the command ran `omero {}`: add Harness::command for it",
                arguments.join(" ")
            )),
        }
    }

    fn host_abi(&self) -> RString {
        omero_plugin_abi::VERSION.into()
    }
}
