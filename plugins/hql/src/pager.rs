//! Looking through a result on a terminal.

use omero_plugin_api::{Context, Error, Stream, slice::Decoded};

use crate::{Request, rows::Rows, text::harmless};

const KEYS: &str = "
To see details for object, enter line number.
To move ahead one page, enter 'p'
To re-display list, enter 'r'.
To quit, enter 'q' or just enter.
";
const NEXT_QUERY: &str = "To run another query, press enter\n";

/// What the user wants after a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Ask for another query, if queries are asked for.
    Again,
    /// End the command.
    Quit,
}

/// Whether a result is looked through: only where answers can be typed and seen.
pub fn wanted(ctx: &Context) -> bool {
    let terminal = [Stream::Input, Stream::Output].map(|stream| ctx.is_terminal(stream));
    !ctx.quiet() && terminal == [true, true]
}

/// Asks what to show until the user has seen enough.
///
/// # Errors
///
/// The input ends; Ctrl-C; a further page cannot be had.
pub fn browse(ctx: &Context, request: &mut Request, first: Decoded) -> Result<Then, Error> {
    let mut reply = first;
    let prompt = match request.asked {
        true => format!("{KEYS}{NEXT_QUERY}"),
        false => KEYS.to_owned(),
    };
    loop {
        let line = ask(ctx, &prompt)?
            .ok_or_else(Error::cancelled)?
            .to_lowercase();
        let rows = Rows::of(&reply, request.ids_only)?;
        match line.chars().next() {
            None => return Ok(Then::Again),
            Some('q') => return Ok(Then::Quit),
            Some('r') => request.show(ctx, &rows)?,
            Some('p') => {
                request.turn(rows.len());
                ctx.debug(1, format_args!("\nCurrent page: {}\n", request.position()));
                reply = request.run(ctx)?;
                request.show(ctx, &Rows::of(&reply, request.ids_only)?)?;
            }
            Some(_) => show_object(ctx, &rows, &line)?,
        }
    }
}

/// Shows a prompt where the user looks, which is the terminal that has the table.
fn ask(ctx: &Context, prompt: &str) -> Result<Option<String>, Error> {
    if ctx.is_terminal(Stream::Error) {
        return ctx.read_line(prompt);
    }
    ctx.print(prompt)?;
    ctx.flush()?;
    ctx.read_line("")
}

/// Shows all members of the object in the line with this number.
fn show_object(ctx: &Context, rows: &Rows<'_>, line: &str) -> Result<(), Error> {
    let Ok(number) = line.trim().parse::<i64>() else {
        return ctx.line(format_args!("Invalid choice: {line}"));
    };
    // As in Python, -1 is the last row; it has no number on the screen and so no details.
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if number >= count || number < -count {
        return ctx.line(format_args!("Invalid choice: {number}"));
    }
    let object = match usize::try_from(number) {
        Ok(index) => rows.object(index)?,
        Err(_) => None,
    };
    match object {
        Some(object) => ctx.line(harmless(&rows.members(object)?)),
        None => ctx.line(format_args!("No details available: {number}")),
    }
}
