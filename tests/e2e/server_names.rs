//! Server names as people paste them: taken as what they mean, or refused before a password is
//! asked for, with what to write instead.

use crate::stage::Stage;

#[test]
fn what_comes_along_with_a_pasted_name_is_taken_off() {
    let stage = Stage::new();
    let host = stage.host.clone();
    for text in [
        format!(" {host} "),
        format!("\t{host}\r\n"),
        format!("{host}/"),
        format!("{host}:4064/"),
        format!("root@ {host}"),
        format!("SSL://{host}"),
    ] {
        for arguments in [
            vec!["login", "-u", "root", "-w", "omero", &text],
            vec!["login", "-u", "root", "-w", "omero", "-s", &text],
        ] {
            let arguments = match text.starts_with("root@") {
                true => arguments
                    .into_iter()
                    .filter(|word| !["-u", "root"].contains(word))
                    .collect(),
                false => arguments,
            };
            let output = stage.sandbox.run(arguments).expect_code(0);
            assert!(
                output.stderr.contains(&format!("{host}:4064")),
                "{output:?}"
            );
        }
    }
    let arguments = [
        "login", "-C", "-w", "omero", "-p", " 4064 ", "-u", "root", "-s", &host,
    ];
    stage.sandbox.run(arguments).expect_code(0).and_no_more();
    // One name, however it was pasted.
    let files = stage.stored();
    let of_other_names = files.keys().filter(|file| {
        !file.starts_with("._") && !file.starts_with(&host) && !file.starts_with("ssl%3A%2F%2F")
    });
    assert_eq!(of_other_names.count(), 0, "{files:?}");
}

/// Server; exit code; a part of the error; a part of the hint.
const REFUSED: &[(&str, u32, &str, &str)] = &[
    (
        "https://h/",
        44,
        "is a web address",
        "write h, or wss://h/omero-ws",
    ),
    (
        "https://h:443/",
        44,
        "is a web address",
        "write h, or wss://h/omero-ws",
    ),
    (
        "HTTP://h/webclient/",
        44,
        "is a web address",
        "write h, or wss://h/omero-ws",
    ),
    (
        "foo://h",
        44,
        "Port required for protocol: foo",
        "write HOST",
    ),
    (
        "h/omero-ws",
        44,
        "only ws and wss addresses have a path",
        "wss://h/omero-ws",
    ),
    ("h:", 44, "'h:' is not a host name", "write h, or h:PORT"),
    ("h:99999", 44, "'99999' is not a port", ""),
    (
        "büro.example",
        44,
        "'büro.example' is not a host name",
        "xn--",
    ),
    (
        "127.1",
        44,
        "'127.1' is not an IPv4 address",
        "write 127.0.0.1 if",
    ),
    (
        "2130706433",
        44,
        "is not an IPv4 address",
        "write 127.0.0.1 if",
    ),
    (
        "[fe80::1%25lo]",
        44,
        "is not a host name",
        "write [fe80::1%lo]",
    ),
    ("h:4064:4064", 2, "has two ports: write h:4064", ""),
    ("::1", 2, "in brackets", ""),
];

#[test]
fn what_is_no_server_is_refused_before_the_password() {
    let stage = Stage::new();
    for (text, code, words, hint) in REFUSED {
        for line in [
            format!("login root@{text}"),
            format!("-s root@{text} sessions who"),
            format!("group list -u root -s {text}"),
        ] {
            let ended = stage.terminal(&line).finish();
            let screen = ended.screen.replace('\n', " ");
            assert_eq!(ended.code, *code, "{line}: {screen}");
            assert!(
                screen.contains(words) && screen.contains(hint),
                "{line}: {screen}"
            );
            assert!(!screen.contains("Password"), "{line}: {screen}");
        }
        // The answer to a question is looked at in the same way.
        let mut terminal = stage.terminal("login");
        terminal.expect("Server: [localhost:4064]");
        terminal.send(text);
        let ended = terminal.finish();
        assert_eq!(ended.code, *code, "{text}: {}", ended.screen);
        assert!(
            !ended.screen.contains("Username"),
            "{text}: {}",
            ended.screen
        );
    }
    for line in ["login root@h -p x", "login -p 99999", "login -k key -p 0"] {
        let ended = stage.terminal(line).finish();
        assert_eq!(ended.code, 44, "{line}: {}", ended.screen);
        assert!(
            ended.screen.contains("is not a port"),
            "{line}: {}",
            ended.screen
        );
        assert!(
            !ended.screen.contains("Server:"),
            "{line}: {}",
            ended.screen
        );
    }
    assert!(stage.stored().is_empty());
}

#[test]
fn passwords_inside_urls_are_refused_and_never_shown() {
    let stage = Stage::new();
    for line in [
        "login wss://root:geheim@h",
        "login -s wss://root:geheim@h:443/omero-ws",
        "login root@wss://h -s wss://root:geheim@h",
        "login wss://root:geheim@h -s wss://root:geheim@h",
        "-d1 login https://root:geheim@h",
        "sessions server accept wss://root:geheim@h",
    ] {
        let output = stage.run(line).expect_code(2);
        assert!(
            output.stderr.contains("a URL cannot hold a password"),
            "{output:?}"
        );
        assert!(output.stderr.contains("write root@"), "{output:?}");
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(!all.contains("geheim"), "{line}: {all}");
    }
    assert!(stage.stored().is_empty());
}
