//! What the user asked for, from the options and the connection string.

use std::collections::HashMap;

use omero_plugin_api::{Context, Error, Secret};

use super::{
    failure::address_failure,
    target::{Target, trim},
};
use crate::ice::Endpoint;

/// A wish for a session. What is `None` was not given.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The server: a host name or a URL.
    pub server: Option<String>,
    /// The login name.
    pub user: Option<String>,
    /// The port, as typed.
    pub port: Option<String>,
    /// The group, always by name.
    pub group: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// The key of a session to join.
    pub key: Option<Secret>,
    /// The administrator or group owner whose password opens the user's session.
    pub sudo: Option<String>,
    /// Whether to make a new session even if a stored one fits.
    pub create: bool,
    /// The idle time of a new session, in seconds.
    pub timeout: Option<i64>,
    /// For how many seconds to keep trying.
    pub retry: u64,
    /// Whether this is `login`, not a command that only needs a session.
    pub login: bool,
}

impl Request {
    /// From the login options alone, as for every command that needs a session.
    ///
    /// # Errors
    ///
    /// See [`Request::from_command`].
    pub fn from_options(ctx: &Context) -> Result<Self, Error> {
        Self::from_command(ctx, None)
    }

    /// Whether the commands to come get the same session: after `login`, and where nothing was said
    /// of which session it should be. What an option says holds for its own command.
    pub fn lasts(&self) -> bool {
        self.login || self.is_silent()
    }

    /// Whether a new session is wanted, whatever is stored.
    pub fn needs_login(&self) -> bool {
        self.create || self.sudo.is_some()
    }

    /// Whether nothing was said of which session it should be.
    pub fn is_silent(&self) -> bool {
        let options = [
            &self.server,
            &self.user,
            &self.port,
            &self.group,
            &self.sudo,
        ];
        let silent = options.iter().all(|option| option.is_none());
        silent && self.key.is_none() && !self.create
    }

    /// From the login options and the connection string of `login`.
    ///
    /// # Errors
    ///
    /// 3, 4, 5: server, user or port given twice, even if both are equal.
    pub fn from_command(ctx: &Context, connection: Option<&str>) -> Result<Self, Error> {
        let mut options: HashMap<String, Secret> = ctx
            .login_options()
            .into_iter()
            .map(|option| (option.name, option.value))
            .collect();
        let mut text = |name: &str| options.remove(name).map(|value| value.expose().to_owned());
        let (server, user) = (text("server"), text("user"));
        let port = text("port").map(|port| trim(&port).to_owned());
        let (group, sudo) = (text("group"), text("sudo"));
        let create = text("create").is_some();
        let mut request = Self {
            group,
            sudo,
            create,
            password: options
                .remove("password")
                .filter(|p| !p.expose().is_empty()),
            key: options.remove("key"),
            ..Self::default()
        };
        for text in [connection, server.as_deref()].into_iter().flatten() {
            let target = Target::parse(text).map_err(|e| Error::new(2, e.to_string()))?;
            (request.server, request.user, request.port) =
                (target.server, target.user, target.port);
        }
        // Only now is it known that neither of the texts holds a password.
        if let (Some(first), Some(second)) = (connection, &server) {
            return Err(Error::new(
                3,
                format!("Server specified twice: {first} and {second}"),
            ));
        }
        request.user = once(request.user, user, "Username", 4)?;
        request.port = once(request.port, port, "Port", 5)?;
        Ok(request)
    }

    /// Checks server and port, as far as they are known, before anything is asked for or sent.
    ///
    /// # Errors
    ///
    /// 556: what was given is not the address of a server. The hint says what to write.
    pub fn check_address(&self) -> Result<(), Error> {
        let port = self.port.as_deref();
        let server = match (self.server.as_deref(), port) {
            (Some(server), _) => server,
            (None, Some(_)) => "localhost",
            (None, None) => return Ok(()),
        };
        Endpoint::parse(server, port)
            .map(drop)
            .map_err(|error| address_failure(&error))
    }
}

/// The one of two values that was given.
fn once(
    first: Option<String>,
    second: Option<String>,
    what: &str,
    code: i32,
) -> Result<Option<String>, Error> {
    match (first, second) {
        (Some(a), Some(b)) => Err(Error::new(
            code,
            format!("{what} specified twice: {a} and {b}"),
        )),
        (a, b) => Ok(a.or(b)),
    }
}
