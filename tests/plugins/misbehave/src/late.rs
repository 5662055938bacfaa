//! What the plugin does with a context whose command has ended.

use std::{fs, path::Path, thread, time::Duration};

use omero_plugin_api::{Context, Error, Session};

/// What the thread left behind has seen, in the plugin's data directory.
const SEEN: &str = "seen";

/// Leaves a thread behind that goes on with everything that a context offers.
pub fn leave(ctx: &Context) -> Result<(), Error> {
    let file = ctx.data_directory()?.join(SEEN);
    let session = ctx.session().ok();
    let left = ctx.clone();
    ctx.line("leaving")?;
    thread::spawn(move || {
        // The end of the command looks like Ctrl-C to those who ask.
        while !left.cancelled() {
            thread::yield_now();
        }
        let seen = use_all(&left, session.as_ref());
        // A rename, because the reader must not see half of it.
        let unfinished = file.with_extension("new");
        let written = fs::write(&unfinished, seen.join("\n"));
        if written.and_then(|()| fs::rename(unfinished, file)).is_err() {
            std::process::abort();
        }
        loop {
            use_all(&left, session.as_ref());
        }
    });
    Ok(())
}

fn use_all(left: &Context, session: Option<&Session>) -> Vec<String> {
    let word = |what: &str, result: Result<(), Error>| match result {
        Ok(()) => format!("{what} works"),
        Err(error) => format!("{what} {:?}", error.kind()),
    };
    left.warn("left behind");
    left.debug(0, "left behind");
    drop(left.progress("left behind"));
    let mut seen = vec![
        word("line", left.line("left behind")),
        word("error_line", left.error_line("left behind")),
        word("flush", left.flush()),
        word("session", left.session().map(|_| ())),
        word("invoke", left.invoke(["hello", "say"]).map(|_| ())),
        word("read_line", left.read_line("left behind").map(|_| ())),
        word("read_secret", left.read_secret("left behind").map(|_| ())),
        word("data_directory", left.data_directory().map(|_| ())),
        word(
            "configuration",
            left.configuration::<String>("aliases").map(|_| ()),
        ),
    ];
    seen.extend(session.map(|session| word("keep_alive", session.keep_alive())));
    seen
}

/// Waits until the thread has seen everything and shows it.
pub fn show(ctx: &Context) -> Result<(), Error> {
    let file = ctx.data_directory()?.join(SEEN);
    while !file.exists() {
        thread::sleep(Duration::from_millis(5));
    }
    ctx.line(read(&file)?)
}

fn read(file: &Path) -> Result<String, Error> {
    Ok(fs::read_to_string(file)?)
}

/// Leaves a thread behind that reads a line of standard input.
pub fn leave_reading(ctx: &Context) -> Result<(), Error> {
    let left = ctx.clone();
    thread::spawn(move || left.read_line(""));
    Ok(())
}

/// Reads a line of standard input and shows it.
pub fn read_line(ctx: &Context) -> Result<(), Error> {
    ctx.line("reading")?;
    ctx.flush()?;
    let line = ctx.read_line("")?;
    ctx.line(format_args!("read {line:?}"))
}
