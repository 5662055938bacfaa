//! The session that a test lends.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use omero_plugin_abi::SharedSession;

use super::{
    Answer, RecordedCall,
    interrupt::Interrupt,
    model,
    problems::{Problems, locked},
};
use crate::{
    Error, Kind, Secret, Session,
    provider::{self, Connection, PendingReply, Reply, Request, boundary},
    services::{Operation, command, service_factory},
    session::SessionInfo,
    slice::{Decoded, Graph, Proxy, Value, decode},
};

/// What calls on the session itself are recorded under.
const FACTORY: &str = "ServiceFactory";

/// A session that answers as the test says and remembers what it was asked.
///
/// Answers for the same operation and arguments are given in their order; the last one is given
/// again and again. Clones share the answers that are left and the calls that were made.
///
/// ```
/// use omero_plugin_api::{
///     services::{Admin, Group, admin},
///     slice::Value,
///     testing::{Answer, FakeSession},
/// };
/// let staff = Group { id: 3, name: "staff".into(), ..Group::default() };
/// let fake = FakeSession::new()
///     .reply_to(&admin::GET_GROUP, &[Value::Long(3)], Answer::group(&staff))
///     .reply(&admin::GET_GROUP, Answer::exception("::omero::ApiUsageException", "No such group"));
/// let admin = Admin::of(&fake.session())?;
/// assert_eq!(admin.group(3)?, staff);
/// assert!(admin.group(4).unwrap_err().exception("::omero::ApiUsageException").is_some());
/// assert_eq!(fake.calls()[1].arguments, [Value::Long(4)]);
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FakeSession {
    info: SessionInfo,
    key: Secret,
    problems: Problems,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    calls: Vec<RecordedCall>,
    interrupt: Interrupt,
}

#[derive(Debug)]
struct Rule {
    operation: Operation,
    /// The arguments it is for; `None` is any.
    arguments: Option<Vec<Value>>,
    answer: Answer,
    used: bool,
}

impl Default for FakeSession {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeSession {
    /// A session of `root` in the group `system` on `localhost`, which answers nothing yet.
    ///
    /// ```
    /// # use omero_plugin_api::testing::FakeSession;
    /// let session = FakeSession::new().session();
    /// let info = session.info();
    /// assert_eq!((info.user.as_str(), info.group.as_str(), info.port), ("root", "system", 4064));
    /// ```
    pub fn new() -> Self {
        let info = SessionInfo {
            server: "localhost".to_owned(),
            port: 4064,
            user: "root".to_owned(),
            group: "system".to_owned(),
            admin: true,
            ..SessionInfo::default()
        };
        Self {
            info,
            key: Secret::new("00000000-0000-4000-8000-000000000000".to_owned()),
            problems: Problems::default(),
            state: Arc::default(),
        }
    }

    /// Says whose session it is, and where.
    ///
    /// ```
    /// use omero_plugin_api::{session::SessionInfo, testing::FakeSession};
    ///
    /// let ada = SessionInfo { user: "ada".into(), user_id: 7, ..SessionInfo::default() };
    /// assert!(!FakeSession::new().info(ada).session().info().admin);
    /// ```
    #[must_use]
    pub fn info(mut self, info: SessionInfo) -> Self {
        self.info = info;
        self
    }

    /// Replaces the session key.
    ///
    /// ```
    /// # use omero_plugin_api::testing::FakeSession;
    /// let session = FakeSession::new().key("a-key").session();
    /// assert_eq!(session.key().expose(), "a-key");
    /// ```
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Secret::new(key.to_owned());
        self
    }

