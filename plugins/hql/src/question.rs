//! Where the query comes from.

use omero_plugin_api::{Context, Error, Kind, Stream, clap::ArgMatches};

/// The code for a query that would have to be asked for, under `-q`.
pub const QUIET: i32 = 67;

/// The source of the query.
pub enum Source {
    /// The query is known: from the command line or standard input.
    Given(String),
    /// The user is asked for it, again and again.
    Asked,
}

/// Finds out where the query comes from.
///
/// # Errors
///
/// There is none, and none can be asked for.
pub fn source(ctx: &Context, matches: &ArgMatches) -> Result<Source, Error> {
    let words: Vec<&str> = matches
        .get_many::<String>("query")
        .unwrap_or_default()
        .map(String::as_str)
        .collect();
    let text = match words.join(" ").as_str() {
        "" if ctx.quiet() => {
            let error = Error::new(QUIET, "Can't ask for query with --quiet option");
            return Err(error.hint("give a query, or `-` to read it from standard input"));
        }
        "" if ctx.is_terminal(Stream::Input) => return Ok(Source::Asked),
        "" | "-" => all_input(ctx)?,
        words => words.to_owned(),
    };
    if text.trim().is_empty() {
        return Err(Error::of_kind(Kind::Usage, 2, "There is no query")
            .hint("give one, for instance `omero hql \"select i.id, i.name from Image i\"`"));
    }
    Ok(Source::Given(text))
}

/// Asks for a query; `None` where the user has no other.
///
/// # Errors
///
/// The input ends; Ctrl-C.
pub fn ask(ctx: &Context) -> Result<Option<String>, Error> {
    let line = ctx
        .read_line("Enter query:")?
        .ok_or_else(Error::cancelled)?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}

fn all_input(ctx: &Context) -> Result<String, Error> {
    let mut text = String::new();
    while let Some(line) = ctx.read_line("")? {
        text.push_str(&line);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}
