//! Running a command in a test.

use std::sync::Mutex;

use clap::{ArgMatches, Command};
use omero_plugin_abi::{HostContextBox, TD_Opaque};

use super::{Harness, Script};
use crate::{
    Context, Error, Kind, export,
    questions::{Candidate, Question, Sought},
    testing::{
        Outcome,
        host::{FakeHost, Record},
        problems::{Problems, locked},
    },
};

impl Harness {
    /// A run of the functions that the plugin gives to `export_plugin!`: nothing is a terminal,
    /// and there are no arguments, environment, configuration, input or session.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, testing::Harness};
    /// use omero_plugin_api::clap::{ArgMatches, Command};
    ///
    /// fn command() -> Command {
    ///     Command::new("hello")
    /// }
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     ctx.line("Hello")
    /// }
    /// assert_eq!(Harness::new(command, run).run().stdout, "Hello\n");
    /// ```
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
    ///
    /// ```
    /// # use omero_plugin_api::testing::Harness;
    /// use omero_plugin_api::clap::{Arg, Command};
    ///
    /// let command = || Command::new("images").arg(Arg::new("name"));
    /// let run = Harness::new(command, |ctx, matches| match matches.get_one::<String>("name") {
    ///     Some(name) => ctx.line(name),
    ///     None => ctx.line("all of them"),
    /// });
    /// assert_eq!(run.clone().args(["a.tif"]).run().stdout, "a.tif\n");
    /// assert_eq!(run.args(["a.tif", "b.tif"]).run().code, 2); // clap's own error
    /// ```
    #[must_use]
    pub fn args<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        let arguments = arguments.into_iter().map(Into::into);
        self.script.arguments.extend(arguments);
        self
    }

    /// Runs the command, from its arguments to its exit code.
    ///
    /// ```
    /// # use omero_plugin_api::{Error, clap::Command, testing::Harness};
    /// # let command = || Command::new("group");
    /// let run = Harness::new(command, |ctx, _| {
    ///     ctx.line("3 groups")?;
    ///     Err(Error::new(504, "One group has no owner"))
    /// });
    /// let outcome = run.run();
    /// assert_eq!((outcome.code, outcome.stdout.as_str()), (504, "3 groups\n"));
    /// assert_eq!(outcome.stderr, "One group has no owner\n");
    /// ```
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
        if let Some(session) = &session {
            session.interrupted_by(&self.script.interrupt);
        }
        let (host, record) = FakeHost::new(self.script, problems.clone());
        let host = HostContextBox::from_value(host, TD_Opaque);
        let result = export::run(host, self.command, self.body).into_result();
        let problems = problems.take();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        let mut outcome = outcome(&record, result.map_err(Error::from));
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
        let answers = export::Answers {
            complete: Some(complete),
            ..export::Answers::default()
        };
        let answer = export::answer(host, &question, answers).into_result();
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
pub(super) fn outcome(record: &Mutex<Record>, result: Result<i32, Error>) -> Outcome {
    let mut record = locked(record);
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
        progress: record
            .progress
            .iter()
            .map(|shown| locked(shown).clone())
            .collect(),
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