    /// Answers an operation, whatever its arguments.
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Config, config}, testing::{Answer, FakeSession}};
    /// let server = FakeSession::new().reply(&config::GET_CONFIG_VALUE, Answer::value("on"));
    /// let config = Config::of(&server.session())?;
    /// assert_eq!((config.value("a")?, config.value("b")?), ("on".to_owned(), "on".to_owned()));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn reply(self, operation: &Operation, answer: Answer) -> Self {
        self.rule(operation, None, answer)
    }

    /// Answers an operation when it has these arguments. They go before those of
    /// [`FakeSession::reply`].
    ///
    /// ```
    /// # use omero_plugin_api::{services::{Config, config}, testing::{Answer, FakeSession}};
    /// let server = FakeSession::new()
    ///     .reply(&config::GET_CONFIG_VALUE, Answer::value(""))
    ///     .reply_to(&config::GET_CONFIG_VALUE, &["omero.upgrades.url".into()], Answer::value("off"));
    /// let config = Config::of(&server.session())?;
    /// assert_eq!(config.value("omero.upgrades.url")?, "off");
    /// assert_eq!(config.value("omero.anything.else")?, "");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn reply_to(self, operation: &Operation, arguments: &[Value], answer: Answer) -> Self {
        self.rule(operation, Some(arguments.to_vec()), answer)
    }

    /// Prepares all replies that a command on the server takes (`services::command`): that it was
    /// accepted, the response, and that its handle is closed.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use omero_plugin_api::{services::submit, slice::Graph, testing::{Answer, FakeSession}};
    ///
    /// let mut graph = Graph::new();
    /// let done = graph.new_object("::omero::cmd::OK")?;
    /// let fake = FakeSession::new().command(Answer::results(vec![done.into()], graph));
    ///
    /// let mut graph = Graph::new();
    /// let request = graph.new_object("::omero::cmd::Delete2")?;
    /// submit(&fake.session(), &graph, request, Duration::from_secs(60))?;
    /// let operations = fake.calls().into_iter().map(|call| call.operation);
    /// assert_eq!(operations.collect::<Vec<_>>(), ["submit", "getResponse", "close"]);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn command(self, response: Answer) -> Self {
        self.reply(&service_factory::SUBMIT, Answer::proxy("handle"))
            .reply(&command::GET_RESPONSE, response)
            .reply(&command::CLOSE, Answer::nothing())
    }

    /// From now on calls are counted for this Ctrl-C, and fail after it.
    pub(super) fn interrupted_by(&self, interrupt: &Interrupt) {
        locked(&self.state).interrupt = interrupt.clone();
    }

    fn rule(self, operation: &Operation, arguments: Option<Vec<Value>>, answer: Answer) -> Self {
        locked(&self.state).rules.push(Rule {
            operation: *operation,
            arguments,
            answer,
            used: false,
        });
        self
    }

    /// The session as a command gets it, for tests of functions below the command.
    ///
    /// ```
    /// use omero_plugin_api::{Session, testing::FakeSession};
    ///
    /// fn address(session: &Session) -> String {
    ///     format!("{}:{}", session.info().server, session.info().port)
    /// }
    /// assert_eq!(address(&FakeSession::new().session()), "localhost:4064");
    /// ```
    pub fn session(&self) -> Session {
        provider::session(Arc::new(self.clone()))
    }

    /// The calls so far.
    ///
    /// ```
    /// # use omero_plugin_api::testing::FakeSession;
    /// let server = FakeSession::new();
    /// server.session().keep_alive()?;
    /// assert_eq!(server.calls()[0].operation, "keepAlive");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn calls(&self) -> Vec<RecordedCall> {
        locked(&self.state).calls.clone()
    }

    /// The session as it crosses the border.
    pub(super) fn lend(&self) -> SharedSession {
        boundary::shared(Arc::new(self.clone()))
    }

    /// What the test forgot.
    pub(super) fn problems(&self) -> &Problems {
        &self.problems
    }

    fn problem(&self, sentence: String) -> Error {
        self.problems.add(sentence.clone());
        Error::of_kind(Kind::Unsupported, 1, sentence)
    }

    /// Decodes a call, remembers it and finds its answer.
    fn answer(&self, call: Request) -> Result<Result<Reply, Error>, Error> {
        let interrupt = locked(&self.state).interrupt.clone();
        if interrupt.struck() {
            return Ok(Err(Error::cancelled()));
        }
        let reply = self.answer_from_rules(call)?;
        interrupt.answered();
        Ok(reply)
    }

    fn answer_from_rules(&self, call: Request) -> Result<Result<Reply, Error>, Error> {
        let mut state = locked(&self.state);
        let name = call.operation.as_str();
        let known = |rule: &&Rule| rule.operation.name == name;
        let Some(operation) = state.rules.iter().find(known).map(|rule| rule.operation) else {
            let service = &call.target.identity.name;
            return Err(self.problem(format!(
                "the command called `{name}` of `{service}`: add FakeSession::reply for it"
            )));
        };
        let Decoded { values, graph } = operation
            .input_types()
            .and_then(|types| decode(&call.parameters, &types))
            .map_err(|e| self.problem(format!("the arguments of `{name}` cannot be read: {e}")))?;
        let Some(index) = pick(&state.rules, name, &values) else {
            return Err(self.problem(format!(
                "the command called `{name}` with {values:?}: add FakeSession::reply_to for it"
            )));
        };
        state.rules[index].used = true;
        state.calls.push(RecordedCall {
            service: call.target.identity.name,
            operation: call.operation,
            arguments: values,
            graph,
            context: call.context,
        });
        let reply = state.rules[index].answer.reply(&operation).map_err(|e| {
            self.problem(format!(
                "the answer to `{}` does not fit it: {e}",
                operation.name
            ))
        })?;
        Ok(reply.map(|(status, body)| Reply { status, body }))
    }
}

/// The rule for a call: those for its arguments before those for any, the first one that is not
/// used up, or else the last.
fn pick(rules: &[Rule], name: &str, arguments: &[Value]) -> Option<usize> {
    let choose = |fits: &dyn Fn(&Rule) -> bool| {
        let fitting = || {
            let all = rules.iter().enumerate();
            all.filter(|(_, rule)| rule.operation.name == name && fits(rule))
        };
        let fresh = fitting().find(|(_, rule)| !rule.used);
        fresh.or_else(|| fitting().last()).map(|(index, _)| index)
    };
    choose(&|rule| rule.arguments.as_deref() == Some(arguments))
        .or_else(|| choose(&|rule| rule.arguments.is_none()))
}

impl Connection for FakeSession {
    fn info(&self) -> SessionInfo {
        self.info.clone()
    }

    fn key(&self) -> Secret {
        self.key.clone()
    }

    fn service(&self, name: &str) -> Result<Proxy, Error> {
        Ok(model::proxy(if name.is_empty() { FACTORY } else { name }))
    }

    fn add_proxies(&self, _proxies: &[Proxy]) -> Result<(), Error> {
        Ok(())
    }

    fn begin(&self, call: Request) -> Result<Box<dyn PendingReply>, Error> {
        Ok(Box::new(Ready(self.answer(call)?)))
    }

    fn keep_alive(&self) -> Result<(), Error> {
        locked(&self.state).calls.push(RecordedCall {
            service: FACTORY.to_owned(),
            operation: "keepAlive".to_owned(),
            arguments: Vec::new(),
            graph: Graph::new(),
            context: Vec::new(),
        });
        Ok(())
    }
}

/// An answer that is there already.
struct Ready(Result<Reply, Error>);

impl PendingReply for Ready {
    fn wait(&self, _limit: Option<Duration>) -> Result<Reply, Error> {
        self.0.clone()
    }
}
