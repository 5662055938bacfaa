//! WebSocket connections through HTTP proxies.

use std::{thread, time::Duration};

use omero_tests::{
    proxy::{Manner, TestProxy},
    server::{Config, Transport},
};

use crate::stage::Stage;

const PORTS: [(Transport, u16); 3] = [
    (Transport::Ssl, 4064),
    (Transport::Ws, 8080),
    (Transport::Wss, 8443),
];

/// A name that no resolver knows: only a proxy can lead there.
const LOGIN: &str = "login root@wss://omero.invalid/omero-ws -w geheim";

fn stage() -> Stage {
    let mut config = Config::standard();
    config.users[0].password = "geheim".to_owned();
    Stage::listening(config, &PORTS)
}

fn to(stage: &Stage, port: u16) -> Manner {
    Manner::Connect((stage.address(), port).into())
}

#[test]
fn a_proxy_leads_to_the_server_whose_name_and_certificate_count() {
    let mut stage = stage();
    let proxy = TestProxy::start(to(&stage, 8443)).unwrap();
    let url = format!("http://us%40er:pa%3Ass@{}", proxy.address());
    stage.sandbox.set("HTTPS_PROXY", url);
    let output = stage.run(&format!("-d1 {LOGIN}")).expect_code(0);
    let place = "(root@wss://omero.invalid/omero-ws:443)";
    assert!(output.stderr.contains(place), "{output:?}");
    let through = format!("through the proxy {} (HTTPS_PROXY)", proxy.address());
    assert!(output.stderr.contains(&through), "{output:?}");
    for secret in ["pa:ss", "pa%3Ass", "dXNAZXI6cGE6c3M="] {
        assert!(!output.stderr.contains(secret), "{output:?}");
    }
    let request = proxy.requests().first().cloned().unwrap_or_default();
    assert!(
        request.starts_with("CONNECT omero.invalid:443 HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("\r\nProxy-Authorization: Basic dXNAZXI6cGE6c3M=\r\n"),
        "{request}"
    );
    // What is remembered belongs to the server.
    let known = stage.run("sessions server list").success();
    assert!(
        known.contains("omero.invalid:443") && !known.contains("127.0.0.1"),
        "{known}"
    );
    assert!(stage.run("sessions list").success().contains(" Logged in "));
    // A proxy that leads elsewhere is found out before anything is sent.
    let logins = stage.server.events().logins.len();
    stage
        .server
        .replace_certificate(&Config::standard().tls)
        .unwrap();
    let output = stage.run(&format!("{LOGIN} -C")).expect_code(44);
    assert!(output.stderr.contains("omero.invalid:443"), "{output:?}");
    assert_eq!(stage.server.events().logins.len(), logins);
}

/// User and password in the variable; what the proxy does; what is said of it.
fn refusals() -> Vec<(&'static str, Manner, &'static str)> {
    let say = |text: &str| Manner::Say(text.as_bytes().to_vec());
    vec![
        (
            "",
            say("HTTP/1.1 407 Authentication\r\n\r\n"),
            "asks for a user and a password (HTTP 407)",
        ),
        (
            "u:verborgen@",
            say("HTTP/1.1 407 No\r\n\r\n"),
            "refuses the user or password in HTTPS_PROXY",
        ),
        (
            "",
            say("HTTP/1.1 403 Forbidden\r\n\r\n"),
            "does not allow connections to omero.invalid:443",
        ),
        (
            "",
            say("HTTP/1.0 502 Bad Gateway\r\n\r\n"),
            "cannot reach omero.invalid:443 (HTTP 502)",
        ),
        (
            "",
            say("HTTP/1.1 301 Moved\r\n\r\n"),
            "refuses the connection to omero.invalid:443 (HTTP 301)",
        ),
        (
            "",
            say("HTTP/1.1 200 OK\r\n\r\n"),
            "opened a connection to omero.invalid:443, which then broke",
        ),
        (
            "",
            say("SSH-2.0-OpenSSH_9.2\r\n"),
            "gave an answer that is not HTTP",
        ),
        ("", say("HTTP/1.1 20"), "broke the connection"),
        (
            "",
            say(&format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(20_000))),
            "gave an answer without an end",
        ),
        ("u:verborgen@", Manner::Silence, "gave no answer within"),
    ]
}

