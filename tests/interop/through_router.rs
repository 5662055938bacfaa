//! Our client through ZeroC's router, which is stricter than a test server of our own: it drops
//! connections that break its rules, forwards only what its routing table has, and cuts the types
//! of exceptions that it does not know.

use omero_tests::server::{Config, TestServer, Transport};
use omero_tests::waiting::eventually;

use super::omero_py::address;
use super::peers::{Peer, present};
use super::router::Router;
use super::sandbox::Sandbox;

const PEERS: &[Peer] = &[Peer::Glacier2];

fn set_up() -> (TestServer, Router, Sandbox) {
    let server = TestServer::start(Config::behind_router()).expect("a port is free");
    let router = Router::before(&server);
    (server, router, Sandbox::new())
}

#[test]
fn every_transport_of_the_router_is_served() {
    if !present(PEERS) {
        return;
    }
    let (server, router, sandbox) = set_up();
    for transport in Transport::ALL {
        let address = address(transport, router.port(transport));
        let login = ["login", "-s", &address, "-u", "root", "-w", "omero"];
        sandbox
            .ours(&login)
            .success()
            .complains("Created session")
            .complains("Current group: system");
        let key = sandbox.ours(&["sessions", "key"]).line();
        eventually("the session outlives its connection", || {
            let sessions = server.sessions();
            sessions
                .get(&key)
                .is_some_and(|session| session.references == 0)
        });
        let list = sandbox.ours(&["sessions", "list"]).success();
        list.says(&key).says("| Logged in |").says("(1 row)");
        sandbox.ours(&["logout"]).success();
        assert!(server.sessions().is_empty());
    }
    let events = server.events();
    assert!(
        events.protocol_errors.is_empty(),
        "{:?}",
        events.protocol_errors
    );
    assert!(
        events.calls.iter().all(|call| call.encoding == (1, 1)),
        "{:#?}",
        events.calls
    );
}

#[test]
fn both_versions_of_tls_are_spoken() {
    if !present(PEERS) {
        return;
    }
    let server = TestServer::start(Config::behind_router()).expect("a port is free");
    let sandbox = Sandbox::new();
    for version in ["tls1_2", "tls1_3"] {
        let router = Router::with(&server, &format!("IceSSL.Protocols={version}\n"));
        for transport in [Transport::Ssl, Transport::Wss] {
            let address = address(transport, router.port(transport));
            let login = ["login", "-C", "-s", &address, "-u", "root", "-w", "omero"];
            sandbox.ours(&login).success().complains("Created session");
        }
    }
}

/// The ciphers that OMERO sets by default need no certificate and protect from nobody who stands
/// in between. They are not spoken; the sentence has to say more than that something failed.
#[test]
fn servers_without_certificate_are_refused_with_a_reason() {
    if !present(PEERS) {
        return;
    }
    let server = TestServer::start(Config::behind_router()).expect("a port is free");
    let sandbox = Sandbox::new();
    let anonymous = "IceSSL.CertFile=\nIceSSL.KeyFile=\nIceSSL.Ciphers=ADH:@SECLEVEL=0\n\
                     IceSSL.Protocols=tls1_2\n";
    let router = Router::with(&server, anonymous);
    let address = address(Transport::Ssl, router.port(Transport::Ssl));
    let login = ["login", "-s", &address, "-u", "root", "-w", "omero"];
    sandbox
        .ours(&login)
        .ends_with(44)
        .complains("needs TLS 1.2 or 1.3 and a certificate");
}

#[test]
fn commands_work_through_the_router() {
    if !present(PEERS) {
        return;
    }
    let (server, router, sandbox) = set_up();
    let address = address(Transport::Ssl, router.port(Transport::Ssl));
    let login = ["login", "-s", &address, "-u", "testuser", "-w", "pasw"];
    sandbox.ours(&login).success();
    let key = sandbox.ours(&["sessions", "key"]).line();
    sandbox.ours(&["group", "list"]).success().says("my_group");
    let who = sandbox.ours(&["sessions", "who"]).success();
    who.says("testuser | mygroup").says("(*)");
    sandbox
        .ours(&["sessions", "group", "my_group"])
        .success()
        .says("Group 'mygroup' (id=4) switched to 'my_group' (id=5)");
    sandbox.ours(&["sessions", "timeout", "1200"]).success();
    assert_eq!(server.sessions()[&key].time_to_idle, 1_200_000);
    sandbox
        .ours(&["sessions", "timeout"])
        .success()
        .says("1200.0");
    let sudo = [
        "login", "-C", "--sudo", "root", "-s", &address, "-u", "test", "-w", "omero",
    ];
    sandbox.ours(&sudo).success();
    let other = sandbox.ours(&["sessions", "key"]).line();
    assert_eq!(server.sessions()[&other].sudoer, Some(0));
    sandbox
        .ours(&["sessions", "list"])
        .success()
        .says("(2 rows)");
    sandbox.ours(&["logout"]).success();
    assert_eq!(server.sessions().into_keys().collect::<Vec<_>>(), [key]);
}

