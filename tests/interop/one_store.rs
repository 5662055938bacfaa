//! Both clients in one session directory, in turn: what one writes, the other reads and keeps.

use omero_tests::server::{Config, TestServer, Transport};

use super::omero_py::address;
use super::peers::{Peer, present};
use super::sandbox::{Client, Sandbox};

const PEERS: &[Peer] = &[Peer::OmeroPy];
const BOTH: [Client; 2] = [Client::Ours, Client::Theirs];

/// One key per login, so that two stores can be compared byte by byte.
const KEYS: [&str; 2] = [
    "22fccb8b-d04c-49ec-9d52-116a163728ca",
    "1f800a16-1dc2-407a-8a85-fb44005306be",
];

fn server() -> TestServer {
    let mut config = Config::standard();
    config.session_uuids = KEYS.map(String::from).to_vec();
    TestServer::start(config).expect("a port is free")
}

fn log_in(sandbox: &Sandbox, client: Client, server: &TestServer, more: &[&str]) {
    let address = address(Transport::Ssl, server.port(Transport::Ssl));
    let mut words = vec!["login", "-s", &address];
    words.extend(more);
    sandbox.run(client, &words).success();
}

#[test]
fn each_uses_what_the_other_stored() {
    if !present(PEERS) {
        return;
    }
    for writer in BOTH {
        let (server, sandbox, reader) = (server(), Sandbox::new(), writer.other());
        log_in(&sandbox, writer, &server, &["-u", "testuser", "-w", "pasw"]);
        for words in [["sessions", "key"], ["sessions", "file"]] {
            let written = sandbox.run(writer, &words).success();
            let read = sandbox.run(reader, &words).success();
            assert_eq!(written.out, read.out, "{words:?}");
        }
        assert_eq!(sandbox.run(reader, &["sessions", "key"]).line(), KEYS[0]);
        let list = sandbox.run(reader, &["sessions", "list"]).success();
        list.says(KEYS[0]).says("| Logged in |").says("(1 row)");
        let using = sandbox.run(reader, &["login"]).success();
        using.complains("Using session");
        sandbox
            .run(reader, &["sessions", "group", "5"])
            .success()
            .says("Group 'mygroup' (id=4) switched to 'my_group' (id=5)");
        sandbox
            .run(writer, &["login"])
            .success()
            .complains("Using session")
            .complains("Current group: my_group");
        sandbox.run(reader, &["logout"]).success();
        assert!(
            server.sessions().is_empty(),
            "{reader:?} ended it on the server"
        );
        let none = sandbox.run(writer, &["sessions", "key"]).success();
        assert_eq!(none.out, "");
        let list = sandbox.run(writer, &["sessions", "list"]).success();
        list.says("(0 rows)");
    }
}

/// The same steps by either client leave the same bytes.
#[test]
fn both_write_the_same_bytes() {
    if !present(PEERS) {
        return;
    }
    let logins: [&[&str]; 3] = [
        &["-u", "testuser", "-w", "pasw"],
        &["-u", "testuser", "-w", "pasw", "-g", "my_group"],
        &["-u", "root", "-w", "omero", "-t", "900", "-C"],
    ];
    for login in logins {
        let stores = BOTH.map(|client| {
            let (server, sandbox) = (server(), Sandbox::new());
            log_in(&sandbox, client, &server, login);
            let port = server.port(Transport::Ssl).to_string();
            let after_login = normal(sandbox.stored(), &port);
            sandbox.run(client, &["logout"]).success();
            (after_login, normal(sandbox.stored(), &port))
        });
        assert!(
            stores[0].0.len() >= 5,
            "a session and four pointers: {stores:#?}"
        );
        assert_eq!(stores[0].0, stores[1].0, "after {login:?}");
        assert_eq!(stores[0].1, stores[1].1, "logged out after {login:?}");
    }
}

/// Two servers have two ports, and that is all that may differ.
fn normal(files: Vec<(String, String)>, port: &str) -> Vec<(String, String)> {
    let same = |text: String| text.replace(port, "PORT");
    let files = files.into_iter();
    files.map(|(name, text)| (same(name), same(text))).collect()
}

