//! Passwords: where they come from and how often they are tried.

use omero_plugin_api::{Context, Error, Secret, table::visible};

use super::{Request, prompt};
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
    let mut given = given_password(ctx, request);
    let prompt = match &request.sudo {
        Some(sudo) => format!("Password for {sudo}:"),
        None => "Password:".to_owned(),
    };
    for left in (0..ATTEMPTS).rev() {
        let password = match given.take() {
            Some(password) => password,
            None => prompt::ask_password(ctx, &prompt)?,
        };
        match attempt(&password) {
            Ok(value) => return Ok(value),
            // The server's words must not steer the terminal.
            Err(ClientError::Denied(reason)) if left > 0 => ctx.error_line(visible(&reason))?,
            Err(ClientError::Denied(_)) => {
                return Err(Error::new(WRONG_PASSWORDS, "3 incorrect password attempts")
                    .hint("ask the server's administrator for a new password"));
            }
            Err(other) => return Err(failure(other)),
        }
    }
    Err(Error::new(WRONG_PASSWORDS, "3 incorrect password attempts"))
}

/// `-w`, else `OMERO_PASSWORD`; empty ones count as missing.
fn given_password(ctx: &Context, request: &Request) -> Option<Secret> {
    request.password.clone().or_else(|| {
        let text = ctx.environment("OMERO_PASSWORD")?.into_string().ok()?;
        Some(Secret::new(text)).filter(|password| !password.expose().is_empty())
    })
}
