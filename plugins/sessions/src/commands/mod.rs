//! The commands of `omero sessions`, one file each.

mod clear;
mod close;
mod down;
mod group;
mod help;
mod keepalive;
mod list;
mod login;
mod logout;
mod open;
mod server;
mod stored;
mod timeout;
mod who;

use omero_plugin_api::{Context, Error, clap::ArgMatches};

/// Runs the subcommand that was chosen.
///
/// # Errors
///
/// The command's documented failures.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    match matches.subcommand() {
        Some(("help", _)) => help::run(ctx),
        Some(("login", matches)) => login::run(ctx, matches),
        Some(("logout", matches)) => logout::run(ctx, matches),
        Some(("group", matches)) => group::run(ctx, matches),
        Some(("timeout", matches)) => timeout::run(ctx, matches),
        Some(("list", matches)) => list::run(ctx, matches),
        Some(("who", matches)) => who::run(ctx, matches),
        Some(("keepalive", matches)) => keepalive::run(ctx, matches),
        Some(("clear", matches)) => clear::run(ctx, matches),
        Some(("file", matches)) => stored::file(ctx, matches),
        Some(("key", matches)) => stored::key(ctx, matches),
        Some(("open", matches)) => open::run(ctx, matches),
        Some(("close", matches)) => close::run(ctx, matches),
        Some(("server", matches)) => server::run(ctx, matches),
        _ => {
            Err(Error::new(2, "too few arguments").hint("omero sessions -h lists the subcommands"))
        }
    }
}

/// The value of the deprecated option `--session-dir`.
fn session_dir(matches: &ArgMatches) -> Option<&str> {
    text(matches, "session-dir")
}

/// The text of an option or argument.
fn text<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a str> {
    matches.get_one::<String>(name).map(String::as_str)
}