#[test]
fn hosts_that_are_addresses_share_their_directory() {
    if !present(PEERS) {
        return;
    }
    for writer in BOTH {
        let (server, sandbox, reader) = (server(), Sandbox::new(), writer.other());
        let url = format!("wss://localhost:{}/omero-ws", server.port(Transport::Wss));
        let login = ["login", "-s", &url, "-u", "root", "-w", "omero"];
        sandbox.run(writer, &login).success();
        let list = sandbox.run(reader, &["sessions", "list"]).success();
        list.says(KEYS[0]).says(&url).says("| Logged in |");
        sandbox
            .run(reader, &["login"])
            .success()
            .complains("Using session");
        sandbox.run(reader, &["logout"]).success();
        assert!(server.sessions().is_empty());
    }
}

/// Two sessions, switched to and fro by key, each time by the other client.
#[test]
fn both_follow_the_current_session() {
    if !present(PEERS) {
        return;
    }
    let (server, sandbox) = (server(), Sandbox::new());
    log_in(
        &sandbox,
        Client::Theirs,
        &server,
        &["-u", "testuser", "-w", "pasw"],
    );
    log_in(
        &sandbox,
        Client::Ours,
        &server,
        &["-u", "root", "-w", "omero"],
    );
    assert_eq!(sandbox.theirs(&["sessions", "key"]).line(), KEYS[1]);
    log_in(&sandbox, Client::Ours, &server, &["-k", KEYS[0]]);
    assert_eq!(sandbox.theirs(&["sessions", "key"]).line(), KEYS[0]);
    sandbox
        .theirs(&["login"])
        .success()
        .complains("testuser@localhost");
    log_in(&sandbox, Client::Theirs, &server, &["-k", KEYS[1]]);
    assert_eq!(sandbox.ours(&["sessions", "key"]).line(), KEYS[1]);
    sandbox
        .ours(&["login"])
        .success()
        .complains("root@localhost");
    let list = sandbox.ours(&["sessions", "list"]).success();
    list.says("| True      |")
        .says("| Logged in |")
        .says("(2 rows)");
    sandbox.theirs(&["logout"]).success();
    let list = sandbox.ours(&["sessions", "list"]).success();
    list.says(KEYS[0]).says("(1 row)");
    assert_eq!(server.sessions().into_keys().collect::<Vec<_>>(), [KEYS[0]]);
}

#[test]
fn directories_named_by_the_environment_are_shared() {
    if !present(PEERS) {
        return;
    }
    for (variable, below) in [
        ("OMERO_SESSIONDIR", "home/kept"),
        ("OMERO_USERDIR", "home/user"),
    ] {
        for writer in BOTH {
            let (server, mut sandbox) = (server(), Sandbox::new());
            let place = sandbox.path(below);
            sandbox.set(variable, &place);
            // OMERO.py makes its directory first; ours joins it there.
            sandbox
                .theirs(&["sessions", "list"])
                .success()
                .says("(0 rows)");
            log_in(&sandbox, writer, &server, &["-u", "root", "-w", "omero"]);
            let files = BOTH.map(|client| sandbox.run(client, &["sessions", "file"]).line());
            assert_eq!(files[0], files[1]);
            assert!(
                files[0].starts_with(&place.display().to_string()),
                "{files:?}"
            );
            sandbox.run(writer.other(), &["logout"]).success();
            assert!(server.sessions().is_empty());
        }
    }
}

/// OMERO.py takes no lock and writes in several steps: ours must neither fail at what it finds
/// half done nor lose a session, and must leave whole files where the other reads.
#[test]
fn both_work_in_one_store_at_the_same_time() {
    if !present(PEERS) {
        return;
    }
    let server = TestServer::start(Config::standard()).expect("a port is free");
    let sandbox = Sandbox::new();
    let new = |client, user, password| {
        let words = ["-C", "-u", user, "-w", password];
        log_in(&sandbox, client, &server, &words);
    };
    std::thread::scope(|scope| {
        let theirs = scope.spawn(|| (0..3).for_each(|_| new(Client::Theirs, "root", "omero")));
        for round in 0.. {
            if round < 5 {
                new(Client::Ours, "root", "omero");
            }
            sandbox.ours(&["sessions", "list"]).success();
            sandbox.ours(&["sessions", "key"]).success();
            if round >= 5 && theirs.is_finished() {
                break;
            }
        }
    });
    let keys: Vec<String> = server.sessions().into_keys().collect();
    assert_eq!(keys.len(), 8);
    for client in BOTH {
        let list = sandbox.run(client, &["sessions", "list"]).success();
        let list = list.says("(8 rows)");
        assert!(keys.iter().all(|key| list.out.contains(key)), "{list:#?}");
    }
    let current = BOTH.map(|client| sandbox.run(client, &["sessions", "key"]).line());
    assert_eq!(current[0], current[1]);
    assert!(keys.contains(&current[0]));
}
