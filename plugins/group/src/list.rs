//! `omero group list`.

use omero_plugin_api::{Context, Error, clap::ArgMatches, services::Admin};

use crate::groups;

/// Shows all groups that the server shows.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let groups = Admin::of(&ctx.session()?)?.groups()?;
    ctx.print(&groups::render(groups, matches))
}
