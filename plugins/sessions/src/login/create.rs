//! Making a new session, for oneself or, with `--sudo`, for another user.

use std::time::{Duration, Instant};

use omero_plugin_api::{Context, Error, Secret, services::Sessions};

use super::{
    Attached, Request,
    attached::{connect, join, warn_if_open},
    connection_failure,
    failure::name_error,
    idle_time::apply_idle_time,
    means::Means,
    password::with_password,
};
use crate::{
    client::{ClientError, Origin},
    ice::IceError,
    settings::store_error,
    store::{Properties, StoredSession},
};

/// How often a server that is slow or busy is tried.
const TRIES: usize = 3;
/// The time between two tries of `--retry`.
const RETRY_PAUSE: Duration = Duration::from_secs(3);
/// How often waiting looks whether the user wants to stop.
const PAUSE_STEP: Duration = Duration::from_millis(50);

/// Makes a session, stores it and makes it the current one. Until it is stored it ends with its
/// connection, so that whatever fails leaves nothing on the server.
///
/// # Errors
///
/// 524, 525, 554 to 557: see `docs/exit-codes.md`.
pub(super) fn create(means: &Means<'_>, request: &Request) -> Result<Attached, Error> {
    let host = request.server.as_deref().unwrap_or_default();
    let port = request.port.as_deref();
    means.store.check_writable().map_err(store_error)?;
    warn_if_open(means.ctx, host, port);
    let attached = with_password(
        means.ctx,
        request,
        |password| with_retry(means.ctx, request, || log_in(means, request, password)),
        |error| connection_failure(error, host, port),
    )?;
    match complete(means, request, &attached) {
        Ok(()) => Ok(attached),
        Err(error) => {
            if request.sudo.is_some() {
                end_opened(means.ctx, attached.end());
            }
            Err(error)
        }
    }
}

/// What is left to do after a login: idle time, store, and that the session outlives its connection.
fn complete(means: &Means<'_>, request: &Request, attached: &Attached) -> Result<(), Error> {
    let host = request.server.as_deref().unwrap_or_default();
    let failure = |error| connection_failure(error, host, request.port.as_deref());
    if let Some(seconds) = request.timeout.filter(|seconds| *seconds != 0) {
        apply_idle_time(means.ctx, attached, seconds).map_err(failure)?;
    }
    if means.ctx.cancelled() {
        return Err(Error::cancelled());
    }
    let stored = remember(means, request, attached)?;
    // A session that was opened with `--sudo` was joined, and outlives the connection already.
    if request.sudo.is_some() {
        return Ok(());
    }
    match attached.session().detach(means.ctx) {
        Ok(()) => Ok(()),
        // Without an answer the session may live on: it stays in the store, where the next login
        // finds out.
        Err(error @ (ClientError::Ice(_) | ClientError::Call(_))) => Err(failure(error)),
        Err(refused) => {
            let (host, user, key) = (&stored.host, &stored.user, &stored.key);
            means.store.remove(host, user, key).map_err(store_error)?;
            Err(failure(refused))
        }
    }
}

/// One login, tried again while the server is slow or busy.
fn log_in(
    means: &Means<'_>,
    request: &Request,
    password: &Secret,
) -> Result<Attached, ClientError> {
    for attempt in 1.. {
        let result = match &request.sudo {
            Some(sudo) => log_in_for_other(means, request, sudo, password),
            None => log_in_once(means, request, request.user.as_deref(), password),
        };
        match result {
            Err(error) if error.is_transient() && attempt < TRIES => {
                let reason = match &error {
                    ClientError::Ice(error) => format!("Ice.ConnectTimeoutException:{error}"),
                    other => other.to_string(),
                };
                let line =
                    format!("WARNING:omero.client:{reason} - createSession retry: {attempt}");
                // A log line that cannot be shown is no reason to fail.
                let _ = means.ctx.error_line(line);
            }
            other => return other,
        }
    }
    Err(ClientError::Ice(IceError::Interrupted))
}

