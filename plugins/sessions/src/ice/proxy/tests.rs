use std::collections::BTreeMap;

use super::*;

fn proxies(variables: &[(&str, &str)]) -> Proxies {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    Proxies::from_environment(|name| variables.get(name).map(Into::into))
}

fn route(variables: &[(&str, &str)], server: &str) -> Result<Option<String>, IceError> {
    let endpoint = Endpoint::parse(server, None).unwrap();
    let route = proxies(variables).route(&endpoint)?;
    Ok(route.map(|proxy| format!("{} {proxy}", proxy.endpoint().scheme().name())))
}

#[test]
fn variables_have_their_order_and_their_schemes() {
    let all = [
        ("https_proxy", "http://a:1"),
        ("HTTPS_PROXY", "http://b:1"),
        ("http_proxy", "http://c:1"),
        ("HTTP_PROXY", "http://d:1"),
        ("all_proxy", "http://e:1"),
        ("ALL_PROXY", "http://f:1"),
    ];
    for (left_out, wss, ws) in [
        (0, Some("a:1 (https_proxy)"), Some("c:1 (http_proxy)")),
        (1, Some("b:1 (HTTPS_PROXY)"), Some("c:1 (http_proxy)")),
        (3, Some("e:1 (all_proxy)"), Some("e:1 (all_proxy)")),
        (5, Some("f:1 (ALL_PROXY)"), Some("f:1 (ALL_PROXY)")),
        (6, None, None),
    ] {
        let with = |scheme: &str| route(&all[left_out..], &format!("{scheme}://h.example/p"));
        let expected = |proxy: Option<&str>| Ok(proxy.map(|proxy| format!("tcp {proxy}")));
        assert_eq!(with("wss"), expected(wss), "{left_out}");
        assert_eq!(with("ws"), expected(ws), "{left_out}");
        assert_eq!(route(&all, "h.example"), Ok(None));
        assert_eq!(route(&all, "tcp://h.example"), Ok(None));
    }
    // `HTTP_PROXY` alone is none, and an empty variable does not hide the next one.
    assert_eq!(route(&[all[3]], "ws://h.example"), Ok(None));
    assert_eq!(
        route(&[("https_proxy", " "), all[1]], "wss://h.example"),
        Ok(Some("tcp b:1 (HTTPS_PROXY)".to_owned()))
    );
}

#[test]
fn proxies_are_named_in_several_ways() {
    for (value, expected) in [
        ("proxy", "tcp proxy:80"),
        ("proxy:3128", "tcp proxy:3128"),
        (" http://Proxy:3128/ ", "tcp proxy:3128"),
        ("HTTP://10.0.0.1:3128/path", "tcp 10.0.0.1:3128"),
        ("https://proxy", "ssl proxy:443"),
        ("http://[2001:db8::1]:3128", "tcp [2001:db8::1]:3128"),
        ("http://user:pass@proxy:3128", "tcp proxy:3128"),
    ] {
        let found = route(&[("ALL_PROXY", value)], "wss://h.example").unwrap();
        assert_eq!(found, Some(format!("{expected} (ALL_PROXY)")), "{value}");
    }
}

#[test]
fn what_is_no_http_proxy_is_refused_without_showing_it() {
    for value in [
        "socks5://user:geheim@proxy:1080",
        "SOCKS5H://proxy:1080/geheim",
        "ftp://geheim@proxy",
        "http://",
        "http://user:ge/heim@proxy:1",
        "http://user:123/geheim@proxy:1",
        "http://user:geheim@",
        "http://proxy:geheim",
        "http://127.1:80",
    ] {
        let error = route(&[("HTTPS_PROXY", value)], "wss://h.example").unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("HTTPS_PROXY "), "{value}: {text}");
        assert!(!text.contains("heim"), "{value}: {text}");
        assert_eq!(
            text.contains("SOCKS"),
            value.to_lowercase().starts_with("socks"),
            "{text}"
        );
        // It does not matter where no proxy is needed.
        assert_eq!(route(&[("HTTPS_PROXY", value)], "h.example"), Ok(None));
    }
}

#[test]
fn credentials_are_sent_decoded_and_never_shown() {
    for (user, plain) in [
        ("user:pass", "user:pass"),
        ("us%40er:pa%3Ass%2F", "us@er:pa:ss/"),
        ("user", "user:"),
        ("user:", "user:"),
        ("a@b:c", "a@b:c"),
    ] {
        let value = format!("http://{user}@proxy:1");
        let all = proxies(&[("https_proxy", &value)]);
        let endpoint = Endpoint::parse("wss://h.example", None).unwrap();
        let proxy = all.route(&endpoint).unwrap().unwrap();
        let request = String::from_utf8(proxy.request("h.example:443").to_vec()).unwrap();
        let code = BASE64.encode(plain.as_bytes());
        assert!(request.starts_with("CONNECT h.example:443 HTTP/1.1\r\nHost: h.example:443\r\n"));
        assert!(request.ends_with(&format!("\r\nProxy-Authorization: Basic {code}\r\n\r\n")));
        let shown = format!("{proxy} {proxy:?} {all:?} {}", proxy.refusal(407, "h:1"));
        assert!(
            !shown.contains(&format!("{user}@")) && !shown.contains(&code),
            "{shown}"
        );
    }
}

/// `NO_PROXY`; servers that are reached directly; servers that are not.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("*", "wss://h.example wss://10.0.0.1", ""),
    (
        "example.org",
        "wss://example.org wss://a.Example.ORG wss://a.example.org.:1",
        "wss://badexample.org wss://example.org.uk",
    ),
    (
        ".example.org",
        "wss://a.example.org wss://example.org",
        "wss://example.com",
    ),
    (
        "*.example.org, b",
        "wss://a.example.org wss://b",
        "wss://ab",
    ),
    (
        "a:443 b:8443",
        "wss://a wss://b:8443",
        "wss://a:8443 wss://b",
    ),
    (
        "10.0.0.1",
        "wss://10.0.0.1",
        "wss://10.0.0.10 wss://110.0.0.1",
    ),
    ("0.0.1", "", "wss://10.0.0.1"),
    ("10.1.0.0/16", "wss://10.1.2.3", "wss://10.2.0.1 wss://h"),
    ("10.1.0.0/0", "wss://192.0.2.1", "wss://[2001:db8::1]"),
    ("10.1.0.0/33,10.1.0.0/x", "", "wss://10.1.0.0"),
    ("192.0.2.1:443", "wss://192.0.2.1", "wss://192.0.2.1:444"),
    (
        "2001:db8::/32",
        "wss://[2001:db8::1]",
        "wss://[2001:db9::1]",
    ),
    (
        "[2001:db8::1]:443",
        "wss://[2001:db8::1]",
        "wss://[2001:db8::1]:1",
    ),
    (
        "",
        "wss://localhost wss://a.localhost wss://127.1.2.3 wss://[::1] wss://[::ffff:127.0.0.1]",
        "wss://h.example",
    ),
];

#[test]
fn some_servers_are_reached_directly() {
    for (exceptions, direct, proxied) in EXCEPTIONS {
        for name in ["no_proxy", "NO_PROXY"] {
            let variables = [("all_proxy", "proxy:1"), (name, *exceptions)];
            for server in direct.split_whitespace() {
                assert_eq!(
                    route(&variables, server),
                    Ok(None),
                    "{exceptions}: {server}"
                );
            }
            for server in proxied.split_whitespace() {
                let found = route(&variables, server);
                assert!(matches!(found, Ok(Some(_))), "{exceptions}: {server}");
            }
        }
    }
}
