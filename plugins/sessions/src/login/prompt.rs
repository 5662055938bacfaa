//! Asking the user. Everything is asked on the terminal only: a script must not hang.

use omero_plugin_api::{Context, Error, Secret, Stream};

/// The documented code for a question that cannot be asked.
const NO_TERMINAL: i32 = 564;
/// The code for a password that cannot be asked for, which is a failed connection to OMERO.py.
const NO_TERMINAL_FOR_PASSWORD: i32 = 556;

/// Asks for something visible; an empty answer is the default.
///
/// # Errors
///
/// No terminal; Ctrl-C; the input ended.
pub fn ask(ctx: &Context, what: &str, prompt: &str) -> Result<Option<String>, Error> {
    need_terminal(ctx, what, NO_TERMINAL)?;
    let answer = ctx.read_line(prompt)?.ok_or_else(Error::cancelled)?;
    Ok(Some(answer).filter(|text| !text.is_empty()))
}

/// Asks for a password until one is given.
///
/// # Errors
///
/// As [`ask`].
pub fn ask_password(ctx: &Context, prompt: &str) -> Result<Secret, Error> {
    need_terminal(ctx, "password", NO_TERMINAL_FOR_PASSWORD)?;
    loop {
        let password = ctx.read_secret(prompt)?.ok_or_else(Error::cancelled)?;
        if !password.expose().is_empty() {
            return Ok(password);
        }
        ctx.line("Input required")?;
    }
}

fn need_terminal(ctx: &Context, what: &str, code: i32) -> Result<(), Error> {
    for (stream, name) in [(Stream::INPUT, "stdin"), (Stream::OUTPUT, "stdout")] {
        if !ctx.is_terminal(stream) {
            let text = format!("{name} is not a terminal: cannot request {what}");
            let hint = if what == "password" {
                "set OMERO_PASSWORD, or join a session with -k"
            } else {
                "give server and user on the command line: omero login USER@SERVER"
            };
            return Err(Error::new(code, text).hint(hint));
        }
    }
    Ok(())
}
