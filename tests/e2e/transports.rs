//! How messages travel: TLS versions, and the URLs that choose a transport.

use omero_tests::server::{Config, Listener, TestServer, Transport};

use crate::stage::{Stage, seed_people};

/// One port for each transport.
const PORTS: [(Transport, u16); 4] = [
    (Transport::Tcp, 4063),
    (Transport::Ssl, 4064),
    (Transport::Ws, 8080),
    (Transport::Wss, 8443),
];

#[test]
fn old_and_new_tls_are_spoken() {
    for only_tls12 in [false, true] {
        let mut config = Config::standard();
        config.tls.only_tls12 = only_tls12;
        let stage = Stage::with(config);
        stage.log_in("root", "omero");
        assert!(stage.run("sessions list").success().contains(" Logged in "));
        stage.run("logout").success();
        assert!(stage.server.sessions().is_empty());
    }
}

#[test]
fn urls_choose_how_messages_travel() {
    let stage = Stage::listening(seed_people(), &PORTS);
    let warning = "omero: warning: the connection to ";
    for (url, port, open) in [
        ("tcp://servername", 4063, true),
        ("ssl://servername", 4064, false),
        ("ws://servername:8080/omero-ws", 8080, true),
        ("wss://servername:8443/omero-ws", 8443, false),
        ("wss://servername:8443", 8443, false),
    ] {
        let output = stage
            .run(&format!("login username@{url} -w secret"))
            .expect_code(0);
        let shown = url.replace("servername", &stage.host);
        // A port at the very end is a port; one before a path is part of the URL.
        let host = shown.strip_suffix(":8443").unwrap_or(&shown);
        assert!(
            output.stderr.contains(&format!("(username@{host}:{port})")),
            "{url}: {output:?}"
        );
        assert_eq!(output.stderr.contains(warning), open, "{url}: {output:?}");
        let output = stage.run("login").expect_code(0);
        assert!(
            output.stderr.contains("Using session "),
            "{url}: {output:?}"
        );
        let file = stage.run("sessions file").success();
        let encoded = host.replace(':', "%3A").replace('/', "%2F");
        assert!(
            file.contains(&format!("/{encoded}/username/")),
            "{url}: {file}"
        );
        assert!(
            stage
                .run("sessions list")
                .success()
                .contains(&format!(" {shown} ")),
            "{url}"
        );
        let key = stage.key();
        stage
            .run(&format!("login {url} -k {key}"))
            .expect_code(0)
            .success();
        assert_eq!(stage.run("sessions logout").success(), "");
        assert!(!std::path::Path::new(file.trim()).exists(), "{url}");
        assert!(stage.server.sessions().is_empty(), "{url}");
        let output = stage
            .run(&format!("login -q username@{url} -w secret"))
            .expect_code(0);
        assert_eq!(output.stderr, "", "{url}");
        assert_eq!(
            stage.run("sessions clear").success(),
            "1 session(s) cleared\n"
        );
        assert!(stage.server.sessions().is_empty(), "{url}");
    }
}

#[test]
fn the_wrong_protocol_at_a_port_is_told_as_such() {
    let stage = Stage::listening(seed_people(), &PORTS);
    for url in [
        "tcp://servername:4064",
        "ssl://servername:4063",
        "ws://servername:4063",
        "wss://servername:4064",
        "ssl://servername:8080",
    ] {
        let output = stage
            .run(&format!("login -q username@{url} -w secret"))
            .expect_code(44);
        assert_eq!(output.stderr.lines().count(), 1, "{url}: {output:?}");
        assert!(
            output
                .stderr
                .starts_with("InternalException: Failed to connect: "),
            "{output:?}"
        );
    }
}

#[test]
fn every_address_of_a_name_is_tried() {
    let stage = Stage::new();
    // `localhost` is [::1] and 127.0.0.1 on most machines; the server listens at the second one.
    let mut config = Config::standard();
    config.listeners = vec![Listener::local(Transport::Ssl, 0)];
    let server = TestServer::start(config).unwrap();
    let port = server.port(Transport::Ssl);
    let output = stage.run(&format!("login root@localhost:{port} -w omero"));
    let output = output.expect_code(0);
    assert!(
        output.stderr.contains(&format!("(root@localhost:{port})")),
        "{output:?}"
    );
    stage.run("logout").success();
    assert!(server.sessions().is_empty());
}
