//! The objects behind the router.

mod admin;
mod commands;
mod config;
mod hql;
mod people;
mod query;
mod service_factory;
mod sessions;
mod types;

use omero_plugin_api::slice::{Graph, Value};

use super::dispatch::{Answer, Outcome, Trouble};
use super::frame::{Request, Status};
use super::model::Session;
use super::thrown::Thrown;
use super::world::{Servant, World};

/// One call of one client, with all that an operation may look at or change.
pub struct Call<'a> {
    /// Everything behind the router.
    pub world: &'a mut World,
    /// Uuid of the client.
    pub client: &'a str,
    /// Key of its session.
    pub session: &'a str,
    /// The server's time, milliseconds since the epoch.
    pub now: i64,
    /// The request as it came.
    pub request: &'a Request,
    /// The parameters.
    pub arguments: Vec<Value>,
    /// Class instances of the parameters.
    pub graph: Graph,
}

impl Call<'_> {
    /// A parameter; operations know how many they have.
    pub fn argument(&self, index: usize) -> Result<&Value, Trouble> {
        let missing = || Status::UnknownException("test server: parameter missing".to_owned());
        self.arguments
            .get(index)
            .ok_or_else(|| Trouble::Status(missing()))
    }

    /// A parameter that is text.
    pub fn text(&self, index: usize) -> Result<&str, Trouble> {
        Ok(self.argument(index)?.as_str()?)
    }

    /// A parameter that is a long.
    pub fn long(&self, index: usize) -> Result<i64, Trouble> {
        Ok(self.argument(index)?.as_long()?)
    }

    /// The session of the client.
    pub fn own_session(&self) -> Result<&Session, Trouble> {
        let found = self.world.model.sessions.get(self.session);
        let words = || Thrown::removed_session(&format!("No context for {}", self.session));
        found.ok_or_else(|| words().into())
    }

    /// Id of the user whose session it is.
    pub fn user(&self) -> Result<i64, Trouble> {
        Ok(self.own_session()?.owner)
    }

    /// The group in force: the session's, or the one that the request's context names by id. The
    /// user has to belong to it; that the login succeeded does not mean so.
    pub fn group(&self) -> Result<i64, Trouble> {
        let session = self.own_session()?;
        let wanted = self
            .request
            .context("omero.group")
            .and_then(|text| text.parse::<i64>().ok());
        // A name is what clients keep in their context after a login with a group: no id.
        let wanted = wanted.filter(|id| *id >= 0).unwrap_or(session.group);
        let (model, owner) = (&self.world.model, session.owner);
        if !model.groups.contains_key(&wanted) && model.is_admin(owner) {
            return Err(Thrown::api_usage(&format!("No such group: {wanted}")).into());
        }
        let violation = |words: String| Thrown::security(&words);
        model.may_work_in(owner, wanted).map_err(violation)?;
        Ok(wanted)
    }
}

/// Runs an operation of a servant.
pub fn invoke(call: Call<'_>, servant: &Servant, operation: &str) -> Outcome {
    let mut call = call;
    if !matches!(servant, Servant::Handle) {
        call.world.model.touch(call.session, call.now);
    }
    match servant {
        Servant::ServiceFactory => service_factory::invoke(&mut call, operation),
        Servant::Handle => commands::invoke(&mut call, operation),
        Servant::Service(name) => {
            call.group()?;
            match *name {
                "IAdmin" => admin::invoke(&mut call, operation),
                "IConfig" => config::invoke(&mut call, operation),
                "IQuery" => query::invoke(&mut call, operation),
                "ISession" => sessions::invoke(&mut call, operation),
                _ => types::invoke(&mut call, operation),
            }
        }
    }
}

/// An operation that is in the table but in no service: a mistake of this server.
fn not_implemented(operation: &str) -> Outcome {
    let text = format!("test server: {operation} is not implemented");
    Err(Trouble::Status(Status::UnknownException(text)))
}

/// Nothing to give back.
fn done() -> Outcome {
    Ok(Answer::default())
}
