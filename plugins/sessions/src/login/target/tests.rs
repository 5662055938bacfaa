use super::*;

type Parts<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// Text; then server, user and port.
const TABLE: &[(&str, Parts<'static>)] = &[
    ("", (None, None, None)),
    ("localhost", (Some("localhost"), None, None)),
    (
        "user@localhost:14064",
        (Some("localhost"), Some("user"), Some("14064")),
    ),
    (
        "my.email@example.com@host",
        (Some("host"), Some("my.email@example.com"), None),
    ),
    (
        "user:4@email@host",
        (Some("host"), Some("user:4@email"), None),
    ),
    ("üser-1£@host", (Some("host"), Some("üser-1£"), None)),
    ("@localhost", (Some("@localhost"), None, None)),
    ("@", (Some("@"), None, None)),
    ("@@host", (Some("host"), Some("@"), None)),
    ("user@", (None, Some("user"), None)),
    ("user@:4064", (None, Some("user"), Some("4064"))),
    (":4064", (None, None, Some("4064"))),
    ("host:bad_port", (Some("host:bad_port"), None, None)),
    ("host:", (Some("host:"), None, None)),
    ("host:12323414232", (Some("host:12323414232"), None, None)),
    ("host:123456", (Some("host:123456"), None, None)),
    ("host:٣", (Some("host:٣"), None, None)),
    ("host:0", (Some("host"), None, Some("0"))),
    ("host:99999", (Some("host"), None, Some("99999"))),
    ("host:04064", (Some("host"), None, Some("04064"))),
    ("a@b:1@c:2", (Some("c"), Some("a@b:1"), Some("2"))),
    ("[::1]", (Some("[::1]"), None, None)),
    ("[::1]:4064", (Some("[::1]"), None, Some("4064"))),
    (
        "root@[::1]:4064",
        (Some("[::1]"), Some("root"), Some("4064")),
    ),
    ("[fe80::1%eth0]", (Some("[fe80::1%eth0]"), None, None)),
    ("wss://host", (Some("wss://host"), None, None)),
    (
        "u@wss://host:443",
        (Some("wss://host"), Some("u"), Some("443")),
    ),
    (
        "wss://host:443/path",
        (Some("wss://host:443/path"), None, None),
    ),
    (
        "wss://host/path:443",
        (Some("wss://host/path"), None, Some("443")),
    ),
    (" host ", (Some("host"), None, None)),
    (
        "\troot@host:4064 \r\n",
        (Some("host"), Some("root"), Some("4064")),
    ),
    ("root@ host", (Some("host"), Some("root"), None)),
    ("\u{feff}host\u{200b}\u{a0}", (Some("host"), None, None)),
    (
        "omero.example.org/",
        (Some("omero.example.org"), None, None),
    ),
    ("host:4064//", (Some("host"), None, Some("4064"))),
    ("[::1]:4064/", (Some("[::1]"), None, Some("4064"))),
    ("/", (Some("/"), None, None)),
    ("host/path", (Some("host/path"), None, None)),
    ("WSS://Host", (Some("wss://Host"), None, None)),
    (
        "u@Wss://host:443/",
        (Some("wss://host:443/"), Some("u"), None),
    ),
    ("wss://host/a@b", (Some("wss://host/a@b"), None, None)),
    ("HOST", (Some("HOST"), None, None)),
];

#[test]
fn takes_connection_strings_apart() {
    for (text, (server, user, port)) in TABLE {
        let target = Target::parse(text).unwrap();
        let parts = (
            target.server.as_deref(),
            target.user.as_deref(),
            target.port.as_deref(),
        );
        assert_eq!(parts, (*server, *user, *port), "{text:?}");
    }
}

#[test]
fn refuses_addresses_that_cannot_be_told_from_a_port() {
    for text in ["::1", "fe80::1234", "u@2001:db8::1", "host::", "::"] {
        let error = Target::parse(text).unwrap_err();
        assert!(
            matches!(error, TargetError::Colons(_)),
            "{text:?}: {error:?}"
        );
        assert!(error.to_string().contains("[::1]:4064"), "{error}");
    }
    for text in [
        "[",
        "[]",
        "[host]",
        "[::1",
        "[::1]x",
        "[::1]:x",
        "[1.2.3.4]",
        "[::1%]",
    ] {
        let error = Target::parse(text).unwrap_err();
        assert!(
            matches!(error, TargetError::Brackets(_)),
            "{text:?}: {error:?}"
        );
    }
}

#[test]
fn refuses_users_inside_urls_and_control_characters() {
    let error = Target::parse("wss://u@host:443").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the user belongs before the URL: u@wss://host:443"
    );
    for text in ["ho\nst", "a\nb@host", "host\0", "\u{1b}[2J", "wss://h\tx"] {
        assert!(
            matches!(Target::parse(text), Err(TargetError::Control(_))),
            "{text:?}"
        );
    }
}

#[test]
fn brackets_come_off_for_the_socket() {
    assert_eq!(ipv6("[::1]"), Some("::1"));
    assert_eq!(ipv6("[fe80::1%eth0]"), Some("fe80::1%eth0"));
    for text in ["::1", "host", "[host]", "[::1]:4064"] {
        assert_eq!(ipv6(text), None, "{text}");
    }
}

#[test]
fn refuses_two_ports_and_says_what_to_write() {
    for text in ["host:4064:4064", "root@host:1:4064/"] {
        let error = Target::parse(text).unwrap_err().to_string();
        assert!(error.ends_with("two ports: write host:4064"), "{error}");
    }
}

#[test]
fn passwords_inside_urls_are_refused_and_not_shown() {
    for (text, advice) in [
        ("wss://u:secret@host/p", "write u@wss://host/p,"),
        ("https://u:secret@host", "write u@https://host,"),
        ("root@WSS://u:secret@host:443", "write u@wss://host:443,"),
        ("wss://u:sec/ret@host", "write u@wss://host,"),
        ("wss://u:se@cret@host", "write u@wss://host,"),
        ("wss://u:secret\n@host", "write u@wss://host,"),
        ("wss://:secret@host", "write USER@wss://host,"),
    ] {
        let error = Target::parse(text).unwrap_err().to_string();
        assert!(error.contains(advice), "{text}: {error}");
        for part in ["secret", "sec", "ret@", "cret"] {
            assert!(!error.contains(part), "{text}: {error}");
        }
    }
}