#[test]
fn each_way_of_refusing_is_said_to_be_the_proxys() {
    let mut stage = stage();
    let proxy = TestProxy::start(Manner::Silence).unwrap();
    let address = proxy.address();
    for (user, manner, words) in refusals() {
        proxy.set(manner);
        stage
            .sandbox
            .set("HTTPS_PROXY", format!("http://{user}{address}"));
        let output = stage.run(LOGIN).expect_code(44);
        let expected = format!("the proxy {address} (HTTPS_PROXY) {words}");
        assert!(output.stderr.contains(&expected), "{expected}: {output:?}");
        assert!(
            output
                .stderr
                .contains("omero: hint: name the server in NO_PROXY"),
            "{output:?}"
        );
        for secret in ["geheim", "verborgen"] {
            assert!(!output.stderr.contains(secret), "{output:?}");
        }
    }
    assert_eq!(stage.server.events().logins, []);
}

#[test]
fn what_names_no_proxy_is_said_to_do_so() {
    let mut stage = stage();
    for (value, words) in [
        (
            "http://127.0.0.1:1",
            "the proxy 127.0.0.1:1 (HTTPS_PROXY) refuses connections",
        ),
        (
            "http://proxy.invalid:3128",
            "the proxy proxy.invalid:3128 (HTTPS_PROXY) cannot be found",
        ),
        (
            "socks5h://u:verborgen@127.0.0.1:1",
            "HTTPS_PROXY names a SOCKS proxy",
        ),
        (
            "http://u:verborgen@:x",
            "HTTPS_PROXY is not the address of an HTTP proxy",
        ),
    ] {
        stage.sandbox.set("HTTPS_PROXY", value);
        let output = stage.run(LOGIN).expect_code(44);
        assert!(output.stderr.contains(words), "{value}: {output:?}");
        assert!(!output.stderr.contains("verborgen"), "{output:?}");
    }
    assert_eq!(stage.server.events().logins, []);
}

#[test]
fn a_proxy_can_be_spoken_to_over_tls_once_it_is_accepted() {
    let mut stage = stage();
    let proxy = TestProxy::start_with_tls(to(&stage, 8443)).unwrap();
    let address = proxy.address();
    stage
        .sandbox
        .set("ALL_PROXY", format!("https://u:verborgen@{address}"));
    // It gets a password of its own, so it is never trusted only because it is new.
    let output = stage.run(LOGIN).expect_code(44);
    let words = format!("the proxy {address} (ALL_PROXY) cannot be used");
    assert!(output.stderr.contains(&words), "{output:?}");
    assert_eq!(proxy.requests(), [""; 0]);
    let fingerprint = output
        .stderr
        .split_whitespace()
        .find(|word| word.starts_with("SHA256:"));
    let fingerprint = fingerprint
        .unwrap()
        .trim_matches(|c: char| !c.is_ascii_hexdigit() && c != 'S');
    stage
        .run(&format!("sessions server accept {address} {fingerprint}"))
        .expect_code(0)
        .and_no_more();
    stage.run(LOGIN).expect_code(0).and_no_more();
    assert!(stage.run("group list").success().contains("my_group"));
    assert_eq!(proxy.requests().len(), 2);
}

#[test]
fn some_servers_are_reached_without_a_proxy() {
    let mut stage = stage();
    let proxy = TestProxy::start(to(&stage, 8080)).unwrap();
    let url = format!("http://{}", proxy.address());
    // `ssl` addresses, and this computer.
    stage.sandbox.set("ALL_PROXY", &url);
    for server in [
        "servername",
        "wss://servername:8443",
        "ws://servername:8080",
    ] {
        let line = format!("login root@{server} -w geheim");
        stage.run(&line).expect_code(0).and_no_more();
    }
    // An exception: the name is looked up here, where nobody knows it.
    stage.sandbox.set("NO_PROXY", "a, .invalid");
    stage.run(LOGIN).expect_code(43).and_no_more();
    stage.sandbox.unset("NO_PROXY").unset("ALL_PROXY");
    // A server that names CGI variables after headers must not choose the proxy.
    stage.sandbox.set("HTTP_PROXY", &url);
    let line = "login root@ws://omero.invalid -w geheim";
    stage.run(line).expect_code(43).and_no_more();
    assert_eq!(proxy.requests(), [""; 0]);
    stage.sandbox.set("http_proxy", &url);
    stage.run(line).expect_code(0).and_no_more();
    assert_eq!(proxy.requests().len(), 1);
}

#[test]
fn ctrl_c_ends_the_wait_for_a_proxy() {
    let mut stage = stage();
    let proxy = TestProxy::start(Manner::Silence).unwrap();
    stage
        .sandbox
        .set("https_proxy", format!("http://{}", proxy.address()));
    let mut terminal = stage.terminal(LOGIN);
    while proxy.requests().is_empty() {
        thread::sleep(Duration::from_millis(10));
    }
    terminal.interrupt();
    let ended = terminal.finish();
    assert!([1, 130].contains(&ended.code), "{}", ended.screen);
    assert!(!ended.screen.contains("proxy"), "{}", ended.screen);
}
