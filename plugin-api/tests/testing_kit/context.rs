//! What a command meets is what the test prepared.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use omero_plugin_api::{
    Stream,
    session::SessionInfo,
    testing::{FakeSession, Harness},
};

use crate::{Body, command, harness};

#[test]
fn arguments_and_options() {
    let body: Body = |ctx, matches| {
        let words: Vec<_> = matches
            .get_many::<String>("word")
            .unwrap_or_default()
            .collect();
        assert_eq!((words.len(), ctx.program().as_str()), (2, "omero try"));
        assert_eq!(ctx.arguments(), ["a", "b"]);
        assert!(ctx.quiet() && ctx.debug_level() == 3);
        ctx.note("hidden by -q");
        ctx.debug(3, "shown");
        ctx.debug(4, "not shown");
        let options = ctx.login_options();
        assert_eq!(
            (options[0].name.as_str(), options[0].value.expose()),
            ("server", "host")
        );
        Ok(())
    };
    let run = harness(body)
        .args(["a", "b"])
        .quiet()
        .debug(3)
        .login_option("server", "host");
    let outcome = run.run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert_eq!(outcome.debug, [(3, "shown".to_owned())]);
}

#[test]
fn environment_configuration_and_data() {
    let body: Body = |ctx, _| {
        assert_eq!(ctx.environment("HOME").unwrap(), "/home/ada");
        assert_eq!(ctx.environment("PATH"), None);
        assert_eq!(ctx.configuration("try.rows")?, Some(5));
        assert_eq!(ctx.configuration::<String>("try.name")?, None);
        assert_eq!(ctx.data_directory()?.to_str(), Some("/data"));
        ctx.configuration::<String>("try.rows").map(drop)
    };
    let outcome = harness(body)
        .environment("HOME", "/home/ada")
        .configuration("try.rows", "5")
        .data_directory("/data")
        .run();
    assert_eq!(outcome.code, 78, "a number is no text");
    assert!(outcome.stderr.contains("`try.rows`"));
}

#[test]
fn the_user_types() {
    let body: Body = |ctx, _| {
        assert!(ctx.is_terminal(Stream::Input) && !ctx.is_terminal(Stream::Output));
        assert_eq!(ctx.read_line("Username: ")?.as_deref(), Some("ada"));
        assert_eq!(ctx.read_secret("Password:")?.unwrap().expose(), "secret");
        assert_eq!(ctx.read_line("Again: ")?, None);
        assert_eq!(ctx.read_line("Still: ")?, None);
        Ok(())
    };
    let outcome = harness(body)
        .terminal(Stream::Input)
        .types("ada")
        .types("secret")
        .run();
    assert_eq!(
        outcome.prompts,
        ["Username: ", "Password:", "Again: ", "Still: "]
    );
}

#[test]
fn the_user_gives_up() {
    let body: Body = |ctx, _| ctx.read_line("Name: ").map(drop);
    let outcome = harness(body).interrupts().types("never read").run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, "Cancelled\n"));
}

#[test]
fn cancelling_wakes_at_once() {
    let body: Body = |ctx, _| {
        let woken = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&woken);
        let guard = ctx.on_cancel(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        drop(guard);
        ctx.line(format_args!(
            "{} {}",
            ctx.cancelled(),
            woken.load(Ordering::Relaxed)
        ))
    };
    assert_eq!(harness(body).run().stdout, "false 0\n");
    assert_eq!(harness(body).cancelled().run().stdout, "true 1\n");
}

#[test]
fn a_session() {
    let body: Body = |ctx, _| {
        let session = ctx.session()?;
        session.keep_alive()?;
        let progress = ctx.progress("Working");
        progress.set(1, 2);
        progress.label("Still working");
        writeln!(
            ctx.out(),
            "{} {}",
            session.info().user,
            session.key().expose()
        )?;
        ctx.err().write_all(b"done\n").map_err(Into::into)
    };
    let info = SessionInfo {
        user: "ada".to_owned(),
        ..SessionInfo::default()
    };
    let server = FakeSession::new().info(info).key("a-key");
    let outcome = Harness::new(command, body).session(server).run();
    assert_eq!(
        (outcome.stdout.as_str(), outcome.stderr.as_str()),
        ("ada a-key\n", "done\n")
    );
    assert_eq!(outcome.calls[0].operation, "keepAlive");
}

#[test]
fn other_commands() {
    let body: Body = |ctx, _| {
        let code = ctx.invoke(["sessions", "list"])?;
        ctx.line(code)
    };
    let outcome = harness(body).command(&["sessions", "list"], 7).run();
    assert_eq!(outcome.stdout, "7\n");
    assert_eq!(outcome.invocations, [["sessions", "list"]]);
}
