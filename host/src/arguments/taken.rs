//! The options that the host takes out of a command line.

use std::ffi::OsString;

use omero_plugin_abi::{LoginOption, Secret};
use omero_plugin_api::Error;

use super::{
    level::{Known, Owner},
    options::{HostOption, LOGIN, LoginSpec, QUIET},
    walk::Walk,
};

/// The options that were taken out.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// The login options in the order of their table; of several the last one counts.
    pub login: Vec<LoginOption>,
    /// The value of `--debug`.
    pub debug: Option<String>,
    /// The values of `--path`.
    pub paths: Vec<OsString>,
    /// The values of `-e`.
    pub commands: Vec<String>,
}

impl Taken {
    /// Whether `-q` was given.
    pub fn quiet(&self) -> bool {
        self.login.iter().any(|option| option.name == QUIET)
    }

    /// Whether any login option but `-q` was given.
    pub fn wants_login(&self) -> bool {
        self.login.iter().any(|option| option.name != QUIET)
    }

    /// Takes an option with its value; the plugin's are left to it.
    ///
    /// # Errors
    ///
    /// The value is not UTF-8.
    pub fn add(
        &mut self,
        known: &Known<'_>,
        value: OsString,
        walk: &Walk<'_>,
    ) -> Result<(), Error> {
        let text = |value: OsString| value.into_string().map_err(|_| walk.no_text(known));
        match known.owner {
            Owner::Login(spec) => self.put(spec, text(value)?),
            Owner::Host(spec) => match spec.option {
                HostOption::Debug => self.debug = Some(text(value)?),
                HostOption::Path => self.paths.push(value),
                HostOption::Execute => self.commands.push(text(value)?),
                HostOption::Help | HostOption::Version => {}
            },
            Owner::Plugin(_) => {}
        }
        Ok(())
    }

    fn put(&mut self, spec: &LoginSpec, value: String) {
        let position = |name: &str| LOGIN.iter().position(|s| s.long == name);
        self.login.retain(|option| option.name != spec.long);
        let place = self
            .login
            .partition_point(|o| position(&o.name) < position(spec.long));
        let option = LoginOption {
            name: spec.long.into(),
            value: Secret::new(value),
        };
        self.login.insert(place, option);
    }
}
