//! The plugin `hql`: runs queries on the server, with nothing but the plugin API and the session
//! that the host lends.

mod command;
mod question;
mod result;
#[cfg(test)]
mod tests;
mod total;

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    services::{Cell, Page, Query},
    style::Style,
};

/// Runs the query and shows the rows that were asked for.
fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let request = Request::new(ctx, matches)?;
    let query = Query::of(&ctx.session()?)?;
    let progress = ctx.progress("Running the query");
    let rows = query.projection(&request.hql, &[], request.page, request.all_groups)?;
    drop(progress);
    let offset = request.offset();
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let mut table = result::table(&rows, offset, matches.get_flag("ids-only"));
    let style = Style::of(matches);
    if style == Style::Sql
        && request.is_part(count)
        && let Some(total) = request.total(ctx, &query)
    {
        // Rows that were seen exist, whatever the server counts.
        table.page(offset, total.max(offset.saturating_add(count)));
    }
    ctx.print(&table.render(style))
}

/// What the command line asks for.
struct Request {
    hql: String,
    page: Page,
    all_groups: bool,
}

impl Request {
    fn new(ctx: &Context, matches: &ArgMatches) -> Result<Self, Error> {
        let number = |name: &str| matches.get_one::<i32>(name).copied();
        Ok(Self {
            hql: question::read(ctx, matches)?,
            page: Page {
                offset: number("offset").filter(|rows| *rows > 0),
                limit: number("limit").filter(|rows| *rows >= 0),
            },
            all_groups: matches.get_flag("all") || matches.get_flag("admin"),
        })
    }

    /// How many rows are passed over.
    fn offset(&self) -> u64 {
        let offset = self.page.offset.unwrap_or_default();
        u64::try_from(offset).unwrap_or_default()
    }

    /// Whether there may be more rows than the ones that came.
    fn is_part(&self, rows: u64) -> bool {
        let limit = self
            .page
            .limit
            .map(|limit| u64::try_from(limit).unwrap_or_default());
        self.offset() > 0 || limit == Some(rows)
    }

    /// How many rows there are in all, where the server can count them. It is asked in a second
    /// query, and its refusal is no failure: the rows are there already.
    fn total(&self, ctx: &Context, query: &Query) -> Option<u64> {
        let hql = total::counting(&self.hql)?;
        match query.projection(&hql, &[], Page::default(), self.all_groups) {
            Ok(rows) => match rows.first().and_then(|row| row.first()) {
                Some(Cell::Integer(total)) => u64::try_from(*total).ok(),
                _ => None,
            },
            Err(error) => {
                ctx.debug(1, format_args!("The rows cannot be counted: {error}"));
                None
            }
        }
    }
}

omero_plugin_api::export_plugin!(command::command, run);
