//! Using a stored session again: the current one, or another that fits.

use std::sync::Arc;

use omero_plugin_api::Error;

use super::{
    Attached, Request,
    conflict::{Conflicts, Rule, Wanted},
    failure::name_error,
    live,
    means::{Means, Refusal},
};
use crate::{
    settings::store_error,
    store::{Host, SessionKey, StoredSession, User},
};

/// The current session, if nothing that was asked for contradicts it.
pub(super) fn reuse_current(
    means: &Means<'_>,
    request: &Request,
) -> Result<Option<Arc<Attached>>, Error> {
    let (Some(host), Some(user)) = (&means.current.host, &means.current.user) else {
        return Ok(None);
    };
    let port = &means.current.port;
    let fits = |wanted: &Option<String>, have: &str| wanted.as_ref().is_none_or(|w| w == have);
    if request.create
        || !fits(&request.server, host.as_str())
        || !fits(&request.user, user.as_str())
        || !fits(&request.port, port)
    {
        return Ok(None);
    }
    let Some(key) = &means.current.key else {
        return announce(means, host, user).map(|()| None);
    };
    let stored = match means.store.get(host, user, key) {
        Ok(Some(stored)) => stored,
        Ok(None) => return expire(means, host, user, key).map(|()| None),
        Err(error) => {
            // A file that makes no sense may be somebody's work: it is left as it is.
            means.ctx.warn(error);
            return announce(means, host, user).map(|()| None);
        }
    };
    let wanted = Wanted {
        port: None,
        group: request.group.as_deref(),
    };
    let conflicts = Rule::CURRENT.compare(&stored.properties, wanted);
    if !conflicts.is_empty() {
        means.ctx.debug(
            1,
            format_args!("Not attaching because of conflicts: {conflicts}"),
        );
        return announce(means, host, user).map(|()| None);
    }
    match means.attach_stored(&stored, request.login) {
        Ok(attached) => means
            .make_current(&stored, &attached)
            .map(|()| Some(attached)),
        Err(Refusal::Ended) => expire(means, host, user, key).map(|()| None),
        Err(Refusal::Failed(error)) => Err(error),
    }
}

fn announce(means: &Means<'_>, host: &Host, user: &User) -> Result<(), Error> {
    if means.ctx.quiet() {
        return Ok(());
    }
    let (host, user) = (host.as_str(), user.as_str());
    means.ctx.line(format_args!(
        "Previously logged in to {} as {user}",
        means.shown(host)
    ))
}

/// The current session is over: its file and the pointer to it go.
fn expire(means: &Means<'_>, host: &Host, user: &User, key: &SessionKey) -> Result<(), Error> {
    let place = means.shown(host.as_str());
    let user_name = user.as_str();
    means.ctx.line(format_args!(
        "Previous session expired for {user_name} on {place}"
    ))?;
    live::forget(key);
    if let Err(error) = means.store.remove(host, user, key) {
        means
            .ctx
            .error_line(format_args!("Failed to remove session: {error}"))?;
    }
    Ok(())
}

/// The newest stored session of this host and user that fits and lives.
pub(super) fn reconnect(
    means: &Means<'_>,
    request: &Request,
) -> Result<Option<Arc<Attached>>, Error> {
    let host = Host::parse(request.server.as_deref().unwrap_or_default()).map_err(name_error)?;
    let user = User::parse(request.user.as_deref().unwrap_or_default()).map_err(name_error)?;
    let wanted = Wanted {
        port: request.port.as_deref(),
        group: request.group.as_deref(),
    };
    for entry in means.store.sessions_of(&host, &user) {
        let stored = match entry {
            Ok(stored) => stored,
            Err(bad) => {
                means.ctx.warn(bad);
                continue;
            }
        };
        let conflicts = Rule::STORED.compare(&stored.properties, wanted);
        if !conflicts.is_empty() {
            note_conflict(means, &stored, &conflicts)?;
            continue;
        }
        match means.attach_stored(&stored, request.login) {
            Ok(attached) => {
                means.make_current(&stored, &attached)?;
                return Ok(Some(attached));
            }
            Err(Refusal::Ended) => {
                live::forget_stored(means.store, &stored).map_err(store_error)?;
            }
            Err(Refusal::Failed(error)) => return Err(error),
        }
    }
    Ok(None)
}

fn note_conflict(
    means: &Means<'_>,
    stored: &StoredSession,
    conflicts: &Conflicts,
) -> Result<(), Error> {
    if conflicts.is_about_port() {
        let key = stored.key.short();
        means
            .ctx
            .debug(1, format_args!("Skipping session {key}: {conflicts}"));
        return Ok(());
    }
    // The whole key would be a credential in whatever records these lines.
    let key = stored.key.short();
    means.ctx.info(format_args!(
        "Skipped session {key} due to property conflicts: {conflicts}"
    ))
}
