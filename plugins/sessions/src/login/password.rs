//! Passwords: where they come from and how often they are tried.

use omero_plugin_api::{Context, Error, Secret, table::visible};

use super::{
    Request,
    prompt::{self, Source},
};
use crate::client::ClientError;

/// How many passwords are tried in all, the given one included.
const ATTEMPTS: usize = 3;
/// The code after the last wrong password.
const WRONG_PASSWORDS: i32 = 524;

/// Calls `attempt` with one password after the other until the server accepts one. The first is
/// the one of the option or of `OMERO_PASSWORD`; the others are asked for.
///
/// # Errors
///
/// 524 after three wrong passwords; whatever else `attempt` reports.
pub fn with_password<T>(
    ctx: &Context,
    request: &Request,
    mut attempt: impl FnMut(&Secret) -> Result<T, ClientError>,
    failure: impl Fn(ClientError) -> Error,
) -> Result<T, Error> {
    let mut given = given_password(ctx, request)?;
    let mut refused = None;
    let prompt = match &request.sudo {
        Some(sudo) => format!("Password for {sudo}:"),
        None => "Password:".to_owned(),
    };
    for left in (0..ATTEMPTS).rev() {
        let (password, source) = match given.take() {
            Some((password, source)) => (password, Some(source)),
            None => (prompt::ask_password(ctx, &prompt, refused)?, None),
        };
        match attempt(&password) {
            Ok(value) => return Ok(value),
            Err(ClientError::Denied(reason)) if left > 0 => {
                // The server's words must not steer the terminal.
                ctx.error_line(visible(&reason))?;
                refused = refused.or(source);
            }
            Err(ClientError::Denied(_)) => {
                return Err(Error::new(WRONG_PASSWORDS, "3 incorrect password attempts")
                    .hint("ask the server's administrator for a new password"));
            }
            Err(other) => return Err(failure(other)),
        }
    }
    Err(Error::new(WRONG_PASSWORDS, "3 incorrect password attempts"))
}

/// `-w`, else `OMERO_PASSWORD`, with where it came from; empty ones count as missing.
fn given_password(ctx: &Context, request: &Request) -> Result<Option<(Secret, Source)>, Error> {
    if let Some(password) = &request.password {
        return Ok(Some((password.clone(), Source::Option)));
    }
    let Some(value) = ctx.environment("OMERO_PASSWORD") else {
        return Ok(None);
    };
    let text = value
        .into_string()
        .map_err(|_| Error::new(2, "OMERO_PASSWORD is not UTF-8 text"))?;
    let password = Some(Secret::new(text)).filter(|password| !password.expose().is_empty());
    Ok(password.map(|password| (password, Source::Variable)))
}
