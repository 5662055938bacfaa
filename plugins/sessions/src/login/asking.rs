//! Asking for server and user, with the last ones as proposals.

use omero_plugin_api::Error;

use super::{Request, means::Means, prompt, target::Target};
use crate::{ice::Endpoint, store::Host};

/// Asks for the server if it is not known. An answer replaces host, user and port.
pub(super) fn ask_server(means: &Means<'_>, request: &mut Request) -> Result<(), Error> {
    if request.server.is_some() {
        return Ok(());
    }
    let host = means
        .current
        .host
        .as_ref()
        .map_or("localhost", Host::as_str);
    let port = request.port.as_deref().unwrap_or(&means.current.port);
    let url = Endpoint::is_url(host) && request.port.is_none();
    let default = if url {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    };
    match prompt::ask(means.ctx, "server", &format!("Server: [{default}]"))? {
        None => {
            request.port = if url { None } else { Some(port.to_owned()) };
            request.server = Some(host.to_owned());
        }
        Some(answer) => {
            let target = Target::parse(&answer).map_err(|e| Error::new(2, e.to_string()))?;
            request.server = Some(target.server.unwrap_or_else(|| host.to_owned()));
            request.user = target.user.or_else(|| request.user.take());
            request.port = target.port;
        }
    }
    request.check_address()
}

/// Asks for the user if it is not known.
pub(super) fn ask_user(means: &Means<'_>, request: &mut Request) -> Result<(), Error> {
    if request.user.is_some() {
        return Ok(());
    }
    let last = means
        .current
        .user
        .as_ref()
        .map(|user| user.as_str().to_owned());
    let default = last.unwrap_or_else(|| login_name(means));
    let answer = prompt::ask(means.ctx, "username", &format!("Username: [{default}]"))?;
    request.user = Some(answer.unwrap_or(default));
    Ok(())
}

/// The name under which the user works on this computer.
fn login_name(means: &Means<'_>) -> String {
    ["LOGNAME", "USER", "LNAME", "USERNAME"]
        .iter()
        .filter_map(|name| means.ctx.environment(name)?.into_string().ok())
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "root".to_owned())
}
