//! A plugin for tests: one subcommand for each thing that the host offers.

mod command;

use std::{
    io::Write,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    questions::{Candidate, Sought},
};

omero_plugin_api::export_plugin!(command::command, run, complete: complete);

/// Values of `hello say`; a session is refused here, and the one who asks for it gets nothing.
fn complete(ctx: &Context, sought: &Sought) -> Result<Vec<Candidate>, Error> {
    match (
        sought.command.last().map(String::as_str),
        sought.argument.as_str(),
    ) {
        (Some("say"), "name") => Ok(vec![
            Candidate::new("world").help("all of us"),
            Candidate::new("workers").help("some of us"),
        ]),
        (Some("say"), "times") => match sought.word.as_str() {
            "1" => Ok(vec![Candidate::new("10"), Candidate::new("12")]),
            _ => Ok(Vec::new()),
        },
        (Some("env"), _) => ctx.session().map(|_| vec![Candidate::new("connected")]),
        (Some("config"), _) => panic!("on purpose"),
        (Some("options"), _) => loop {
            thread::sleep(Duration::from_secs(60));
        },
        _ => Ok(Vec::new()),
    }
}

fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    match matches.subcommand() {
        Some(("say", matches)) => say(ctx, matches),
        Some(("who", matches)) => who(ctx, matches),
        Some(("key", _)) => ctx.line(ctx.session()?.key().expose()),
        Some(("ask", _)) => match ctx.read_line("Name: ")? {
            Some(name) => ctx.line(format_args!("Hello {name}")),
            None => ctx.line("Nobody there"),
        },
        Some(("secret", _)) => match ctx.read_secret("Secret: ")? {
            Some(secret) => ctx.line(format_args!("{} bytes", secret.expose().len())),
            None => ctx.line("Nobody there"),
        },
        Some(("env", matches)) => {
            let value = ctx.environment(&word(matches, "name")).unwrap_or_default();
            ctx.line(value.to_string_lossy())
        }
        Some(("config", matches)) => {
            let value: Option<String> = ctx.configuration(&word(matches, "key"))?;
            ctx.line(value.unwrap_or_default())
        }
        Some(("data", _)) => ctx.line(ctx.data_directory()?.display()),
        Some(("host", _)) => {
            let (major, minor) = ctx.host_abi();
            ctx.line(format_args!("ABI {major}.{minor}"))
        }
        Some(("options" | "exec" | "ingest", _)) => options(ctx),
        Some(("fail", _)) => Err(Error::new(523, "It failed")
            .hint("try something else")
            .detail("for experts")),
        Some(("work", matches)) => work(ctx, matches),
        Some(("wait", _)) => wait(ctx),
        Some(("invoke", matches)) => invoke(ctx, matches),
        _ => Err(Error::new(1, "Nothing to do")),
    }
}

fn word(matches: &ArgMatches, id: &str) -> String {
    matches.get_one::<String>(id).cloned().unwrap_or_default()
}

fn say(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let times: u32 = word(matches, "times").parse().unwrap_or(1);
    let mark = if matches.get_flag("loud") { "!" } else { "." };
    for _ in 0..times {
        ctx.line(format_args!("Hello {}{mark}", word(matches, "name")))?;
    }
    ctx.debug(1, "greeted");
    Ok(())
}

/// Asks for the session anew each time: it has to be the same one.
fn who(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    for _ in 0..word(matches, "times").parse().unwrap_or(1) {
        let session = ctx.session()?;
        session.keep_alive()?;
        ctx.line(format_args!(
            "Hello {} of {}",
            session.info().user,
            session.info().server
        ))?;
    }
    Ok(())
}

fn options(ctx: &Context) -> Result<(), Error> {
    ctx.line(ctx.arguments().join("|".as_ref()).display())?;
    ctx.line(format_args!("quiet {}", ctx.quiet()))?;
    ctx.line(format_args!("login options {}", ctx.login_options().len()))
}

/// Shows progress, with a line of output in the middle of it.
fn work(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let half = Duration::from_millis(word(matches, "milliseconds").parse().unwrap_or(0) / 2);
    let progress = ctx.progress("Working");
    progress.set(1, 2);
    thread::sleep(half);
    ctx.line("half done")?;
    progress.set(2, 2);
    thread::sleep(half);
    drop(progress);
    ctx.line("done")
}

/// Waits for the waker, as a blocked call would.
fn wait(ctx: &Context) -> Result<(), Error> {
    let bell = Arc::new((Mutex::new(false), Condvar::new()));
    let rope = Arc::clone(&bell);
    let _guard = ctx.on_cancel(move || {
        if let Ok(mut rung) = rope.0.lock() {
            *rung = true;
            rope.1.notify_all();
        }
    });
    ctx.line("waiting")?;
    ctx.flush()?;
    if let Ok(rung) = bell.0.lock() {
        let _rung = bell.1.wait_while(rung, |rung| !*rung);
    }
    if ctx.cancelled() {
        Err(Error::cancelled())
    } else {
        ctx.line("woken for nothing")
    }
}

fn invoke(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let words: Vec<&String> = matches.get_many("words").unwrap_or_default().collect();
    let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
    let code = ctx.invoke(&words)?;
    writeln!(ctx.out(), "code {code}")?;
    Ok(())
}
