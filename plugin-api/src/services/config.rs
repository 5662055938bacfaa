//! `IConfig`: the server's version and configuration.
//!
//! ```
//! use omero_plugin_api::{
//!     Context, Error,
//!     clap::{ArgMatches, Command},
//!     services::{Config, config},
//!     testing::{Answer, FakeSession, Harness},
//! };
//!
//! fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
//!     ctx.line(Config::of(&ctx.session()?)?.version()?)
//! }
//!
//! let server = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14"));
//! let outcome = Harness::new(|| Command::new("version"), run).session(server).run();
//! assert_eq!(outcome.stdout, "5.6.14\n");
//! ```

use super::{CallError, Operation, view::first};
use crate::{
    Session,
    slice::{Graph, Proxy, Value},
};

/// The service's OMERO name.
pub const NAME: &str = "omero.api.IConfig";

/// The server's version.
pub const GET_VERSION: Operation = Operation::idempotent("getVersion", &[], &["string"]);
/// A configuration value by its key.
pub const GET_CONFIG_VALUE: Operation =
    Operation::idempotent("getConfigValue", &["string"], &["string"]);
/// The identity of the server's database.
pub const GET_DATABASE_UUID: Operation = Operation::idempotent("getDatabaseUuid", &[], &["string"]);

/// The configuration service.
///
/// ```
/// use omero_plugin_api::{Session, services::{CallError, Config}};
///
/// fn upgrade_check_enabled(session: &Session) -> Result<bool, CallError> {
///     let url = Config::of(session)?.value("omero.upgrades.url")?;
///     Ok(!url.is_empty())
/// }
/// # use omero_plugin_api::services::config;
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let fake = FakeSession::new().reply(&config::GET_CONFIG_VALUE, Answer::value(""));
/// # assert!(!upgrade_check_enabled(&fake.session()).unwrap());
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    session: Session,
    proxy: Proxy,
}

impl Config {
    /// The service on this session.
    ///
    /// # Errors
    ///
    /// The connection is lost or the session has ended.
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Config, config};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let session = FakeSession::new()
    /// #     .reply(&config::GET_VERSION, Answer::value("5.6.14"))
    /// #     .reply(&config::GET_DATABASE_UUID, Answer::value("1f2e"))
    /// #     .session();
    /// let config = Config::of(&session)?;
    /// let about = format!("OMERO {}, database {}", config.version()?, config.database_uuid()?);
    /// assert_eq!(about, "OMERO 5.6.14, database 1f2e");
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn of(session: &Session) -> Result<Self, CallError> {
        Ok(Self {
            session: session.clone(),
            proxy: session.service(NAME)?,
        })
    }

    /// The server's version, for instance `5.6.14`.
    ///
    /// # Errors
    ///
    /// See [`CallError`]; this holds for all operations here.
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Config, config};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let session =
    /// #     FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14")).session();
    /// let version = Config::of(&session)?.version()?;
    /// let numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    /// assert!(numbers >= vec![5, 6]);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn version(&self) -> Result<String, CallError> {
        self.text(&GET_VERSION, &[])
    }

    /// A configuration value; empty where it is not set.
    ///
    /// # Errors
    ///
    /// `::omero::SecurityViolation` for values that only administrators may read.
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Config, config};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let session =
    /// #     FakeSession::new().reply(&config::GET_CONFIG_VALUE, Answer::value("")).session();
    /// let text = Config::of(&session)?.value("omero.client.ui.tree.orphans.name")?;
    /// let name = if text.is_empty() { "Orphaned Images" } else { &text };
    /// assert_eq!(name, "Orphaned Images");
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn value(&self, key: &str) -> Result<String, CallError> {
        self.text(&GET_CONFIG_VALUE, &[Value::from(key)])
    }

    /// The identity of the server's database.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    ///
    /// It tells whether two addresses lead to the same server:
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Config, config};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let fake = FakeSession::new().reply(&config::GET_DATABASE_UUID, Answer::value("1f2e"));
    /// # let (here, there) = (fake.session(), fake.session());
    /// assert_eq!(Config::of(&here)?.database_uuid()?, Config::of(&there)?.database_uuid()?);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn database_uuid(&self) -> Result<String, CallError> {
        self.text(&GET_DATABASE_UUID, &[])
    }

    fn text(&self, operation: &Operation, arguments: &[Value]) -> Result<String, CallError> {
        let reply = self
            .session
            .call(&self.proxy, operation, arguments, &Graph::new())?;
        Ok(first(&reply)?.as_str()?.to_owned())
    }
}
