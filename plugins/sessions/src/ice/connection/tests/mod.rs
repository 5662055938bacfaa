//! Connections, tried over real sockets.

mod calls;
mod opening;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use omero_plugin_api::slice::Identity;
use rustls::version::{TLS12, TLS13};

use super::*;
use crate::ice::peer::{self, Dress, Peer, saying};
use crate::ice::{Failure, RawReply};
use crate::trust::{KnownServers, PinFile, TlsPolicy};

const LONG: Duration = Duration::from_secs(600);
const EMPTY: [u8; 6] = [6, 0, 0, 0, 1, 1];

fn options(directory: &std::path::Path) -> OpenOptions {
    let tls = TlsOptions::new(
        TlsPolicy::FirstUse,
        KnownServers::new([PinFile::in_user_directory(directory)]),
    );
    OpenOptions {
        connect_timeout: LONG,
        total_timeout: LONG,
        ..OpenOptions::new(tls.with_roots(rustls::RootCertStore::empty()))
    }
}

fn open(scheme: &str, port: &str) -> Result<Arc<Connection>, IceError> {
    let directory = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::parse(&format!("{scheme}://127.0.0.1"), Some(port)).unwrap();
    Connection::open(&endpoint, &options(directory.path()))
}

/// One peer for each way to travel.
fn everywhere() -> Vec<(&'static str, Peer)> {
    let identity = peer::Identity::self_signed("localhost");
    vec![
        ("tcp", Peer::start(Dress::Plain)),
        ("ssl", Peer::start(Dress::Tls(identity.server(&[&TLS12])))),
        ("ssl", Peer::start(Dress::Tls(identity.server(&[&TLS13])))),
        ("ws", Peer::start(Dress::Ws)),
        (
            "wss",
            Peer::start(Dress::Wss(identity.server(&[&TLS12, &TLS13]))),
        ),
    ]
}

fn plain() -> Arc<Connection> {
    open("tcp", &Peer::start(Dress::Plain).port()).unwrap()
}

fn begin(connection: &Connection, operation: &str, parameters: &[u8]) -> Pending {
    let identity = Identity::new("OMERO.Glacier2", "router");
    connection
        .begin(&identity, None, operation, 0, &[], parameters)
        .unwrap()
}

fn call(connection: &Connection, operation: &str) -> Result<RawReply, IceError> {
    begin(connection, operation, &EMPTY).wait(LONG)
}

fn encapsulation(payload: &[u8]) -> Vec<u8> {
    let size = i32::try_from(payload.len() + 6).unwrap();
    [&size.to_le_bytes()[..], &[1, 1], payload].concat()
}
