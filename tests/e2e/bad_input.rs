//! What is wrong with the command line or the terminal: one clear sentence, the documented exit
//! code, and nothing lost.

use std::{net::IpAddr, os::unix::ffi::OsStrExt};

use omero_tests::{
    output::Output,
    pty::{Apart, Terminal},
    server::{Config, Listener, TestServer, Transport},
};

use crate::stage::{SERVER, Stage, seed_people};

/// Standard error without the lines that OMERO.py does not have.
fn said(stage: &mut Stage, output: &Output) -> String {
    stage.show(&output.stderr)
}

#[test]
fn three_wrong_passwords_end_the_login() {
    let mut stage = Stage::with(seed_people());
    let mut terminal = stage.terminal("login username@servername");
    for wrong in ["wrong one", "wrong two", "wrong three"] {
        terminal.expect("Password:");
        terminal.secret(wrong);
    }
    let ended = terminal.finish();
    assert_eq!(ended.code, 12, "{}", ended.screen);
    assert_eq!(
        stage.show(&ended.screen),
        "Password:\nPassword check failed for 'username': [id=10]\n\
         Password:\nPassword check failed for 'username': [id=10]\n\
         Password:\n3 incorrect password attempts\n"
    );
    assert!(stage.stored().is_empty() && stage.server.sessions().is_empty());
}

#[test]
fn a_wrong_given_password_counts_and_the_next_ones_are_asked_for() {
    let stage = Stage::with(seed_people());
    let mut terminal = stage.terminal("login username@servername -w wrong -q");
    // `-q` does not hide why another password is asked for.
    terminal.expect("Password check failed for 'username': [id=10]\nPassword:");
    terminal.secret("secret");
    let ended = terminal.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert_eq!(stage.server.sessions().len(), 1);

    let output = stage.run("login -C username@servername -w wrong");
    let output = output.expect_code(44);
    let text = "Password check failed for 'username': [id=10]\n\
                stdin is not a terminal: cannot request password\n";
    assert_eq!(output.stderr_as_omero_py(), text, "{output:?}");
    let hint = "omero: hint: the server refused the password given with -w: correct it\n";
    assert!(output.stderr.ends_with(hint), "{output:?}");
}

#[test]
fn a_wrong_password_of_the_environment_is_said_to_be_wrong() {
    let mut stage = Stage::with(seed_people());
    stage.sandbox.set("OMERO_PASSWORD", "wrong");
    let output = stage.run("login username@servername").expect_code(44);
    let text = "Password check failed for 'username': [id=10]\n\
                stdin is not a terminal: cannot request password\n";
    assert_eq!(output.stderr_as_omero_py(), text, "{output:?}");
    let hint = "omero: hint: the server refused the password in OMERO_PASSWORD: correct it";
    assert!(output.stderr.contains(hint), "{output:?}");
    assert!(!output.stderr.contains("set OMERO_PASSWORD,"), "{output:?}");
    // `-w` goes before the variable, so it is the one that was refused.
    let output = stage
        .run("login username@servername -w wrong")
        .expect_code(44);
    assert!(output.stderr.contains("given with -w"), "{output:?}");
    // Two wrong answers on a terminal later, the command ends as always.
    let mut terminal = stage.terminal("login username@servername");
    for answer in ["wrong one", "wrong two"] {
        terminal.expect("Password check failed for 'username': [id=10]\nPassword:");
        terminal.secret(answer);
    }
    let ended = terminal.finish();
    assert_eq!(ended.code, 12, "{}", ended.screen);
    assert!(!ended.screen.contains("OMERO_PASSWORD"), "{}", ended.screen);

    // An empty variable is none, and one that is no text is not passed over.
    stage.sandbox.set("OMERO_PASSWORD", "");
    let output = stage.run("login username@servername").expect_code(44);
    assert_eq!(
        output.stderr_as_omero_py(),
        "stdin is not a terminal: cannot request password\n"
    );
    assert!(
        output.stderr.contains("set OMERO_PASSWORD, or"),
        "{output:?}"
    );
    let odd = std::ffi::OsStr::from_bytes(b"gehe\xffim");
    stage.sandbox.set("OMERO_PASSWORD", odd);
    let output = stage.run("login username@servername").expect_code(2);
    assert_eq!(
        output.stderr_as_omero_py(),
        "OMERO_PASSWORD is not UTF-8 text\n"
    );
    assert!(stage.stored().is_empty() && stage.server.sessions().is_empty());
}

#[test]
fn an_empty_password_is_asked_for_again() {
    let stage = Stage::with(seed_people());
    let mut terminal = stage.terminal("login username@servername -w wrong");
    terminal.expect("Password:");
    // Empty answers count as no attempt.
    for _ in 0..3 {
        while terminal.echoes() {
            std::thread::yield_now();
        }
        terminal.send("");
        terminal.expect("Input required\nPassword:");
    }
    terminal.secret("wrong too");
    terminal.expect("Password check failed for 'username': [id=10]\nPassword:");
    terminal.secret("secret");
    assert_eq!(terminal.finish().code, 0);
}

