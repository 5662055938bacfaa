//! The OMERO server behind the router: sessions, and the objects that clients have been given.

use std::collections::{BTreeMap, BTreeSet};

use omero_plugin_api::slice::{Endpoint, Graph, Identity, Proxy, Value};

use super::config::Config;
use super::model::{Login, LoginError, Model};

/// What one client of a session has been given.
#[derive(Debug)]
pub struct Client {
    /// Key of its session.
    pub session: String,
    /// Leave the session open when this client goes.
    pub detached: bool,
    /// Interfaces of the services it asked for.
    pub services: BTreeSet<&'static str>,
}

/// A command that was submitted.
#[derive(Debug)]
pub struct Handle {
    /// Key of the session it was submitted in.
    pub session: String,
    /// The request and its instances.
    pub request: (Value, Graph),
    /// The response and its instances.
    pub response: (Value, Graph),
    /// How many times `getResponse` says that there is none yet.
    pub patience: u32,
    /// When it was submitted, milliseconds since the epoch.
    pub started: i64,
    /// Whether it failed.
    pub failed: bool,
}

/// Everything behind the router.
#[derive(Debug)]
pub struct World {
    /// People, groups, sessions.
    pub model: Model,
    /// Clients by their uuid.
    pub clients: BTreeMap<String, Client>,
    /// Commands by the name of their handle.
    pub handles: BTreeMap<String, Handle>,
    /// How many times `getResponse` of a new command says that there is no response yet.
    pub patience: u32,
    /// Name of the error with which every command fails, if that is wanted.
    pub command_error: Option<String>,
    /// Command classes (type ids) that the server does not know: `submit` gives a null proxy.
    pub unsupported_commands: BTreeSet<String>,
    /// What `IConfig.getVersion` says.
    pub version: String,
    /// What `IConfig.getDatabaseUuid` says.
    pub database_uuid: String,
    /// What `IConfig.getConfigValue` knows.
    pub settings: BTreeMap<String, String>,
    /// Whether the list of current sessions has hit counts and access times.
    pub report_activity: bool,
    endpoint: Endpoint,
    indirect: bool,
}

/// Services a client can ask for.
pub const SERVICES: [&str; 5] = ["IAdmin", "IConfig", "IQuery", "ISession", "ITypes"];

/// An object of a client, found by its identity.
#[derive(Debug, PartialEq, Eq)]
pub enum Servant {
    /// The session itself.
    ServiceFactory,
    /// A stateless service.
    Service(&'static str),
    /// A command.
    Handle,
}

impl Servant {
    /// Name of its interface in the table of operations.
    pub fn interface(&self) -> &'static str {
        match self {
            Self::ServiceFactory => "ServiceFactory",
            Self::Service(name) => name,
            Self::Handle => "Handle",
        }
    }

    /// Type ids of its interface and the bases of that, sorted as Ice sorts them.
    pub fn type_ids(&self) -> Vec<String> {
        match self {
            Self::ServiceFactory => [
                "::Glacier2::Session",
                "::Ice::Object",
                "::omero::api::ServiceFactory",
                "::omero::cmd::Session",
            ]
            .map(String::from)
            .to_vec(),
            Self::Service(name) => {
                let own = format!("::omero::api::{name}");
                vec![
                    "::Ice::Object".to_owned(),
                    own,
                    "::omero::api::ServiceInterface".to_owned(),
                ]
            }
            Self::Handle => vec![
                "::Ice::Object".to_owned(),
                "::omero::cmd::Handle".to_owned(),
            ],
        }
    }
}

impl World {
    pub fn new(config: &Config, now: i64, port: u16) -> Self {
        Self {
            model: Model::new(config, now),
            clients: BTreeMap::new(),
            handles: BTreeMap::new(),
            patience: 0,
            command_error: None,
            unsupported_commands: BTreeSet::new(),
            version: config.version.clone(),
            database_uuid: config.database_uuid.clone(),
            settings: config.settings.clone(),
            report_activity: config.report_activity,
            endpoint: Endpoint::tcp("127.0.0.1", port),
            indirect: config.indirect_proxies,
        }
    }

    /// Logs a client in and gives it a service factory.
    pub fn connect(&mut self, client: &str, login: &Login, now: i64) -> Result<String, LoginError> {
        let session = self.model.log_in(login, now)?;
        let given = Client {
            session: session.clone(),
            detached: false,
            services: BTreeSet::new(),
        };
        self.clients.insert(client.to_owned(), given);
        Ok(session)
    }

    /// What the router does when a client goes, with or without saying so.
    pub fn disconnect(&mut self, client: &str, now: i64) {
        if let Some(client) = self.clients.remove(client) {
            self.model.release(&client.session, client.detached, now);
        }
    }

    /// The object of a client with this identity, if it is still there.
    pub fn servant(&self, client: &str, identity: &Identity) -> Option<Servant> {
        let known = self.clients.get(client)?;
        if !self.model.sessions.contains_key(&known.session) {
            return None;
        }
        if identity.category == format!("session-{client}") {
            return (identity.name == known.session).then_some(Servant::ServiceFactory);
        }
        if identity.category != known.session {
            return None;
        }
        if self
            .handles
            .get(&identity.name)
            .is_some_and(|h| h.session == known.session)
        {
            return Some(Servant::Handle);
        }
        let service = identity
            .name
            .strip_prefix(client)?
            .strip_prefix("omero.api.")?;
        known.services.get(service).copied().map(Servant::Service)
    }

    /// A proxy for an object of this server.
    pub fn proxy(&self, identity: Identity) -> Proxy {
        if self.indirect {
            Proxy::with_adapter(identity, "Blitz-0.BlitzAdapter")
        } else {
            Proxy::new(identity, vec![self.endpoint.clone()])
        }
    }
}
