//! A run ends as it would in the host.

use omero_plugin_api::{Error, Kind};

use crate::{Body, harness};

#[test]
fn errors_are_shown_and_have_codes() {
    for (error, code, stderr) in [
        (
            Error::new(504, "No group found").hint("look"),
            504,
            "No group found\n",
        ),
        (Error::new(0, "not so good"), 1, "not so good\n"),
        (Error::silent(3), 3, ""),
        (Error::cancelled(), 1, "Cancelled\n"),
        (Error::of_kind(Kind::OutputClosed, 9, ""), 0, ""),
    ] {
        let outcome = harness(|ctx, _| ctx.session().map(drop))
            .no_session(error.clone())
            .run();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (code, stderr));
        assert_eq!(outcome.hint(), error.hint_text());
    }
}

#[test]
fn usage_errors_and_help_are_claps() {
    let body: Body = |_, _| Ok(());
    let outcome = harness(body).args(["--nonsense"]).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("--nonsense"), "{}", outcome.stderr);
    let outcome = harness(body).args(["--help"]).run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert!(
        outcome.stdout.contains("Usage: omero try"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn a_closed_pipe_ends_the_command_quietly() {
    let body: Body = |ctx, _| {
        for number in 0..1000 {
            ctx.line(number)?;
        }
        ctx.error_line("not reached")
    };
    let outcome = harness(body).output_closes_after(4).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "0\n1\n"));
    assert_eq!(outcome.stderr, "");
}

#[test]
#[should_panic(expected = "the command panicked: index out of bounds")]
fn a_panic_fails_the_test() {
    let body: Body = |ctx, _| {
        let arguments = ctx.arguments();
        ctx.line(arguments[5].display())
    };
    let _ = harness(body).run();
}
