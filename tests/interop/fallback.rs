//! OMERO.py as the fallback: its commands work through our program, on our session.

use omero_tests::server::{Config, TestServer, Transport};

use super::omero_py::address;
use super::peers::{Peer, present};
use super::sandbox::Sandbox;

#[test]
fn its_commands_use_our_session() {
    if !present(&[Peer::OmeroPy]) {
        return;
    }
    let server = TestServer::start(Config::standard()).expect("a port is free");
    let sandbox = Sandbox::new();
    let at = address(Transport::Ssl, server.port(Transport::Ssl));
    sandbox
        .ours(&["login", "-s", &at, "-u", "testuser", "-w", "pasw"])
        .success();
    let python = Peer::OmeroPy.path();
    let python = python.to_str().expect("a path in UTF-8");
    let set = ["config", "set", "fallback", python];
    sandbox.ours(&set).success();
    // `user` is no command of ours. It attaches to the session that is stored, and makes none.
    let info = sandbox.ours(&["user", "info"]).success();
    info.says("testuser");
    assert_eq!(server.sessions().len(), 1, "one session for both");
    // With options before the command, and its exit code.
    let direct = sandbox.theirs(&["user", "info", "nobody-of-this-name"]);
    let through = sandbox.ours(&["user", "info", "nobody-of-this-name"]);
    assert_eq!(through.code, direct.code);
    assert_eq!((through.out, through.err), (direct.out, direct.err));
}

#[test]
fn its_lines_in_a_script_work_on_the_session_of_the_script() {
    if !present(&[Peer::OmeroPy]) {
        return;
    }
    let server = TestServer::start(Config::standard()).expect("a port is free");
    let sandbox = Sandbox::new();
    let at = address(Transport::Ssl, server.port(Transport::Ssl));
    let python = Peer::OmeroPy.path();
    let python = python.to_str().expect("a path in UTF-8");
    sandbox
        .ours(&["config", "set", "fallback", python])
        .success();
    // Another process that logs in to the user's own store.
    let other =
        format!("!OMERO_SESSIONDIR=$HOME/omero/sessions $OMERO_BIN -q login root@{at} -w omero #");
    sandbox.ours(&["alias", "set", "other", &other]).success();
    let leave = format!("!{python} logout #");
    sandbox.ours(&["alias", "set", "leave", &leave]).success();
    let login = format!("login testuser@{at} -w pasw");
    let script = ["-e", &login, "-e", "other", "-e", "user info --style plain"];
    let said = sandbox.ours(&script).success();
    assert!(said.out.contains("testuser"), "{said:#?}");
    assert!(!said.out.contains("root"), "{said:#?}");
    // It ends the session of the script, not the one of the user's store.
    let keys: Vec<String> = server.sessions().keys().cloned().collect();
    assert_eq!(keys.len(), 2);
    let script = [
        "-e",
        &login,
        "-e",
        "other",
        "-e",
        "leave",
        "-e",
        "sessions key",
    ];
    let said = sandbox.ours(&script).success();
    assert_eq!(said.out, "", "{said:#?}");
    let left = server.sessions();
    let owners: Vec<i64> = left.values().map(|session| session.owner).collect();
    assert_eq!(owners, [0], "root's session is left alone");
    let current = sandbox.ours(&["sessions", "key"]).line();
    assert!(left.contains_key(&current), "and is the user's");
}
