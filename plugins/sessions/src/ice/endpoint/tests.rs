use super::*;

#[test]
fn what_users_type() {
    let table: &[(&str, Option<&str>, &str)] = &[
        ("localhost", None, "ssl://localhost:4064"),
        ("localhost", Some("14064"), "ssl://localhost:14064"),
        ("localhost", Some("04064"), "ssl://localhost:4064"),
        ("OMERO.example.org", None, "ssl://omero.example.org:4064"),
        ("10.0.0.1", None, "ssl://10.0.0.1:4064"),
        ("under_score", None, "ssl://under_score:4064"),
        ("[::1]", None, "ssl://[::1]:4064"),
        ("[fe80::1%eth0]", Some("1"), "ssl://[fe80::1%eth0]:1"),
        ("ssl://h", None, "ssl://h:4064"),
        ("tcp://h", None, "tcp://h:4063"),
        ("ws://h", None, "ws://h:80/"),
        ("wss://h", None, "wss://h:443/"),
        (
            "wss://h:8443/omero-wss",
            Some("1"),
            "wss://h:8443/omero-wss",
        ),
        ("wss://h/omero-wss", Some("8443"), "wss://h:8443/omero-wss"),
        ("wss://[::1]:444/p?q=1", None, "wss://[::1]:444/p?q=1"),
        ("wss://[::1]", None, "wss://[::1]:443/"),
        ("tcp://h:1/", None, "tcp://h:1"),
        ("WSS://h:443", None, "wss://h:443/"),
        ("WSS://h", None, "wss://h:443/"),
        ("omero.example.org.", None, "ssl://omero.example.org:4064"),
        ("omero-1.web_2", None, "ssl://omero-1.web_2:4064"),
        ("server.1", None, "ssl://server.1:4064"),
        ("beef", None, "ssl://beef:4064"),
        ("127.0.0.1.", None, "ssl://127.0.0.1:4064"),
        ("[fe80::1%25]", None, "ssl://[fe80::1%25]:4064"),
    ];
    for (server, port, expected) in table {
        let parsed = Endpoint::parse(server, *port).map(|endpoint| endpoint.to_string());
        assert_eq!(parsed.as_deref(), Ok(*expected), "{server} {port:?}");
    }
}

#[test]
fn what_is_refused() {
    use EndpointError::*;
    let table: &[(&str, Option<&str>, EndpointError)] = &[
        ("foo://h", None, PortRequired("foo".into())),
        ("foo://h:1", None, UnknownScheme("foo".into())),
        ("", None, MissingHost(String::new())),
        ("wss://", None, MissingHost("wss://".into())),
        ("wss://:443", None, MissingHost("wss://:443".into())),
        ("::1", None, BracketsRequired("::1".into())),
        (
            "fe80::1234",
            Some("4064"),
            BracketsRequired("fe80::1234".into()),
        ),
        ("wss://::1", None, BracketsRequired("::1".into())),
        ("[::1", None, InvalidHost("[::1".into())),
        ("[localhost]", None, InvalidHost("[localhost]".into())),
        ("[fe80::1%]", None, InvalidHost("[fe80::1%]".into())),
        ("wss://u@h", None, UserInUrl),
        ("wss://u:p@h", None, UserInUrl),
        ("a..b", None, InvalidHost("a..b".into())),
        ("h..", None, InvalidHost("h..".into())),
        (".h", None, InvalidHost(".h".into())),
        ("h%20", None, InvalidHost("h%20".into())),
        ("\"h\"", None, InvalidHost("\"h\"".into())),
        ("/", None, InvalidHost("/".into())),
        ("a b", None, InvalidHost("a b".into())),
        ("a\r\nX: y", None, InvalidHost("a\r\nX: y".into())),
        ("host:bad_port", None, InvalidHost("host:bad_port".into())),
        ("h", Some("0"), InvalidPort("0".into())),
        ("h", Some("99999"), InvalidPort("99999".into())),
        ("h", Some("+1"), InvalidPort("+1".into())),
        ("wss://h:/", None, InvalidPort(String::new())),
        ("wss://h/a b", None, InvalidPath("/a b".into())),
        ("tcp://h/p", None, InvalidPath("/p".into())),
    ];
    for (server, port, expected) in table {
        assert_eq!(
            Endpoint::parse(server, *port).as_ref(),
            Err(expected),
            "{server} {port:?}"
        );
    }
    assert_eq!(
        Endpoint::parse("foo://h", None).map_err(|e| e.to_string()),
        Err("Port required for protocol: foo".to_owned()),
    );
}

