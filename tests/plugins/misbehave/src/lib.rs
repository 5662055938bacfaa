//! A plugin for tests that does what plugins should not do.
#![expect(
    clippy::print_stdout,
    clippy::exit,
    clippy::panic,
    reason = "this plugin shows what the host makes of it"
)]

mod at_load;
mod command;
mod late;
mod wild;

use std::{io::Write, sync::Arc, thread, time::Duration};

use omero_plugin_api::{Context, Error, clap::ArgMatches, provider::Connection};

omero_plugin_api::export_plugin!(
    command::command,
    run,
    provider: attach,
    shutdown: shutdown,
    check: check
);

fn attach(ctx: &Context) -> Result<Arc<dyn Connection>, Error> {
    if ctx.environment("MISBEHAVE_ATTACH").is_some() {
        panic!("no session today");
    }
    // A provider that is lent a session while it makes one would wait for itself.
    ctx.session()?;
    Err(Error::new(1, "It was lent one"))
}

fn hang() -> ! {
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

/// Hangs where the variable `MISBEHAVE_AT_SHUTDOWN` says so.
fn shutdown() {
    if std::env::var("MISBEHAVE_AT_SHUTDOWN").as_deref() == Ok("block") {
        hang();
    }
}

/// Hangs where the variable `MISBEHAVE_AT_CHECK` says so.
fn check(ctx: &Context) -> Result<Vec<String>, Error> {
    match ctx.environment("MISBEHAVE_AT_CHECK") {
        Some(_) => hang(),
        None => Ok(Vec::new()),
    }
}

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
            hang()
        }
        Some("flood") => loop {
            ctx.line("more")?;
        },
        Some("ignore") => loop {
            let _ = ctx.line("more");
        },
        Some("ignore-errors") => loop {
            let _ = ctx.error_line("more");
        },
        Some("drip") => loop {
            let _ = ctx.line("more");
            let _ = ctx.flush();
            thread::sleep(Duration::from_millis(20));
        },
        Some("leave") => late::leave(ctx),
        Some("show") => late::show(ctx),
        Some("leave-reading") => late::leave_reading(ctx),
        Some("read") => late::read_line(ctx),
        Some("thread") => {
            // The thread's end is awaited, so that it panics before the command is done.
            let ended = thread::spawn(|| panic!("in a thread")).join();
            ctx.line(format_args!("it panicked: {}", ended.is_err()))
        }
        Some("close") => wild::close(ctx),
        Some("abort") => std::process::abort(),
        Some("crash") => {
            wild::crash();
            ctx.line("not crashed")
        }
        Some("pipe") => {
            ctx.line("before")?;
            let (reader, mut writer) = std::io::pipe()?;
            drop(reader);
            writer.write_all(b"for nobody")?;
            ctx.line("after")
        }
        Some("zero") => Err(Error::new(512, "Not a valid user ID")),
        Some("nest") => ctx.session().map(|_| ()),
        _ => Err(Error::new(1, "Nothing to do")),
    }
}
