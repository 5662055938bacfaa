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
    client::{ClientError, Credentials},
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

/// Makes a session, stores it and makes it the current one.
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
    if let Some(seconds) = request.timeout.filter(|seconds| *seconds != 0) {
        apply_idle_time(means.ctx, &attached, seconds);
    }
    remember(means, request, &attached)?;
    Ok(attached)
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
    let credentials = Credentials {
        user,
        password,
        group: request.group.as_deref(),
    };
    let factory = router.create_session(&credentials)?;
    Attached::establish(router, factory, host, port)
}

/// Logs in as the one with the rights, opens a session for the user, ends one's own and joins the
/// user's.
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
    let idle = own.session().details().time_to_idle;
    let opened = service.create_for(user, group, 0, Some(idle));
    // The session of the one with the rights must not stay behind, whatever became of the other.
    let closed = service.close(own.key().expose());
    let key = Secret::new(opened?.uuid);
    if let Err(error) = closed {
        means.ctx.warn(format_args!(
            "the session of {sudo} could not be ended: {error}"
        ));
    }
    drop(own);
    let host = request.server.as_deref().unwrap_or_default();
    join(
        means.ctx,
        &means.options,
        host,
        request.port.as_deref(),
        &key,
        None,
    )
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
    !matches!(
        error,
        ClientError::Denied(_)
            | ClientError::Security(_)
            | ClientError::Ice(IceError::Interrupted | IceError::Trust(_))
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

/// Stores the new session. If that fails it is ended on the server: nobody could find it again.
fn remember(means: &Means<'_>, request: &Request, attached: &Attached) -> Result<(), Error> {
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
    let stored = StoredSession::new(properties)
        .map_err(name_error)
        .and_then(|stored| means.store.add_as_current(&stored).map_err(store_error));
    if stored.is_err()
        && let Ok(service) = Sessions::of(&attached.client())
    {
        // The store's failure is what the user has to hear of.
        let _ = service.close(attached.key().expose());
    }
    stored
}
