//! `omero group info`.

use omero_plugin_api::{Context, Error, clap::ArgMatches, services::Admin};

use crate::{groups, which::selected};

/// Shows the groups that the arguments name, or the current one.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let admin = Admin::of(&ctx.session()?)?;
    let groups = selected(ctx, &admin, matches)?;
    ctx.print(&groups::render(groups, matches))
}
