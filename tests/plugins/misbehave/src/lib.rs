//! A plugin for tests that does what plugins should not do.
#![expect(
    clippy::print_stdout,
    clippy::exit,
    clippy::panic,
    reason = "this plugin shows what the host makes of it"
)]

mod command;

use std::{thread, time::Duration};

use omero_plugin_api::{Context, Error, clap::ArgMatches, provider};

omero_plugin_api::export_plugin!(command::command, run, provider: || {
    Some(provider::provider(|ctx| {
        // A provider that is lent a session while it makes one would wait for itself.
        ctx.session()?;
        panic!("no session today")
    }))
});

fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    match matches.subcommand_name() {
        Some("panic") => {
            ctx.line("before")?;
            panic!("on purpose")
        }
        Some("exit") => {
            ctx.line("buffered by the host")?;
            std::process::exit(42)
        }
        Some("print") => {
            println!("past the host");
            ctx.line("through the host")
        }
        Some("block") => {
            ctx.line("blocking")?;
            ctx.flush()?;
            loop {
                thread::sleep(Duration::from_secs(1));
            }
        }
        Some("flood") => loop {
            ctx.line("more")?;
        },
        Some("zero") => Err(Error::new(512, "Not a valid user ID")),
        Some("nest") => ctx.session().map(|_| ()),
        _ => Err(Error::new(1, "Nothing to do")),
    }
}
