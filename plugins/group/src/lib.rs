//! The plugin `group`: shows OMERO's groups and their users, with nothing but the plugin API and
//! the session that the host lends.

mod command;
mod groups;
mod info;
mod list;
mod listusers;
mod table;
#[cfg(test)]
mod tests;
mod users;
mod which;

use omero_plugin_api::{Context, Error, clap::ArgMatches};

/// Runs the subcommand that was chosen.
fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    match matches.subcommand() {
        Some(("list", matches)) => list::run(ctx, matches),
        Some(("info", matches)) => info::run(ctx, matches),
        Some(("listusers", matches)) => listusers::run(ctx, matches),
        _ => Err(Error::new(2, "too few arguments").hint("omero group -h lists the subcommands")),
    }
}

omero_plugin_api::export_plugin!(command::command, run);