#[test]
fn refusals_keep_their_words_and_types() {
    if !present(PEERS) {
        return;
    }
    let (server, router, sandbox) = set_up();
    let address = address(Transport::Ssl, router.port(Transport::Ssl));
    let wrong = ["login", "-s", &address, "-u", "test", "-w", "wrong"];
    sandbox
        .ours(&wrong)
        .ends_with(44)
        .complains("Password check failed for 'test': [id=2]");
    let stranger = [
        "login", "-s", &address, "-u", "test", "-w", "pw", "-g", "mygroup",
    ];
    sandbox
        .ours(&stranger)
        .ends_with(45)
        .complains("User 2 is not a member of group 4 and cannot login");
    let dead = [
        "login",
        "-s",
        &address,
        "-k",
        "22fccb8b-d04c-49ec-9d52-116a163728ca",
    ];
    sandbox
        .ours(&dead)
        .ends_with(11)
        .complains("Bad session key.");
    assert!(server.sessions().is_empty());
}

#[test]
fn an_ended_session_is_noticed_and_forgotten() {
    if !present(PEERS) {
        return;
    }
    let (server, router, sandbox) = set_up();
    let address = address(Transport::Ssl, router.port(Transport::Ssl));
    let login = ["login", "-s", &address, "-u", "root", "-w", "omero"];
    sandbox.ours(&login).success();
    let key = sandbox.ours(&["sessions", "key"]).line();
    server.end_session(&key);
    let list = sandbox.ours(&["sessions", "list", "--no-purge"]).success();
    list.says(&key).says("Password check failed for");
    sandbox
        .ours(&["sessions", "list"])
        .success()
        .says("(0 rows)");
    sandbox.ours(&login).success().complains("Created session");
    let new = sandbox.ours(&["sessions", "key"]).line();
    assert_ne!(key, new);
}

/// The router counts a client as gone only when its session proxy has been destroyed; a session
/// that was made for one command must not stay behind.
#[test]
fn clients_leave_nothing_behind() {
    if !present(PEERS) {
        return;
    }
    let (server, router, sandbox) = set_up();
    let address = address(Transport::Tcp, router.port(Transport::Tcp));
    let login = ["login", "-s", &address, "-u", "root", "-w", "omero"];
    sandbox.ours(&login).success();
    for words in [["sessions", "list"], ["group", "list"], ["sessions", "who"]] {
        sandbox.ours(&words).success();
    }
    let made = |name: &str| server.events().count(name);
    eventually("every client of the router has been destroyed", || {
        made("create") == made("destroy") && made("create") >= 4
    });
}

/// The smallest table in which a session with its two services fits: whatever a command needs
/// beyond that makes the router forget one of them.
#[test]
fn a_table_of_three_objects_is_enough() {
    if !present(PEERS) {
        return;
    }
    let server = TestServer::start(Config::behind_router()).expect("a port is free");
    let sandbox = Sandbox::new();
    let log = sandbox.path("router.log");
    let more = format!(
        "Glacier2.RoutingTable.MaxSize=3\nGlacier2.Trace.RoutingTable=2\nIce.LogFile={}\n",
        log.display()
    );
    let router = Router::with(&server, &more);
    let address = address(Transport::Ssl, router.port(Transport::Ssl));
    let login = ["login", "-s", &address, "-u", "root", "-w", "omero"];
    sandbox.ours(&login).success();
    for words in [
        &["sessions", "who"][..],
        &["group", "list"],
        &["sessions", "timeout", "900"],
        &["sessions", "group", "my_group"],
        &["sessions", "open", "--user-name", "test"],
        &["group", "listusers", "my_group"],
        &["sessions", "who"],
        &["logout"],
    ] {
        sandbox.ours(words).success();
    }
    let log = std::fs::read_to_string(log).expect("the router writes its log");
    assert!(log.contains("evict"), "nothing had to make room: {log}");
}

/// A router without its back end refuses everybody in its own words. That is no reason to forget
/// a session: the server may be back in a minute, and the session with it.
#[test]
fn a_router_without_back_end_costs_nobody_a_session() {
    if !present(PEERS) {
        return;
    }
    let (server, router, sandbox) = set_up();
    let address = address(Transport::Ssl, router.port(Transport::Ssl));
    let login = ["login", "-s", &address, "-u", "root", "-w", "omero"];
    sandbox.ours(&login).success();
    let key = sandbox.ours(&["sessions", "key"]).line();
    drop(server);
    sandbox.ours(&["sessions", "list"]).success();
    assert_eq!(sandbox.ours(&["sessions", "key"]).line(), key);
    let file = sandbox.ours(&["sessions", "file"]).line();
    assert!(std::path::Path::new(&file).is_file());
    sandbox
        .ours(&["login", "-C", "-s", &address, "-u", "root", "-w", "omero"])
        .ends_with(44)
        .complains("internal server error");
}
