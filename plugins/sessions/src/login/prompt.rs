//! Asking the user. Everything is asked on the terminal only: a script must not hang.

use omero_plugin_api::{Context, Error, Secret, Stream};

/// The documented code for a question that cannot be asked.
const NO_TERMINAL: i32 = 564;
/// The code for a password that cannot be asked for, which is a failed connection to OMERO.py.
const NO_TERMINAL_FOR_PASSWORD: i32 = 556;

/// Where a password came from that was not asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// `-w`
    Option,
    /// `OMERO_PASSWORD`
    Variable,
}

/// Asks for something visible; an empty answer is the default.
///
/// # Errors
///
/// No terminal; Ctrl-C; the input ended.
pub fn ask(ctx: &Context, what: &str, prompt: &str) -> Result<Option<String>, Error> {
    let hint = "give server and user on the command line: omero login USER@SERVER";
    need_terminal(ctx, what, NO_TERMINAL, hint)?;
    let answer = ctx.read_line(prompt)?.ok_or_else(Error::cancelled)?;
    Ok(Some(answer).filter(|text| !text.is_empty()))
}

/// Asks for a password until one is given. `refused` is where the password came from that the
/// server has just refused: without a terminal, that one has to be corrected.
///
/// # Errors
///
/// As [`ask`].
pub fn ask_password(ctx: &Context, prompt: &str, refused: Option<Source>) -> Result<Secret, Error> {
    let hint = match refused {
        None => "set OMERO_PASSWORD, or join a session with -k",
        Some(Source::Option) => "the server refused the password given with -w: correct it",
        Some(Source::Variable) => {
            "the server refused the password in OMERO_PASSWORD: correct it, or unset it to be asked \
             on a terminal"
        }
    };
    need_terminal(ctx, "password", NO_TERMINAL_FOR_PASSWORD, hint)?;
    loop {
        let password = ctx.read_secret(prompt)?.ok_or_else(Error::cancelled)?;
        if !password.expose().is_empty() {
            return Ok(password);
        }
        ctx.line("Input required")?;
    }
}

fn need_terminal(ctx: &Context, what: &str, code: i32, hint: &str) -> Result<(), Error> {
    for (stream, name) in [(Stream::Input, "stdin"), (Stream::Output, "stdout")] {
        if !ctx.is_terminal(stream) {
            let text = format!("{name} is not a terminal: cannot request {what}");
            return Err(Error::new(code, text).hint(hint));
        }
    }
    Ok(())
}
