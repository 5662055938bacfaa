//! What every step on the way to a session needs.

use std::sync::Arc;

use omero_plugin_api::{Context, Error, context::Progress};

use super::{
    Attached, attached::connect_stored, connection_failure, failure::name_error,
    idle_time::apply_idle_time, live,
};
use crate::{
    client::ClientError,
    ice::{Endpoint, OpenOptions},
    settings::store_error,
    store::{Current, Store, StoredSession, User},
};

/// The terminal, the store and the network, as one login finds them.
pub(super) struct Means<'a> {
    /// The host.
    pub(super) ctx: &'a Context,
    /// The sessions on disk.
    pub(super) store: &'a Store,
    /// How to connect.
    pub(super) options: OpenOptions,
    /// The current session of this process.
    pub(super) current: Current,
}

impl Means<'_> {
    /// `host:port` with the last port. A URL says its port itself.
    pub(super) fn shown(&self, host: &str) -> String {
        if Endpoint::is_url(host) {
            host.to_owned()
        } else {
            format!("{host}:{}", self.current.port)
        }
    }

    /// Shows that a server takes its time. Not while the user is asked something.
    pub(super) fn connecting(&self, host: &str) -> Progress {
        self.ctx.progress(&format!("Connecting to {host}"))
    }

    /// Joins a stored session. With `check`, a connection that is there already is used only if the
    /// server says now that the session lives.
    pub(super) fn attach_stored(
        &self,
        stored: &StoredSession,
        check: bool,
    ) -> Result<Arc<Attached>, Refusal> {
        if let Some(attached) = live::take_up_stored(self.ctx, stored, check) {
            return Ok(attached);
        }
        let _progress = self.connecting(stored.host.as_str());
        let refusal = |error: ClientError| {
            self.ctx
                .debug(1, format_args!("Exception on attach: {error}"));
            if error.is_session_ended() {
                Refusal::Ended
            } else {
                let host = stored.properties.host.as_deref();
                let host = host.unwrap_or_else(|| stored.host.as_str());
                let port = stored.properties.port.as_deref();
                Refusal::Failed(connection_failure(error, host, port))
            }
        };
        let attached = connect_stored(self.ctx, &self.options, stored).map_err(refusal)?;
        // Every program that joins asks again for the idle time of the login, as OMERO.py does.
        match stored.properties.timeout.as_deref().map(str::parse) {
            Some(Ok(seconds)) => {
                apply_idle_time(self.ctx, &attached, seconds).map_err(refusal)?;
            }
            Some(Err(_)) => self.ctx.warn(format_args!(
                "the stored idle time of session {} is not a number",
                stored.key.short()
            )),
            None => {}
        }
        Ok(Arc::new(attached))
    }

    /// Makes a stored session, which was just attached, the current one.
    pub(super) fn make_current(
        &self,
        stored: &StoredSession,
        attached: &Attached,
    ) -> Result<(), Error> {
        let user = User::parse(&attached.session().context().user_name).map_err(name_error)?;
        self.store
            .set_current(&stored.host, &user, &stored.key, stored.port())
            .map_err(store_error)
    }
}

/// Why a stored session was not attached.
pub(super) enum Refusal {
    /// The server says that it has ended.
    Ended,
    /// Anything else; the stored session is kept.
    Failed(Error),
}
