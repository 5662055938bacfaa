//! Making a new session, for oneself or, with `--sudo`, for another user.

use std::time::{Duration, Instant};

use omero_plugin_api::{
    Context, Error, Secret,
    services::{Sessions, command},
};

use super::{
    Attached, Request,
    attached::{connect, join, warn_if_open},
    connection_failure,
    flow::{Flow, name_error},
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
/// How long the server may take to change an idle time, as OMERO.py waits.
const IDLE_TIME_LIMIT: Duration = Duration::from_secs(5);

/// Makes a session, stores it and makes it the current one.
///
/// # Errors
///
/// 524, 525, 554 to 557: see `docs/exit-codes.md`.
pub(super) fn create(flow: &Flow<'_>, request: &Request) -> Result<Attached, Error> {
    let host = request.server.as_deref().unwrap_or_default();
    let port = request.port.as_deref();
    warn_if_open(flow.ctx, host, port);
    let mut attached = with_password(
        flow.ctx,
        request,
        |password| with_retry(flow.ctx, request, || log_in(flow, request, password)),
        |error| connection_failure(error, host, port),
    )?;
    if let Some(seconds) = request.timeout.filter(|seconds| *seconds != 0) {
        apply_idle_time(flow.ctx, &mut attached, seconds);
    }
    remember(flow, request, &attached)?;
    Ok(attached)
}

/// One login, tried again while the server is slow or busy.
fn log_in(flow: &Flow<'_>, request: &Request, password: &Secret) -> Result<Attached, ClientError> {
    for attempt in 1.. {
        let result = match &request.sudo {
            Some(sudo) => log_in_for_other(flow, request, sudo, password),
            None => log_in_once(flow, request, request.user.as_deref(), password),
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
                let _ = flow.ctx.error_line(line);
            }
            other => return other,
        }
    }
    Err(ClientError::Ice(IceError::Interrupted))
}

fn log_in_once(
    flow: &Flow<'_>,
    request: &Request,
    user: Option<&str>,
    password: &Secret,
) -> Result<Attached, ClientError> {
    let host = request.server.as_deref().unwrap_or_default();
    let (router, port) = connect(flow.ctx, &flow.options, host, request.port.as_deref())?;
    let user = user.unwrap_or_default();
    let credentials = Credentials {
        user,
        password,
        group: request.group.as_deref(),
    };
    let factory = router.create_session(&credentials)?;
    Attached::establish(flow.ctx, router, factory, host, port)
}

/// Logs in as the one with the rights, opens a session for the user, ends one's own and joins the
/// user's.
fn log_in_for_other(
    flow: &Flow<'_>,
    request: &Request,
    sudo: &str,
    password: &Secret,
) -> Result<Attached, ClientError> {
    let own = log_in_once(flow, request, Some(sudo), password)?;
    let service = Sessions::of(&own.client())?;
    let user = request.user.as_deref().unwrap_or_default();
    let group = request.group.as_deref().unwrap_or_default();
    let idle = own.session().details().time_to_idle;
    let opened = service.create_for(user, group, 0, Some(idle));
    // The session of the one with the rights must not stay behind, whatever became of the other.
    let closed = service.close(own.key().expose());
    let key = Secret::new(opened?.uuid);
    if let Err(error) = closed {
        flow.ctx.warn(format_args!(
            "the session of {sudo} could not be ended: {error}"
        ));
    }
    drop(own);
    let host = request.server.as_deref().unwrap_or_default();
    join(
        flow.ctx,
        &flow.options,
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
                let now = jiff::Zoned::now().strftime("%H:%M:%S%.f").to_string();
                // A log line that cannot be shown is no reason to fail.
                let _ = ctx.error_line(format_args!("{now}: Login retry #{number} in 3s"));
                pause(ctx)?;
            }
            other => return other,
        }
    }
    Err(ClientError::Ice(IceError::Interrupted))
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

/// Asks for an idle time of so many seconds. A refusal leaves the session as it is.
pub(super) fn apply_idle_time(ctx: &Context, attached: &mut Attached, seconds: i64) {
    let milliseconds = seconds.saturating_mul(1000);
    if milliseconds == attached.details().time_to_idle {
        return;
    }
    let key = attached.key();
    let outcome = command::update_idle_time(
        &attached.client(),
        key.expose(),
        milliseconds,
        IDLE_TIME_LIMIT,
    );
    match outcome {
        Ok(()) => attached.set_time_to_idle(milliseconds),
        Err(error) => {
            ctx.warn(format_args!(
                "the server keeps its own idle time for the session: {error}"
            ));
        }
    }
}

/// Stores the new session. If that fails it is ended on the server: nobody could find it again.
fn remember(flow: &Flow<'_>, request: &Request, attached: &Attached) -> Result<(), Error> {
    let host = request.server.as_deref().unwrap_or_default();
    let user = &attached.session().context().user_name;
    let mut properties = Properties::new(host, user, attached.key().expose());
    properties.group = request.group.clone();
    properties.port = request.port.clone();
    properties.sudo = request.sudo.clone();
    properties.timeout = request
        .timeout
        .filter(|seconds| *seconds != 0)
        .map(|seconds| seconds.to_string());
    let stored = StoredSession::new(properties)
        .map_err(name_error)
        .and_then(|stored| flow.store.add_as_current(&stored).map_err(store_error));
    if stored.is_err()
        && let Ok(service) = Sessions::of(&attached.client())
    {
        // The store's failure is what the user has to hear of.
        let _ = service.close(attached.key().expose());
    }
    stored
}
