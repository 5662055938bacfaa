//! Says who the user of the session is.

mod command;

use omero_plugin_api::{clap::ArgMatches, services::Admin, Context, Error};

omero_plugin_api::export_plugin!(command::command, run);

fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let session = ctx.session()?;
    let info = session.info();
    ctx.line(format_args!("{} in {}", info.user, info.group))?;
    if matches.get_flag("long") {
        let groups = Admin::of(&session)?.groups()?;
        ctx.line(format_args!("{} groups", groups.len()))?;
    }
    Ok(())
}
