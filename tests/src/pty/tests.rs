use super::*;
use crate::sandbox::Sandbox;

fn script(text: &str, apart: Apart) -> (Sandbox, Terminal) {
    let sandbox = Sandbox::for_program(Path::new("/bin/sh"));
    let terminal = sandbox.terminal_without(["-c", text], apart);
    (sandbox, terminal)
}

#[test]
fn lines_are_typed_and_secrets_are_not_seen() {
    let text = "printf 'Name: '; read n; stty -echo; printf 'Password: '; read p; \
                stty echo; echo; echo \"$n/${#p}\"; exit 3";
    let (_sandbox, mut terminal) = script(text, Apart::Nothing);
    terminal.expect("Name: ");
    terminal.send("ada");
    terminal.expect("Password: ");
    terminal.secret("geheim");
    assert_eq!(terminal.expect("ada/6"), "\n");
    let ended = terminal.finish();
    assert_eq!((ended.code, ended.signal), (3, None));
    assert_eq!(ended.screen, "Name: ada\nPassword: \nada/6\n");
}

#[test]
#[should_panic(expected = "a secret is on the screen")]
fn a_secret_that_is_shown_fails_the_test() {
    let text = "stty -echo; printf 'Password: '; read p; echo $p";
    let (_sandbox, mut terminal) = script(text, Apart::Nothing);
    terminal.expect("Password: ");
    terminal.secret("geheim");
    let _ = terminal.finish();
}

#[test]
fn keys_reach_the_program() {
    let (_sandbox, mut terminal) = script(
        "trap 'echo caught; exit 5' INT; echo on; read x",
        Apart::Nothing,
    );
    terminal.expect("on\n");
    terminal.interrupt();
    assert_eq!(terminal.finish().code, 5);
    let (_sandbox, mut terminal) = script("echo on; cat; echo end", Apart::Nothing);
    terminal.expect("on\n");
    terminal.end_of_input();
    assert!(terminal.finish().screen.ends_with("end\n"));
    let (_sandbox, mut terminal) = script("echo on; exec sleep 100", Apart::Nothing);
    terminal.expect("on\n");
    terminal.interrupt();
    assert!(terminal.finish().signal.is_some());
}

#[test]
fn what_a_program_writes_last_is_never_lost() {
    let long = "x".repeat(100);
    for _ in 0..20 {
        let text = format!("i=0; while [ $i -lt 30 ]; do echo {long}; i=$((i+1)); done; echo last");
        let (_sandbox, mut terminal) = script(&text, Apart::Nothing);
        terminal.expect("\nlast\n");
        let screen = terminal.finish().screen;
        assert_eq!(screen.lines().count(), 31);
        assert!(screen.ends_with("\nlast\n"));
    }
}

#[test]
#[should_panic(expected = "did not appear")]
fn text_of_a_program_that_has_ended_is_not_waited_for() {
    let (_sandbox, mut terminal) = script("echo on", Apart::Nothing);
    terminal.expect("off");
}

#[test]
fn streams_can_be_told_apart() {
    let text = "echo out; echo err >&2; for n in 0 1 2; do [ -t $n ] && echo $n >/dev/tty; done";
    for (apart, elsewhere, here) in [
        (Apart::Nothing, "", "out\nerr\n0\n1\n2\n"),
        (Apart::Stdin, "", "out\nerr\n1\n2\n"),
        (Apart::Stdout, "out\n", "err\n0\n2\n"),
        (Apart::Stderr, "err\n", "out\n0\n1\n"),
    ] {
        let (_sandbox, terminal) = script(text, apart);
        let ended = terminal.finish();
        assert_eq!(
            (ended.apart.as_str(), ended.screen.as_str()),
            (elsewhere, here)
        );
    }
}
