//! Running a command in a test.

use std::{ffi::OsString, path::PathBuf};

use clap::{ArgMatches, Command};
use omero_plugin_abi::{HostContextBox, TD_Opaque};

use super::{
    FakeSession, Outcome,
    host::{FakeHost, Key, Record, Script},
    problems::{Problems, locked},
};
use crate::{
    Context, Error, Kind, Stream, export,
    questions::{Candidate, Question, Sought},
};

/// Prepares what a command meets, and runs it. See the [module](super) for a whole example.
#[derive(Debug, Clone)]
pub struct Harness {
    command: fn() -> Command,
    body: fn(&Context, &ArgMatches) -> Result<(), Error>,
    script: Script,
}

impl Harness {
    /// A run of the functions that the plugin gives to `export_plugin!`: nothing is a terminal,
    /// and there are no arguments, environment, configuration, input or session.
    pub fn new(
        command: fn() -> Command,
        body: fn(&Context, &ArgMatches) -> Result<(), Error>,
    ) -> Self {
        let script = Script {
            program: format!("omero {}", command().get_name()),
            ..Script::default()
        };
        Self {
            command,
            body,
            script,
        }
    }

    /// Adds arguments: what stands after the plugin's name, without login options.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        let arguments = arguments.into_iter().map(Into::into);
        self.script.arguments.extend(arguments);
        self
    }

    /// Gives the option `-q`.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.script.quiet = true;
        self
    }

    /// Sets the level of `--debug`.
    #[must_use]
    pub fn debug(mut self, level: u8) -> Self {
        self.script.debug_level = level;
        self
    }

    /// Gives a login option by its long name, as only a session provider gets it.
    #[must_use]
    pub fn login_option(mut self, name: &str, value: &str) -> Self {
        let option = (name.to_owned(), value.to_owned());
        self.script.login_options.push(option);
        self
    }

    /// Makes a stream a terminal.
    #[must_use]
    pub fn terminal(mut self, stream: Stream) -> Self {
        self.script.terminals.push(stream);
        self
    }

    /// The user types a line at the next prompt. After the last one the input ends.
    #[must_use]
    pub fn types(self, line: &str) -> Self {
        self.key(Key::Line(line.to_owned()))
    }

    /// The input ends at the next prompt (Ctrl-D).
    #[must_use]
    pub fn ends_input(self) -> Self {
        self.key(Key::End)
    }

    /// The user presses Ctrl-C at the next prompt.
    #[must_use]
    pub fn interrupts(self) -> Self {
        self.key(Key::Interrupt)
    }

    fn key(mut self, key: Key) -> Self {
        self.script.keys.push_back(key);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn environment(mut self, name: &str, value: impl Into<OsString>) -> Self {
        let environment = &mut self.script.environment;
        environment.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a configuration value by its dotted key; the value is JSON, for instance `5` or
    /// `"text"` with its quotes.
    #[must_use]
    pub fn configuration(mut self, key: &str, json: &str) -> Self {
        let configuration = &mut self.script.configuration;
        configuration.insert(key.to_owned(), json.to_owned());
        self
    }

    /// Sets the plugin's data directory. The test makes it, and removes it.
    #[must_use]
    pub fn data_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.script.data_directory = Some(path.into());
        self
    }

    /// The user pressed Ctrl-C before the command looks for it.
    #[must_use]
    pub fn cancelled(mut self) -> Self {
        self.script.cancelled = true;
        self
    }

    /// The reader of standard output goes away after this many bytes, as `head` does.
    #[must_use]
    pub fn output_closes_after(mut self, bytes: usize) -> Self {
        self.script.output_limit = Some(bytes);
        self
    }

    /// Lends a session.
    #[must_use]
    pub fn session(mut self, session: FakeSession) -> Self {
        self.script.session = Some(Ok(session));
        self
    }

    /// No session can be had, for this reason.
    #[must_use]
    pub fn no_session(mut self, error: Error) -> Self {
        self.script.session = Some(Err(error));
        self
    }

    /// Says how another command ends that this one runs in its process.
    #[must_use]
    pub fn command(mut self, arguments: &[&str], code: i32) -> Self {
        let arguments = arguments.iter().map(|&a| a.to_owned()).collect();
        self.script.commands.push((arguments, code));
        self
    }

    /// Runs the command, from its arguments to its exit code.
    ///
    /// # Panics
    ///
    /// When the command panics, and when it asks for something that the test did not prepare.
    #[track_caller]
    pub fn run(self) -> Outcome {
        let session = match &self.script.session {
            Some(Ok(session)) => Some(session.clone()),
            _ => None,
        };
        let problems = session
            .as_ref()
            .map_or_else(Problems::default, |session| session.problems().clone());
        let (host, record) = FakeHost::new(self.script, problems.clone());
        let host = HostContextBox::from_value(host, TD_Opaque);
        let result = export::run(host, self.command, self.body).into_result();
        let problems = problems.take();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        let mut outcome = outcome(&mut locked(&record), result.map_err(Error::from));
        outcome.calls = session.map_or_else(Vec::new, |session| session.calls());
        outcome
    }
}

