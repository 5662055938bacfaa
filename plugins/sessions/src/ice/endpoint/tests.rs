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
        ("WSS://h", None, PortRequired("WSS".into())),
        ("foo://h:1", None, UnknownScheme("foo".into())),
        ("http://h", Some("80"), UnknownScheme("http".into())),
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
        ("wss://u@h", None, InvalidHost("u@h".into())),
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

#[test]
fn parts() {
    let endpoint = Endpoint::parse("wss://[::1]/p", None).unwrap();
    assert_eq!(endpoint.host(), "::1");
    assert_eq!(endpoint.port(), 443);
    assert_eq!(endpoint.path(), "/p");
    assert_eq!(endpoint.host_port(), "[::1]:443");
    assert!(endpoint.scheme().is_encrypted() && endpoint.scheme().is_websocket());
}
