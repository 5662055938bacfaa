//! Where the query comes from.

use omero_plugin_api::{Context, Error, Kind, Stream, clap::ArgMatches};

/// The query: the arguments, or standard input.
///
/// # Errors
///
/// There is none, or the user cancelled.
pub fn read(ctx: &Context, matches: &ArgMatches) -> Result<String, Error> {
    let words: Vec<&str> = matches
        .get_many::<String>("query")
        .unwrap_or_default()
        .map(String::as_str)
        .collect();
    let text = match words.as_slice() {
        [] if ctx.is_terminal(Stream::INPUT) => ctx
            .read_line("Enter query: ")?
            .ok_or_else(Error::cancelled)?,
        [] | ["-"] => all_input(ctx)?,
        words => words.join(" "),
    };
    match text.trim() {
        "" => Err(Error::of_kind(Kind::Usage, 2, "There is no query")
            .hint("give one, for instance `omero hql \"select i.id, i.name from Image i\"`")),
        query => Ok(query.to_owned()),
    }
}

fn all_input(ctx: &Context) -> Result<String, Error> {
    let mut text = String::new();
    while let Some(line) = ctx.read_line("")? {
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}