#[test]
fn unknown_hosts_and_refused_ports_have_their_own_codes() {
    let mut stage = Stage::new();
    let output = stage.run("login root@no-such-host.invalid -w omero");
    let text = "Ice.DNSException: bad host name: 'no-such-host.invalid'\n";
    assert_eq!(said(&mut stage, &output.expect_code(43)), text);

    let output = stage.run("login root@servername:4 -w omero");
    let text = format!("Ice.ConnectionRefusedException: {SERVER}:4 isn't running\n");
    assert_eq!(said(&mut stage, &output.expect_code(42)), text);
    stage.stop_server();
    let output = stage.run("login root@servername -w omero");
    let text = format!("Ice.ConnectionRefusedException: {SERVER} isn't running\n");
    assert_eq!(said(&mut stage, &output.expect_code(42)), text);
    assert!(stage.stored().is_empty());
}

#[test]
fn ports_that_are_none_are_said_to_be_none() {
    let stage = Stage::new();
    for port in ["0", "99999", "65536", "04x", "-1", ""] {
        let arguments = ["login", "root@h", "-w", "omero", &format!("--port={port}")];
        let output = stage.sandbox.run(arguments).expect_code(44);
        let text = format!("'{port}' is not a port: use a number from 1 to 65535");
        assert!(output.stderr.contains(&text), "{output:?}");
    }
}

#[test]
fn a_bad_key_is_refused_and_never_shown_whole() {
    let stage = Stage::new();
    let key = "01234567-89ab-cdef-0123-456789abcdef";
    for line in [
        format!("login servername -k {key}"),
        format!("-d1 login servername:4064 -k {key}"),
        format!("-s servername sessions login -k {key}"),
    ] {
        let output = stage.run(&line).expect_code(11);
        assert!(
            output.stderr.contains("Bad session key. Cannot join 0123"),
            "{output:?}"
        );
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(!all.contains(key) && !all.contains(&key[9..]), "{all}");
    }
    // What cannot be a key at all never becomes a path.
    stage.sandbox.write("home/omero/outside", "omero.host=x\n");
    for key in ["../../outside", ".hidden", "a/b", "a b", "", "ä"] {
        let arguments = ["login", &stage.host, &format!("--key={key}")];
        let output = stage.sandbox.run(arguments).expect_code(11);
        assert!(output.stderr.starts_with("Bad session key."), "{output:?}");
    }
    assert_eq!(stage.sandbox.read("home/omero/outside"), "omero.host=x\n");
    assert!(stage.stored().is_empty());
}

#[test]
fn nothing_may_be_given_twice() {
    let stage = Stage::new();
    for (line, code, text) in [
        ("login a -s b", 3, "Server specified twice: a and b"),
        (
            "-s same login same",
            3,
            "Server specified twice: same and same",
        ),
        ("login x@a -u y", 4, "Username specified twice: x and y"),
        ("login -s x@a -u x", 4, "Username specified twice: x and x"),
        ("login a:1 -p 2", 5, "Port specified twice: 1 and 2"),
        (
            "-p 4064 sessions login a:4064",
            5,
            "Port specified twice: 4064 and 4064",
        ),
    ] {
        let output = stage.run(line).expect_code(code);
        assert_eq!(output.stderr_as_omero_py(), format!("{text}\n"), "{line}");
    }
    // The same option twice is no contradiction: the later one holds.
    let output = stage.run("-s wrong login -s servername -u root -w omero");
    assert_eq!(output.expect_code(0).stdout, "");
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let stage = Stage::new();
    for (line, code, what) in [
        ("login", 52, "server"),
        ("login -u root -w omero", 52, "server"),
        ("login servername", 52, "username"),
        ("login servername -w omero", 52, "username"),
        ("login root@servername", 44, "password"),
        ("login -k some-key", 52, "server"),
        ("sessions who", 52, "server"),
        ("group list -s servername", 52, "username"),
    ] {
        let output = stage.run(line).expect_code(code);
        let text = format!("stdin is not a terminal: cannot request {what}\n");
        assert_eq!(output.stderr_as_omero_py(), text, "{line}");
        assert_eq!(output.stdout, "", "{line}");

        // The prompts need standard output, too.
        let arguments = stage.arguments(line);
        let terminal = stage.sandbox.terminal_without(arguments, Apart::Stdout);
        let ended = terminal.finish();
        let code = u32::try_from(code).unwrap();
        assert_eq!((ended.code, ended.apart.as_str()), (code, ""), "{line}");
        let text = format!("stdout is not a terminal: cannot request {what}\n");
        assert!(ended.screen.starts_with(&text), "{line}: {}", ended.screen);
    }
}

