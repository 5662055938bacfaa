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
