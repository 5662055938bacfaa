//! The host that a test plays, behind the same trait as the real one.

use std::{
    collections::{BTreeMap, VecDeque},
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use omero_plugin_abi::{
    Failure, HostContext, Progress, ProgressBox, TD_Opaque, WakerBox,
    std_types::{RErr, RNone, ROk, ROption, RResult, RSlice, RSome, RStr, RString, RVec},
};

use super::{
    FakeSession,
    problems::{Problems, locked},
};
use crate::{Error, Kind, LoginOption, Secret, SessionBox, Stream};

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
    pub(super) cancelled: bool,
    /// After how many bytes the reader of standard output is gone.
    pub(super) output_limit: Option<usize>,
    pub(super) login_options: Vec<(String, String)>,
    pub(super) session: Option<Result<FakeSession, Error>>,
    pub(super) commands: Vec<(Vec<String>, i32)>,
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
    keys: VecDeque<Key>,
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
            Some(Key::End) | None => Ok(None),
            Some(Key::Interrupt) => Err(Error::cancelled()),
        }
    }
}

impl HostContext for FakeHost {
    fn arguments(&self) -> RVec<RString> {
        strings(&self.script.arguments)
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

    fn is_terminal(&self, stream: Stream) -> bool {
        self.script.terminals.contains(&stream)
    }

    fn write(&self, stream: Stream, bytes: RSlice<'_, u8>) -> RResult<(), Failure> {
        let mut record = locked(&self.record);
        if stream != Stream::OUTPUT {
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

    fn progress(&self, _label: RStr<'_>) -> ProgressBox {
        ProgressBox::from_value(Unseen, TD_Opaque)
    }

    fn cancelled(&self) -> bool {
        self.script.cancelled
    }

    fn on_cancel(&self, waker: WakerBox) -> u64 {
        if self.script.cancelled {
            waker.wake();
        }
        0
    }

    fn forget_waker(&self, _number: u64) {}

    fn session(&self) -> RResult<SessionBox, Failure> {
        match &self.script.session {
            Some(Ok(session)) => ROk(session.lend()),
            Some(Err(error)) => RErr(error.clone().into()),
            None => self.problem(
                "the command asked for a session: add Harness::session or Harness::no_session",
            ),
        }
    }

    fn invoke(&self, arguments: RVec<RString>) -> RResult<i32, Failure> {
        let arguments: Vec<String> = arguments.into_iter().map(RString::into_string).collect();
        let known = self.script.commands.iter();
        let code = known
            .filter(|(command, _)| *command == arguments)
            .map(|(_, code)| *code)
            .next();
        locked(&self.record).invocations.push(arguments.clone());
        match code {
            Some(code) => ROk(code),
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

/// A display that nobody sees.
struct Unseen;

impl Progress for Unseen {
    fn set(&self, _done: u64, _total: u64) {}

    fn label(&self, _text: RStr<'_>) {}
}

fn strings(texts: &[String]) -> RVec<RString> {
    texts.iter().map(|text| text.as_str().into()).collect()
}
