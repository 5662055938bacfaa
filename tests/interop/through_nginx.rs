//! Our client through a web server that ends TLS and passes WebSocket on to the router.

use std::fs;
use std::path::Path;
use std::process::Command;

use omero_tests::server::{Config, TestServer, Transport};
use tempfile::TempDir;

use super::certificate::Certificate;
use super::peers::{Peer, present};
use super::ports;
use super::process::Daemon;
use super::router::Router;
use super::sandbox::{Client, Sandbox};

const PEERS: &[Peer] = &[Peer::Glacier2, Peer::Nginx, Peer::OmeroPy];

struct Nginx {
    _daemon: Daemon,
    _directory: TempDir,
    port: u16,
}

impl Nginx {
    fn before(router: &Router) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let certificate = Certificate::in_directory(directory.path());
        let [port] = ports::free();
        let upstream = router.port(Transport::Ws);
        let file = directory.path().join("nginx.conf");
        let text = configuration(directory.path(), port, upstream, &certificate);
        fs::write(&file, text).expect("a file");
        let mut command = Command::new(Peer::Nginx.path());
        command.arg("-e").arg("stderr").arg("-c").arg(&file);
        let daemon = Daemon::start(&mut command, || ports::taken(port));
        Self {
            _daemon: daemon,
            _directory: directory,
            port,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("wss://localhost:{}/{path}", self.port)
    }
}

/// One process that stays in the foreground and keeps to its directory. The location is as OMERO's
/// documentation on web sockets sets it up.
fn configuration(directory: &Path, port: u16, upstream: u16, files: &Certificate) -> String {
    let here = directory.display();
    let (certificate, key) = (files.certificate.display(), files.key.display());
    format!(
        "daemon off;\n\
         master_process off;\n\
         pid {here}/nginx.pid;\n\
         events {{ worker_connections 64; }}\n\
         http {{\n\
         access_log off;\n\
         client_body_temp_path {here}/body;\n\
         proxy_temp_path {here}/proxy;\n\
         fastcgi_temp_path {here}/fastcgi;\n\
         uwsgi_temp_path {here}/uwsgi;\n\
         scgi_temp_path {here}/scgi;\n\
         server {{\n\
         listen 127.0.0.1:{port} ssl;\n\
         ssl_certificate {certificate};\n\
         ssl_certificate_key {key};\n\
         location /omero-ws {{\n\
         proxy_pass http://127.0.0.1:{upstream};\n\
         proxy_http_version 1.1;\n\
         proxy_set_header Upgrade $http_upgrade;\n\
         proxy_set_header Connection \"Upgrade\";\n\
         proxy_set_header Host $host;\n\
         }}\n\
         location /refused {{ return 403; }}\n\
         }}\n\
         }}\n"
    )
}

#[test]
fn both_clients_log_in_through_a_path_of_a_web_server() {
    if !present(PEERS) {
        return;
    }
    let server = TestServer::start(Config::behind_router()).expect("a port is free");
    let (router, sandbox) = (Router::before(&server), Sandbox::new());
    let nginx = Nginx::before(&router);
    let url = nginx.url("omero-ws");
    for client in [Client::Theirs, Client::Ours] {
        let login = ["login", "-s", &url, "-u", "root", "-w", "omero"];
        let key = {
            sandbox
                .run(client, &login)
                .success()
                .complains("Created session");
            sandbox.run(client, &["sessions", "key"]).success().line()
        };
        assert!(server.sessions().contains_key(&key));
        let other = client.other();
        sandbox
            .run(other, &["sessions", "list"])
            .success()
            .says(&key)
            .says("Logged in");
        sandbox
            .run(client, &["group", "list"])
            .success()
            .says("my_group");
        sandbox.run(client, &["logout"]).success();
        assert!(server.sessions().is_empty());
    }
}

#[test]
fn a_path_that_is_no_web_socket_is_refused_with_its_status() {
    if !present(PEERS) {
        return;
    }
    let server = TestServer::start(Config::behind_router()).expect("a port is free");
    let (router, sandbox) = (Router::before(&server), Sandbox::new());
    let nginx = Nginx::before(&router);
    for (path, status) in [("refused", "403"), ("nowhere", "404")] {
        let outcome = sandbox.ours(&["login", "-s", &nginx.url(path), "-u", "root", "-w", "omero"]);
        outcome.ends_with(44).complains(status);
    }
    assert!(server.sessions().is_empty());
}
