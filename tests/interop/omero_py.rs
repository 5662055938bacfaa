//! OMERO.py against our test server: what the quick start and all end-to-end tests stand on.

use omero_tests::server::{Config, TestServer, Transport};

use super::peers::{Peer, present};
use super::sandbox::Sandbox;

const PEERS: &[Peer] = &[Peer::OmeroPy];

fn server() -> TestServer {
    TestServer::start(Config::standard()).expect("a port is free")
}

/// Names a listener as the login option `-s` wants it.
pub fn address(transport: Transport, port: u16) -> String {
    match transport {
        Transport::Ssl => format!("localhost:{port}"),
        _ => format!("{transport}://localhost:{port}"),
    }
}

#[test]
fn omero_py_logs_in_over_every_transport() {
    if !present(PEERS) {
        return;
    }
    let (server, sandbox) = (server(), Sandbox::new());
    for transport in Transport::ALL {
        let address = address(transport, server.port(transport));
        let login = ["login", "-s", &address, "-u", "root", "-w", "omero"];
        sandbox
            .theirs(&login)
            .success()
            .complains("Created session for root@")
            .complains("Idle timeout: 10 min. Current group: system");
        let key = sandbox.theirs(&["sessions", "key"]).line();
        assert_eq!(
            server.sessions()[&key].agent.as_deref(),
            Some("OMERO.sessions")
        );
        let list = sandbox.theirs(&["sessions", "list"]).success();
        list.says(&key).says("| Logged in |").says("(1 row)");
        sandbox.theirs(&["logout"]).success();
        assert!(server.sessions().is_empty());
    }
    assert!(server.events().protocol_errors.is_empty());
}

#[test]
fn omero_py_works_in_its_session() {
    if !present(PEERS) {
        return;
    }
    let (server, sandbox) = (server(), Sandbox::new());
    let address = address(Transport::Ssl, server.port(Transport::Ssl));
    let login = ["login", "-s", &address, "-u", "testuser", "-w", "pasw"];
    sandbox.theirs(&login).success();
    let key = sandbox.theirs(&["sessions", "key"]).line();
    let who = sandbox.theirs(&["sessions", "who"]).success();
    who.says("testuser | mygroup")
        .says("(*)")
        .says("OMERO.sessions");
    sandbox
        .theirs(&["sessions", "group", "my_group"])
        .success()
        .says("Group 'mygroup' (id=4) switched to 'my_group' (id=5)");
    assert_eq!(server.sessions()[&key].group, 5);
    sandbox
        .theirs(&["sessions", "group", "my_group"])
        .success()
        .complains("Group 'my_group' (id=5) is already active");
    sandbox
        .theirs(&["group", "list", "--long"])
        .success()
        .says(" 5  | my_group        | rwr---");
    sandbox.theirs(&["sessions", "timeout", "1200"]).success();
    assert_eq!(server.sessions()[&key].time_to_idle, 1_200_000);
    sandbox
        .theirs(&["sessions", "timeout"])
        .success()
        .says("1200.0");
    sandbox.theirs(&["logout"]).success();
    assert!(server.sessions().is_empty());
}

#[test]
fn omero_py_is_refused_in_the_words_of_the_server() {
    if !present(PEERS) {
        return;
    }
    let (server, sandbox) = (server(), Sandbox::new());
    let address = address(Transport::Ssl, server.port(Transport::Ssl));
    let wrong = ["login", "-s", &address, "-u", "test", "-w", "wrong"];
    sandbox
        .theirs(&wrong)
        .ends_with(44)
        .complains("Password check failed for 'test': [id=2]");
    let stranger = [
        "login", "-s", &address, "-u", "test", "-w", "pw", "-g", "mygroup",
    ];
    sandbox
        .theirs(&stranger)
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
        .theirs(&dead)
        .ends_with(11)
        .complains("Bad session key.");
    assert!(server.sessions().is_empty());
}

#[test]
fn omero_py_acts_for_others_and_notices_an_end() {
    if !present(PEERS) {
        return;
    }
    let (server, sandbox) = (server(), Sandbox::new());
    let address = address(Transport::Ssl, server.port(Transport::Ssl));
    let sudo = [
        "login", "--sudo", "root", "-s", &address, "-u", "test", "-w", "omero",
    ];
    sandbox.theirs(&sudo).success().complains("test@localhost");
    let key = sandbox.theirs(&["sessions", "key"]).line();
    let sessions = server.sessions();
    assert_eq!((sessions[&key].owner, sessions[&key].sudoer), (2, Some(0)));
    assert_eq!(
        sessions.len(),
        1,
        "the administrator's own session has been closed"
    );
    server.end_session(&key);
    let list = sandbox
        .theirs(&["sessions", "list", "--no-purge"])
        .success();
    // The state of the current session is always "Logged in"; its group is not known any more.
    list.says(&key).says("| Unknown | ");
    sandbox
        .theirs(&["sessions", "list"])
        .success()
        .says("(0 rows)");
}
