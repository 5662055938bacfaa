//! The plugin `hql`: runs queries on the server, with nothing but the plugin API and the session
//! that the host lends.

mod command;
mod pager;
mod question;
mod rows;
#[cfg(test)]
mod tests;
mod text;
mod value;

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    services::{CallError, Page, Query},
    slice::Decoded,
    style::Style,
};

use pager::Then;
use question::Source;
use rows::Rows;
use text::harmless;

/// The code for a query that the server does not understand.
const BAD_QUERY: i32 = 52;
/// The code for a query in all groups that the server's security refuses.
const NOT_ADMIN: i32 = 53;
/// The code for any other query that the server's security refuses.
const REFUSED: i32 = 54;

/// Runs the query and shows its rows, or asks for one query after the other.
fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let mut request = Request::new(matches);
    match question::source(ctx, matches)? {
        Source::Given(hql) => {
            request.hql = hql;
            request.answer(ctx)?;
        }
        Source::Asked => {
            request.asked = true;
            while let Some(hql) = question::ask(ctx)? {
                request.hql = hql;
                request.page = page(matches);
                if request.answer(ctx)? == Then::Quit {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// What the command line asks for.
struct Request {
    hql: String,
    /// Whether the user was asked for the query.
    asked: bool,
    page: Page,
    all_groups: bool,
    ids_only: bool,
    style: Style,
}

impl Request {
    fn new(matches: &ArgMatches) -> Self {
        Self {
            hql: String::new(),
            asked: false,
            page: page(matches),
            all_groups: matches.get_flag("all") || matches.get_flag("admin"),
            ids_only: matches.get_flag("ids-only"),
            style: Style::of(matches),
        }
    }

    /// Runs the query, shows its rows, and lets the user look through them on a terminal.
    fn answer(&mut self, ctx: &Context) -> Result<Then, Error> {
        let reply = self.run(ctx)?;
        self.show(ctx, &Rows::of(&reply, self.ids_only)?)?;
        if pager::wanted(ctx) {
            return pager::browse(ctx, self, reply);
        }
        // Without a terminal to look at results there is one query.
        Ok(Then::Quit)
    }

    /// The rows of the current page.
    fn run(&self, ctx: &Context) -> Result<Decoded, Error> {
        let query = Query::of(&ctx.session()?)?;
        let progress = ctx.progress("Running the query");
        let reply = query.reply(&self.hql, &[], self.page, self.all_groups);
        drop(progress);
        reply.map_err(|error| self.refusal(error))
    }

    fn show(&self, ctx: &Context, rows: &Rows<'_>) -> Result<(), Error> {
        ctx.print(&rows.table()?.render(self.style))
    }

    /// Goes to the page behind the one that has so many rows.
    fn turn(&mut self, rows: usize) {
        let limit = self.page.limit.filter(|limit| *limit > 0);
        // Without a limit the page is the rest.
        let step = limit.unwrap_or_else(|| i32::try_from(rows).unwrap_or(i32::MAX));
        let offset = self.page.offset.unwrap_or_default();
        self.page.offset = Some(offset.saturating_add(step));
    }

    /// Where the current page is, for debugging.
    fn position(&self) -> String {
        let number = |number: Option<i32>| number.unwrap_or_default();
        let (offset, limit) = (number(self.page.offset), number(self.page.limit));
        format!("offset={offset}, limit={limit}")
    }

    /// The error that the command ends with when the server does not run the query.
    fn refusal(&self, error: CallError) -> Error {
        if let Some(exception) = error.exception("::omero::QueryException") {
            let text = harmless(exception.message());
            return Error::new(BAD_QUERY, format!("Bad query: {text}"));
        }
        match error.exception("::omero::SecurityViolation") {
            Some(_) if self.all_groups => Error::new(
                NOT_ADMIN,
                "SecurityViolation: Current user is not an admin and cannot use '--admin'",
            ),
            Some(exception) => {
                let text = harmless(exception.message());
                Error::new(REFUSED, format!("SecurityViolation: {text}"))
            }
            None => error.into(),
        }
    }
}

fn page(matches: &ArgMatches) -> Page {
    let number = |name: &str| matches.get_one::<i32>(name).copied();
    Page {
        offset: number("offset"),
        limit: number("limit"),
    }
}

omero_plugin_api::export_plugin!(command::command, run);
