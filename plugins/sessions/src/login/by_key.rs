//! Joining the session of a key, known to the store or not.

use std::sync::Arc;

use omero_plugin_api::{Error, Secret};

use super::{
    Attached, Request,
    attached::{join, warn_if_open},
    conflict::{Rule, Wanted},
    connection_failure,
    failure::name_error,
    live,
    means::{Means, Refusal},
};
use crate::{
    settings::store_error,
    store::{Host, Properties, SessionKey, StoredSession, User},
};

/// The code of a key that cannot be joined.
const BAD_KEY: i32 = 523;

/// With a key, three options have no meaning; the user hears of it.
pub(super) fn note_ignored(means: &Means<'_>, request: &Request) -> Result<(), Error> {
    for (given, what) in [
        (request.user.is_some(), "Overriding name"),
        (request.group.is_some(), "Ignoring group"),
        (request.password.is_some(), "Ignoring password"),
    ] {
        if given {
            means
                .ctx
                .info(format_args!("{what} since session key set"))?;
        }
    }
    Ok(())
}

/// Joins the session of a key, known to the store or not.
pub(super) fn join_key(
    means: &Means<'_>,
    request: &Request,
    key: &Secret,
) -> Result<Arc<Attached>, Error> {
    let host_text = request.server.as_deref().unwrap_or_default();
    warn_if_open(means.ctx, host_text, request.port.as_deref());
    let bad = || {
        let at = request
            .port
            .as_ref()
            .map_or(String::new(), |port| format!(":{port}"));
        Error::new(
            BAD_KEY,
            format!(
                "Bad session key. Cannot join {} on {host_text}{at}.",
                shortened(key)
            ),
        )
        .hint("the session may have ended: log in again with a password")
    };
    let host = Host::parse(host_text).map_err(name_error)?;
    let session_key = SessionKey::parse(key.expose()).map_err(|_| bad())?;
    let users = means
        .store
        .find_key(&host, &session_key)
        .map_err(store_error)?;
    let user = match users.as_slice() {
        [] => return join_unknown(means, request, host_text, key, &bad),
        [user] => user,
        several => {
            let names: Vec<&str> = several.iter().map(User::as_str).collect();
            let text = format!("Several users have this session key: {}", names.join(", "));
            return Err(Error::new(1, text).hint("remove the wrong files from the store"));
        }
    };
    let stored = means
        .store
        .get(&host, user, &session_key)
        .map_err(store_error)?;
    let stored = stored.ok_or_else(bad)?;
    let wanted = Wanted {
        port: request.port.as_deref(),
        group: None,
    };
    if !Rule::KEY.compare(&stored.properties, wanted).is_empty() {
        return Err(bad());
    }
    match means.attach_stored(&stored, request.login) {
        Ok(attached) => means.make_current(&stored, &attached).map(|()| attached),
        Err(Refusal::Ended) => {
            live::forget_stored(means.store, &stored).map_err(store_error)?;
            Err(bad())
        }
        Err(Refusal::Failed(error)) => Err(error),
    }
}

/// A session from elsewhere is stored, but the current one stays what it is.
fn join_unknown(
    means: &Means<'_>,
    request: &Request,
    host: &str,
    key: &Secret,
    bad: &dyn Fn() -> Error,
) -> Result<Arc<Attached>, Error> {
    let port = request.port.as_deref();
    if let Some(attached) = live::take_up(means.ctx, host, port, key, request.login) {
        return Ok(attached);
    }
    let joined = join(means.ctx, &means.options, host, port, key, None);
    let attached = joined.map_err(|error| {
        if error.is_session_ended() {
            bad()
        } else {
            connection_failure(error, host, port)
        }
    })?;
    let context = attached.session().context();
    let mut properties = Properties::new(host, &context.user_name, key.expose());
    properties.port = request.port.clone();
    let stored = StoredSession::new(properties).map_err(name_error)?;
    means.store.add(&stored).map_err(store_error)?;
    Ok(Arc::new(attached))
}

/// The start of a key, enough to recognise it by: error texts end up in logs.
fn shortened(key: &Secret) -> String {
    let text = key.expose();
    let start: String = text.chars().filter(|c| !c.is_control()).take(8).collect();
    if start.len() < text.len() {
        format!("{start}…")
    } else {
        start
    }
}