impl Harness {
    /// Asks the function that the plugin gives to `complete:` of `export_plugin!`, as the host does
    /// while the user types. No session is lent meanwhile.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}};
    /// # fn command() -> Command { Command::new("paint") }
    /// # fn run(_: &Context, _: &ArgMatches) -> Result<(), Error> { Ok(()) }
    /// use omero_plugin_api::{questions::{Candidate, Sought}, testing::Harness};
    ///
    /// fn complete(_: &Context, sought: &Sought) -> Result<Vec<Candidate>, Error> {
    ///     let all = ["cyan", "magenta"].map(Candidate::new);
    ///     Ok(if sought.argument == "colour" { all.into() } else { Vec::new() })
    /// }
    ///
    /// let sought = Sought { argument: "colour".to_owned(), ..Sought::default() };
    /// let found = Harness::new(command, run).complete(complete, sought);
    /// assert_eq!(found[0].value, "cyan");
    /// ```
    ///
    /// # Panics
    ///
    /// When the function fails or panics, and when it asks for something that the test did not
    /// prepare.
    #[track_caller]
    pub fn complete(mut self, complete: export::Complete, sought: Sought) -> Vec<Candidate> {
        let refused = Error::new(1, "while completing, no session is lent");
        self.script.session = Some(Err(refused));
        let problems = Problems::default();
        let (host, _record) = FakeHost::new(self.script, problems.clone());
        let host = HostContextBox::from_value(host, TD_Opaque);
        let question = serde_json::to_string(&Question::Values(sought)).unwrap_or_default();
        let answer = export::answer(host, &question, Some(complete), None).into_result();
        let problems = problems.take();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        match answer.map_err(Error::from) {
            Ok(text) => serde_json::from_str(&text).unwrap_or_default(),
            Err(error) => panic!("the completion failed: {error}"),
        }
    }
}

/// What the user saw, and the code that the host would end with.
#[track_caller]
fn outcome(record: &mut Record, result: Result<i32, Error>) -> Outcome {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut stderr = text(&record.stderr);
    let (code, error) = match result {
        Ok(code) => (code, None),
        Err(error) => {
            let shown = match error.kind() {
                Kind::Panic => panic!("the command panicked: {error}"),
                Kind::Silent | Kind::OutputClosed => String::new(),
                Kind::Cancelled => "Cancelled\n".to_owned(),
                _ => format!("{error}\n"),
            };
            stderr.push_str(&shown);
            (code_of(&error), Some(error))
        }
    };
    Outcome {
        code,
        stdout: text(&record.stdout),
        stderr,
        error,
        prompts: std::mem::take(&mut record.prompts),
        debug: std::mem::take(&mut record.debug),
        invocations: std::mem::take(&mut record.invocations),
        calls: Vec::new(),
    }
}

/// The code of an error as the host passes it on.
fn code_of(error: &Error) -> i32 {
    match error.kind() {
        Kind::OutputClosed => 0,
        Kind::Silent => error.code(),
        Kind::Cancelled => 1,
        _ if error.code() == 0 => 1,
        _ => error.code(),
    }
}