/// Server; a part of the error; a part of the hint.
const INSTEAD: &[(&str, &str, &str)] = &[
    (
        "https://omero.example.org/",
        "'https://omero.example.org/' is a web address, not the address of an OMERO server",
        "write omero.example.org, or wss://omero.example.org/omero-ws if",
    ),
    (
        "HTTPS://h:443/webclient/?a=b",
        "web address",
        "write h, or wss://h/omero-ws if",
    ),
    (
        "http://h:8443",
        "web address",
        "write h, or wss://h:8443/omero-ws if",
    ),
    ("https://", "web address", "write HOST, HOST:PORT or"),
    (
        "https://[::1]/",
        "web address",
        "write [::1], or wss://[::1]/omero-ws if",
    ),
    (
        "htps://h",
        "Port required for protocol: htps",
        "write HOST, HOST:PORT or",
    ),
    (
        "h/omero-ws/",
        "'h/omero-ws/' is not a host name: only ws and wss addresses have a path",
        "write h, or wss://h/omero-ws/ for a WebSocket address",
    ),
    ("h:", "'h:' is not a host name", "write h, or h:PORT with"),
    (
        "büro.example",
        "'büro.example' is not a host name",
        "begins with xn--",
    ),
    (
        "a b",
        "'a b' is not a host name",
        "letters, digits, hyphens",
    ),
    (
        "127.1",
        "'127.1' is not an IPv4 address",
        "write 127.0.0.1 if",
    ),
    ("0x7f.1", "not an IPv4 address", "write 127.0.0.1 if"),
    ("2130706433", "not an IPv4 address", "write 127.0.0.1 if"),
    ("0x7F000001.", "not an IPv4 address", "write 127.0.0.1 if"),
    ("010.0.0.1", "not an IPv4 address", "write 8.0.0.1 if"),
    ("10.1.258", "not an IPv4 address", "write 10.1.1.2 if"),
    ("0", "not an IPv4 address", "write 0.0.0.0 if"),
    ("1.2.3.4.5", "not an IPv4 address", "four numbers"),
    ("300.1.1.1", "not an IPv4 address", "four numbers"),
    ("4294967296", "not an IPv4 address", "four numbers"),
    (
        "wss://0x7f.1/p",
        "not an IPv4 address",
        "write 127.0.0.1 if",
    ),
    (
        "[fe80::1%25eth0]",
        "is not a host name",
        "write [fe80::1%eth0]",
    ),
];

#[test]
fn what_to_write_instead() {
    for (server, text, hint) in INSTEAD {
        let error = Endpoint::parse(server, None).unwrap_err();
        assert!(error.to_string().contains(text), "{server}: {error}");
        let given = error.hint().unwrap_or_default();
        assert!(given.contains(hint), "{server}: {given}");
    }
}

#[test]
fn an_absolute_name_is_looked_up_as_it_is_and_known_without_its_dot() {
    let endpoint = Endpoint::parse("wss://H.example./p", None).unwrap();
    assert_eq!(endpoint.host(), "H.example.");
    assert_eq!(endpoint.certificate_name(), "H.example");
    assert_eq!(endpoint.host_port(), "h.example:443");
}

#[test]
fn parts() {
    let endpoint = Endpoint::parse("wss://[::1]/p", None).unwrap();
    assert_eq!(endpoint.host(), "::1");
    assert_eq!(endpoint.port(), 443);
    assert_eq!(endpoint.path(), "/p");
    assert_eq!(endpoint.host_port(), "[::1]:443");
    assert!(endpoint.scheme().is_encrypted() && endpoint.scheme().is_websocket());
}