#[test]
fn cancelling_a_prompt_ends_with_one_word() {
    let stage = Stage::with(seed_people());
    let prompts = [
        ("login", "Server: [localhost:4064]"),
        ("login servername", "Username: [localuser]"),
        ("login username@servername", "Password:"),
        (
            "login --sudo root username@servername",
            "Password for root:",
        ),
    ];
    for (line, prompt) in prompts {
        for end in [Terminal::interrupt, Terminal::end_of_input] {
            let mut terminal = stage.terminal_in_shell(line);
            terminal.expect(prompt);
            while prompt.starts_with("Password") && terminal.echoes() {
                std::thread::yield_now();
            }
            end(&mut terminal);
            let between = terminal.expect("ended with 1\n");
            assert!(between.ends_with("\nCancelled\n"), "{line}: {between:?}");
            assert_eq!(
                between.matches("Cancelled").count(),
                1,
                "{line}: {between:?}"
            );
            assert!(terminal.echoes(), "{line}: the echo is not restored");
            terminal.send("");
            let _ = terminal.finish();
        }
    }
    assert!(stage.stored().is_empty() && stage.server.sessions().is_empty());
}

#[test]
fn connection_strings_that_mean_nothing_are_refused_with_advice() {
    let stage = Stage::new();
    for (text, code, words) in [
        ("root@::1", 2, "write an IPv6 address in brackets"),
        ("root@fe80::1234", 2, "write an IPv6 address in brackets"),
        ("root@[::1", 2, "brackets are for IPv6 addresses"),
        ("root@[host]", 2, "brackets are for IPv6 addresses"),
        (
            "wss://root@h",
            2,
            "the user belongs before the URL: root@wss://h",
        ),
        ("root@a\nb", 2, "control character"),
        ("root@h:", 44, "'h:' is not a host name"),
        ("root@h:port", 44, "'h:port' is not a host name"),
        ("root@h:123456", 44, "'h:123456' is not a host name"),
        ("root@a b", 44, "'a b' is not a host name"),
        ("root@foo://h", 44, "Port required for protocol: foo"),
        ("root@foo://h:1", 44, "unknown protocol 'foo'"),
        ("root@ssl://h/path", 44, "the path '/path' cannot be used"),
        ("root@wss://:443", 44, "no host in the server address"),
        ("root@..", 44, "'..' is not a host name"),
        ("../../x@servername", 2, "../../x"),
        ("._LASTSESS_@servername", 2, "._LASTSESS_"),
    ] {
        let words_of_line = ["login", &text.replace(SERVER, &stage.host), "-w", "omero"];
        let output = stage.sandbox.run(words_of_line).expect_code(code);
        assert!(output.stderr.contains(words), "{text}: {output:?}");
        assert_eq!(output.stdout, "", "{text}");
        let sentences = output.stderr_as_omero_py();
        assert!(sentences.lines().count() <= 1, "{text}: {output:?}");
    }
    assert!(stage.stored().is_empty());
    assert_eq!(stage.server.events().logins, []);
}

#[test]
fn ipv6_addresses_are_given_in_brackets() {
    let stage = Stage::new();
    let mut config = Config::standard();
    config.listeners = vec![Listener {
        transport: Transport::Ssl,
        address: ("::1".parse::<IpAddr>().unwrap(), 0).into(),
    }];
    let Ok(server) = TestServer::start(config) else {
        println!("omero: note: this machine has no [::1]; the test is skipped");
        assert!(std::env::var_os("CI").is_none(), "CI needs [::1]");
        return;
    };
    let port = server.port(Transport::Ssl);
    let output = stage.run(&format!("login root@[::1]:{port} -w omero"));
    let place = format!("(root@[::1]:{port})");
    assert!(output.stderr.contains(&place), "{output:?}");
    let file = stage.run("sessions file").success();
    assert!(file.contains("/%5B%3A%3A1%5D/root/"), "{file}");
    let listing = stage.run("sessions list").success();
    assert!(
        listing.contains(&format!(" [::1]:{port} | root ")),
        "{listing}"
    );
    let output = stage
        .run(&format!("login -s [::1] -p {port} -u root"))
        .expect_code(0);
    assert!(output.stderr.contains("Using session"), "{output:?}");
    assert_eq!(stage.run("logout").success(), "");
    assert!(server.sessions().is_empty());
}

#[test]
fn arguments_that_are_no_text_or_too_long_are_refused() {
    let stage = Stage::new();
    let odd = std::ffi::OsStr::from_bytes(b"root@h\xffst");
    let output = stage.sandbox.run(["login".as_ref(), odd]).expect_code(2);
    assert!(output.stderr.contains("is not UTF-8 text"), "{output:?}");
    let long = "x".repeat(5000);
    for line in [
        format!("login {long}@servername -w x"),
        format!("login root@{long} -w x"),
    ] {
        let output = stage.run(&line);
        assert!([2, 44].contains(&output.code), "{}", output.code);
        assert_eq!(output.stderr_as_omero_py().lines().count(), 1, "{output:?}");
    }
    assert!(stage.stored().is_empty());
}