fn log_in_once(
    means: &Means<'_>,
    request: &Request,
    user: Option<&str>,
    password: &Secret,
) -> Result<Attached, ClientError> {
    let host = request.server.as_deref().unwrap_or_default();
    let _progress = means.connecting(host);
    let (router, port) = connect(means.ctx, &means.options, host, request.port.as_deref())?;
    let user = user.unwrap_or_default();
    let factory = router.log_in(user, password, request.group.as_deref())?;
    Attached::establish(router, factory, host, port, Origin::New)
}

/// Logs in as the one with the rights, opens a session for the user, and joins that. The first
/// session ends with its connection.
fn log_in_for_other(
    means: &Means<'_>,
    request: &Request,
    sudo: &str,
    password: &Secret,
) -> Result<Attached, ClientError> {
    let own = log_in_once(means, request, Some(sudo), password)?;
    let service = Sessions::of(&own.client())?;
    let user = request.user.as_deref().unwrap_or_default();
    let group = request.group.as_deref().unwrap_or_default();
    let idle = own.details().time_to_idle;
    // From here on the answer is waited for: without its key, an opened session cannot be ended.
    own.session().shield();
    let key = Secret::new(service.create_for(user, group, 0, Some(idle))?.uuid);
    let host = request.server.as_deref().unwrap_or_default();
    let port = request.port.as_deref();
    let joined = join(means.ctx, &means.options, host, port, &key, None);
    if joined.is_err() {
        end_opened(means.ctx, own.end_other(key.expose()));
    }
    joined
}

/// Reports that a session that was opened for another user could not be ended after a failure. The
/// failure itself is what the command ends with.
fn end_opened(ctx: &Context, outcome: Result<(), ClientError>) {
    if let Err(error) = outcome
        && !error.is_session_ended()
    {
        ctx.warn(format_args!(
            "a session that was opened on the server could not be ended: {error}"
        ));
    }
}

/// Tries again every three seconds as long as `--retry` allows. A refused password is final.
fn with_retry<T>(
    ctx: &Context,
    request: &Request,
    mut attempt: impl FnMut() -> Result<T, ClientError>,
) -> Result<T, ClientError> {
    let limit = Duration::from_secs(request.retry);
    let start = Instant::now();
    for number in 1.. {
        match attempt() {
            Err(error) if may_retry(&error) && start.elapsed() < limit => {
                let now = time_of_day();
                // A log line that cannot be shown is no reason to fail.
                let _ = ctx.error_line(format_args!("{now}: Login retry #{number} in 3s"));
                pause(ctx)?;
            }
            other => return other,
        }
    }
    Err(ClientError::Ice(IceError::Interrupted))
}

/// The local time of day as OMERO.py's log has it: with microseconds, unless there are none.
fn time_of_day() -> String {
    let now = jiff::Zoned::now();
    let seconds = now.strftime("%H:%M:%S");
    match now.subsec_nanosecond() / 1000 {
        0 => seconds.to_string(),
        micros => format!("{seconds}.{micros:06}"),
    }
}

fn may_retry(error: &ClientError) -> bool {
    !error.is_interruption()
        && !matches!(
            error,
            ClientError::Denied(_)
                | ClientError::Security(_)
                | ClientError::Ice(IceError::Trust(_))
        )
}

fn pause(ctx: &Context) -> Result<(), ClientError> {
    let end = Instant::now() + RETRY_PAUSE;
    while Instant::now() < end {
        if ctx.cancelled() {
            return Err(ClientError::Ice(IceError::Interrupted));
        }
        std::thread::sleep(PAUSE_STEP);
    }
    Ok(())
}

/// Stores the new session as the current one.
fn remember(
    means: &Means<'_>,
    request: &Request,
    attached: &Attached,
) -> Result<StoredSession, Error> {
    let host = request.server.as_deref().unwrap_or_default();
    let context = attached.session().context();
    let mut properties = Properties::new(host, &context.user_name, attached.key().expose());
    properties.group = request.group.clone();
    properties.port = request.port.clone();
    properties.sudo = request.sudo.clone();
    properties.timeout = request
        .timeout
        .filter(|seconds| *seconds != 0)
        .map(|seconds| seconds.to_string());
    let stored = StoredSession::new(properties).map_err(name_error)?;
    means.store.add_as_current(&stored).map_err(store_error)?;
    Ok(stored)
}
