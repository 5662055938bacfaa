//! Trust, tried with real handshakes.

mod certificates;
mod decisions;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, SupportedProtocolVersion};

use super::der::PublicKey;
use super::setup::Grounds;
use super::*;
use crate::ice::peer::{Dress, Identity, Peer};
use crate::ice::{Connection, Endpoint, IceError, OpenOptions};

const BOTH: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// Root certificates and an identity that they vouch for under this name.
fn issued(name: &str, change: impl FnOnce(&mut CertificateParams)) -> (RootCertStore, Identity) {
    let (roots, identity, _) = issued_pem(name, change);
    (roots, identity)
}

/// As [`issued`], with the root certificate as PEM.
fn issued_pem(
    name: &str,
    change: impl FnOnce(&mut CertificateParams),
) -> (RootCertStore, Identity, String) {
    let mut authority = CertificateParams::new([]).unwrap();
    let own_name = uuid::Uuid::new_v4().to_string();
    authority
        .distinguished_name
        .push(rcgen::DnType::CommonName, own_name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.signed_by(&key, &authority).unwrap();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(authority.der().to_vec()))
        .unwrap();
    let identity = Identity {
        certificate: certificate.der().to_vec(),
        key: key.serialize_der(),
    };
    (roots, identity, authority.pem())
}

fn expired(params: &mut CertificateParams) {
    params.not_before = rcgen::date_time_ymd(2001, 1, 1);
    params.not_after = rcgen::date_time_ymd(2002, 1, 1);
}

/// A user with a directory of remembered servers, who talks to `localhost:PORT`.
struct User {
    directory: tempfile::TempDir,
    roots: RootCertStore,
    host: &'static str,
}

impl User {
    fn new(roots: RootCertStore) -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            roots,
            host: "localhost",
        }
    }

    fn known(&self) -> KnownServers {
        KnownServers::new([PinFile::in_user_directory(self.directory.path())])
    }

    fn endpoint(&self, address: SocketAddr) -> Endpoint {
        Endpoint::parse(self.host, Some(&address.port().to_string())).unwrap()
    }

    fn visit(&self, peer: &Peer, policy: TlsPolicy) -> Result<ServerTrust, IceError> {
        let tls = TlsOptions::new(policy, self.known()).with_roots(self.roots.clone());
        let limit = Duration::from_secs(600);
        let options = OpenOptions {
            connect_timeout: limit,
            total_timeout: limit,
            ..OpenOptions::new(tls)
        };
        let connection = Connection::open(&self.endpoint(peer.address), &options)?;
        let identity = omero_plugin_api::slice::Identity::new("", "router");
        let reply = connection.begin(&identity, None, "echo", 0, &[], &[6, 0, 0, 0, 1, 1])?;
        assert_eq!(reply.wait(Duration::from_secs(600))?.status, 0);
        let trust = connection.trust().unwrap().clone();
        connection.close();
        Ok(trust)
    }

    fn grounds(&self, peer: &Peer, policy: TlsPolicy) -> Grounds {
        self.visit(peer, policy).unwrap().grounds
    }

    /// As if `peer` had been met before with this certificate.
    fn remembers(&self, peer: &Peer, identity: &Identity, by: TrustedBy) {
        let server = self.endpoint(peer.address).host_port();
        let fingerprint = Fingerprint::of(&identity.certificate);
        self.known()
            .remember(&server, None, fingerprint, by)
            .unwrap();
    }
}

fn no_roots() -> RootCertStore {
    RootCertStore::empty()
}

fn serve(identity: &Identity) -> Peer {
    Peer::start(Dress::Tls(identity.server(&BOTH)))
}

/// That the server has got nothing from the user.
fn assert_nothing_sent(peer: &Peer) {
    // The peer notes the failed handshake when it has read everything.
    for _ in 0..60_000 {
        if peer.handshakes.lock().unwrap().iter().any(Result::is_err) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(
        peer.handshakes.lock().unwrap().iter().any(Result::is_err),
        "no handshake failed"
    );
    assert_eq!(*peer.received.lock().unwrap(), Vec::<u8>::new());
}
