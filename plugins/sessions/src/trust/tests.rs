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
        KnownServers::new(self.directory.path())
    }

    fn endpoint(&self, address: SocketAddr) -> Endpoint {
        Endpoint::parse(self.host, Some(&address.port().to_string())).unwrap()
    }

    fn visit(&self, peer: &Peer, policy: TlsPolicy) -> Result<ServerTrust, IceError> {
        let tls = TlsOptions::new(policy, self.known()).with_roots(self.roots.clone());
        let connection = Connection::open(&self.endpoint(peer.address), &OpenOptions::new(tls))?;
        let identity = omero_plugin_api::slice::Identity::new("", "router");
        let reply = connection.begin(&identity, None, "echo", 0, &[], &[6, 0, 0, 0, 1, 1])?;
        assert_eq!(reply.wait(Duration::from_secs(20))?.status, 0);
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
    for _ in 0..200 {
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

#[test]
fn an_unknown_server_is_trusted_on_first_use_and_remembered() {
    for version in BOTH {
        let identity = Identity::self_signed("localhost");
        let peer = Peer::start(Dress::Tls(identity.server(&[version])));
        let user = User::new(no_roots());
        let trust = user.visit(&peer, TlsPolicy::FirstUse).unwrap();
        assert_eq!(trust.grounds, Grounds::FirstUse);
        assert_eq!(trust.fingerprint, Fingerprint::of(&identity.certificate));
        let notice = trust.notice().unwrap();
        assert!(notice.contains(&trust.fingerprint.to_string()), "{notice}");
        for policy in [TlsPolicy::FirstUse, TlsPolicy::Strict] {
            let trust = user.visit(&peer, policy).unwrap();
            assert_eq!((trust.grounds, trust.notice()), (Grounds::Remembered, None));
        }
        let server = user.endpoint(peer.address).host_port();
        assert_eq!(
            user.known().get(&server).unwrap().unwrap().trusted_by,
            TrustedBy::FirstUse
        );
    }
}

#[test]
fn a_man_in_the_middle_gets_nothing() {
    for (version, is_websocket) in [
        (&TLS12, false),
        (&TLS13, false),
        (&TLS12, true),
        (&TLS13, true),
    ] {
        let attacker = Identity::self_signed("localhost").server(&[version]);
        let dress = if is_websocket {
            Dress::Wss(attacker)
        } else {
            Dress::Tls(attacker)
        };
        let peer = Peer::start(dress);
        let user = User::new(no_roots());
        let real = Identity::self_signed("localhost");
        user.remembers(&peer, &real, TrustedBy::FirstUse);
        for policy in [TlsPolicy::FirstUse, TlsPolicy::Strict] {
            let scheme = if is_websocket { "wss" } else { "ssl" };
            let port = peer.port();
            let endpoint = Endpoint::parse(&format!("{scheme}://localhost"), Some(&port)).unwrap();
            let tls = TlsOptions::new(policy, user.known()).with_roots(no_roots());
            let error = Connection::open(&endpoint, &OpenOptions::new(tls)).unwrap_err();
            let IceError::Trust(TrustError::Changed {
                remembered,
                offered,
                ..
            }) = &error
            else {
                panic!("{error}");
            };
            assert_eq!(*remembered, Fingerprint::of(&real.certificate));
            let text = error.to_string();
            assert!(text.contains(&remembered.to_string()), "{text}");
            assert!(text.contains(&offered.to_string()), "{text}");
            let command = format!("omero sessions server accept localhost:{port}");
            assert!(text.contains(&command), "{text}");
            assert_eq!(error.blame(), crate::ice::Blame::Trust);
        }
        assert_nothing_sent(&peer);
        let server = user.endpoint(peer.address).host_port();
        let kept = user.known().get(&server).unwrap().unwrap();
        assert_eq!(
            kept.fingerprint,
            Fingerprint::of(&real.certificate),
            "it stays remembered"
        );
    }
}

#[test]
fn the_user_can_accept_a_change() {
    let identity = Identity::self_signed("localhost");
    let peer = serve(&identity);
    let user = User::new(no_roots());
    user.remembers(
        &peer,
        &Identity::self_signed("localhost"),
        TrustedBy::FirstUse,
    );
    assert!(user.visit(&peer, TlsPolicy::FirstUse).is_err());
    // What `accept` does: look without trusting, then remember.
    let seen = user.visit(&peer, TlsPolicy::Off).unwrap();
    assert_eq!((seen.grounds, seen.notice()), (Grounds::NotVerified, None));
    user.known().accept(&seen.server, seen.fingerprint).unwrap();
    assert_eq!(
        user.grounds(&peer, TlsPolicy::FirstUse),
        Grounds::Remembered
    );
}

#[test]
fn the_roots_vouch() {
    for version in BOTH {
        let (roots, identity) = issued("localhost", |_| {});
        let peer = Peer::start(Dress::Tls(identity.server(&[version])));
        let user = User::new(roots);
        for policy in [TlsPolicy::Strict, TlsPolicy::Strict] {
            let trust = user.visit(&peer, policy).unwrap();
            assert_eq!((trust.grounds, trust.notice()), (Grounds::Roots, None));
        }
        assert!(
            user.known().list().unwrap().is_empty(),
            "strictly, nothing is remembered"
        );
        assert_eq!(user.grounds(&peer, TlsPolicy::FirstUse), Grounds::Roots);
        assert_eq!(
            user.grounds(&peer, TlsPolicy::FirstUse),
            Grounds::Remembered
        );
        assert_eq!(user.grounds(&peer, TlsPolicy::Strict), Grounds::Roots);
    }
}

#[test]
fn who_was_vouched_for_cannot_become_a_stranger() {
    // Otherwise a man in the middle would pass for a server on its first use.
    let (roots, identity) = issued("localhost", |_| {});
    let user = User::new(roots);
    let attacker = serve(&Identity::self_signed("localhost"));
    user.remembers(&attacker, &identity, TrustedBy::Roots);
    let error = user.visit(&attacker, TlsPolicy::FirstUse).unwrap_err();
    assert!(
        matches!(error, IceError::Trust(TrustError::Changed { .. })),
        "{error}"
    );
    assert_nothing_sent(&attacker);
}

#[test]
fn the_roots_may_replace_what_is_remembered() {
    let (roots, identity) = issued("localhost", |_| {});
    for by in [TrustedBy::FirstUse, TrustedBy::User, TrustedBy::Roots] {
        let peer = serve(&identity);
        let user = User::new(roots.clone());
        let old = Identity::self_signed("localhost");
        user.remembers(&peer, &old, by);
        let trust = user.visit(&peer, TlsPolicy::FirstUse).unwrap();
        let previous = Fingerprint::of(&old.certificate);
        if by == TrustedBy::Roots {
            // An ordinary renewal.
            assert_eq!((trust.grounds, trust.notice()), (Grounds::Roots, None));
        } else {
            assert_eq!(trust.grounds, Grounds::Replaced { previous });
            assert!(trust.notice().unwrap().contains(&previous.to_string()));
        }
        assert_eq!(
            user.grounds(&peer, TlsPolicy::FirstUse),
            Grounds::Remembered
        );
    }
}

#[test]
fn the_roots_do_not_vouch_for_other_names_and_times() {
    let wrong_name = issued("elsewhere.example.org", |_| {});
    let wrong_time = issued("localhost", expired);
    let (stranger, _) = issued("localhost", |_| {});
    let unknown_issuer = (stranger, issued("localhost", |_| {}).1);
    let cases = [
        (wrong_name, "not valid for name"),
        (wrong_time, "expired"),
        (unknown_issuer, "no root certificate"),
    ];
    for ((roots, identity), reason) in cases {
        let peer = serve(&identity);
        let user = User::new(roots);
        let error = user.visit(&peer, TlsPolicy::Strict).unwrap_err();
        assert!(
            matches!(error, IceError::Trust(TrustError::NotTrusted { .. })),
            "{error}"
        );
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        assert_nothing_sent(&peer);
        // Its certificate can still be pinned: neither name nor time counts then.
        assert_eq!(user.grounds(&peer, TlsPolicy::FirstUse), Grounds::FirstUse);
        assert_eq!(user.grounds(&peer, TlsPolicy::Strict), Grounds::Remembered);
    }
}

#[test]
fn without_verification_anything_goes_but_nothing_is_remembered() {
    let peer = serve(&Identity::self_signed("localhost"));
    let user = User::new(no_roots());
    user.remembers(&peer, &Identity::self_signed("localhost"), TrustedBy::User);
    let before = user.known().list().unwrap();
    assert_eq!(user.grounds(&peer, TlsPolicy::Off), Grounds::NotVerified);
    assert_eq!(user.known().list().unwrap(), before);
}

#[test]
fn hosts_that_certificates_cannot_name_are_pinned() {
    let identity = Identity::self_signed("localhost");
    let peer = serve(&identity);
    let mut user = User::new(issued("localhost", |_| {}).0);
    for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
        user.host = host;
        user.visit(&peer, TlsPolicy::FirstUse).unwrap();
    }
    assert_eq!(
        user.known().list().unwrap().len(),
        2,
        "the case of a name does not matter"
    );
    for host in [
        "under_score",
        "-odd-.example",
        "ünïcode",
        "[fe80::1%eth0]",
        "[::1]",
        "a..b",
    ] {
        let endpoint = Endpoint::parse(host, None).unwrap();
        let options = TlsOptions::new(TlsPolicy::FirstUse, user.known());
        let setup = TlsSetup::new(&endpoint, &options);
        let config = setup.client_config().unwrap();
        assert!(
            rustls::ClientConnection::new(config, setup.server_name()).is_ok(),
            "{host}"
        );
    }
}

#[test]
fn certificates_of_version_1_work() {
    let identity = Identity {
        certificate: include_bytes!("testdata/v1-rsa2048.cert.der").to_vec(),
        key: include_bytes!("testdata/v1-rsa2048.key.der").to_vec(),
    };
    for version in BOTH {
        let peer = Peer::start(Dress::Tls(identity.server(&[version])));
        let user = User::new(issued("localhost", |_| {}).0);
        assert!(matches!(
            user.visit(&peer, TlsPolicy::Strict),
            Err(IceError::Trust(TrustError::NotTrusted { .. }))
        ));
        assert_eq!(user.grounds(&peer, TlsPolicy::FirstUse), Grounds::FirstUse);
        assert_eq!(user.grounds(&peer, TlsPolicy::Strict), Grounds::Remembered);
    }
}

#[test]
fn a_stolen_certificate_without_its_key_is_refused() {
    // The attacker shows the real server's certificate, but signs with another key.
    let v1 = include_bytes!("testdata/v1-rsa2048.cert.der").to_vec();
    let rsa_key = include_bytes!("testdata/other-rsa2048.key.der").to_vec();
    let thieves = [
        Identity {
            certificate: Identity::self_signed("localhost").certificate,
            key: Identity::self_signed("localhost").key,
        },
        Identity {
            certificate: v1,
            key: rsa_key,
        },
    ];
    for thief in &thieves {
        for version in BOTH {
            let peer = Peer::start(Dress::Tls(thief.server(&[version])));
            let user = User::new(no_roots());
            user.remembers(&peer, thief, TrustedBy::User);
            for policy in [TlsPolicy::FirstUse, TlsPolicy::Strict, TlsPolicy::Off] {
                let error = user.visit(&peer, policy).unwrap_err();
                assert!(matches!(error, IceError::Tls(_)), "{error}");
            }
            assert_nothing_sent(&peer);
        }
    }
}

#[test]
fn nothing_is_remembered_of_a_handshake_that_fails() {
    let thief = Identity {
        certificate: Identity::self_signed("localhost").certificate,
        key: Identity::self_signed("localhost").key,
    };
    let peer = serve(&thief);
    let user = User::new(no_roots());
    assert!(user.visit(&peer, TlsPolicy::FirstUse).is_err());
    assert!(user.known().list().unwrap().is_empty());
}

#[test]
fn an_unreadable_store_stops_before_anything_is_sent() {
    let peer = serve(&Identity::self_signed("localhost"));
    let user = User::new(no_roots());
    std::fs::write(user.known().path(), "nonsense").unwrap();
    let error = user.visit(&peer, TlsPolicy::FirstUse).unwrap_err();
    assert!(
        matches!(error, IceError::Trust(TrustError::Store { .. })),
        "{error}"
    );
    assert_nothing_sent(&peer);
}

#[test]
fn a_store_that_cannot_be_written_keeps_nobody_out() {
    let peer = serve(&Identity::self_signed("localhost"));
    let mut user = User::new(no_roots());
    let file = user.directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let blocked = KnownServers::new(file.join("below"));
    user.host = "localhost";
    let tls = TlsOptions::new(TlsPolicy::FirstUse, blocked).with_roots(no_roots());
    let opened = Connection::open(&user.endpoint(peer.address), &OpenOptions::new(tls));
    // A path through a file cannot even be read, which says nothing about the server: refused.
    assert!(matches!(
        opened,
        Err(IceError::Trust(TrustError::Store { .. }))
    ));
    let read_only = user.directory.path().join("known_servers.yaml");
    std::fs::create_dir(user.directory.path().join(".known_servers.lock")).unwrap();
    assert!(!read_only.exists());
    let trust = user.visit(&peer, TlsPolicy::FirstUse).unwrap();
    assert_eq!(trust.grounds, Grounds::FirstUse);
    assert!(trust.unsaved.is_some() && trust.notice().unwrap().contains("not be remembered"));
}

#[test]
fn keys_that_are_too_short_are_named() {
    let certificate = CertificateDer::from(&include_bytes!("testdata/rsa1024.cert.der")[..]);
    assert_eq!(
        PublicKey::of_certificate(&certificate).unwrap().rsa_bits(),
        Some(1024)
    );
    // No library at hand serves such a key: the certificate is refused before the proof counts.
    let key = include_bytes!("testdata/other-rsa2048.key.der").to_vec();
    let peer = serve(&Identity {
        certificate: certificate.to_vec(),
        key,
    });
    for policy in [TlsPolicy::FirstUse, TlsPolicy::Off] {
        let error = User::new(no_roots()).visit(&peer, policy).unwrap_err();
        assert!(error.to_string().contains("has 1024 bits"), "{error}");
    }
}

#[test]
fn no_damage_to_a_certificate_does_harm() {
    let ec = Identity::self_signed("localhost").certificate;
    let rsa = include_bytes!("testdata/v1-rsa2048.cert.der").to_vec();
    assert_eq!(
        PublicKey::of_certificate(&rsa).unwrap().rsa_bits(),
        Some(2048)
    );
    assert_eq!(PublicKey::of_certificate(&ec).unwrap().rsa_bits(), None);
    for certificate in [ec, rsa] {
        for length in 0..certificate.len() {
            assert_eq!(
                PublicKey::of_certificate(&certificate[..length]),
                None,
                "{length}"
            );
        }
        for position in 0..certificate.len() * 8 {
            let mut flipped = certificate.clone();
            flipped[position / 8] ^= 1 << (position % 8);
            let key = PublicKey::of_certificate(&flipped);
            let _ = key.and_then(|key| key.rsa_bits());
        }
    }
}

#[test]
fn fingerprints_are_those_of_openssl() {
    let certificate = include_bytes!("testdata/v1-rsa2048.cert.der");
    let text = include_str!("testdata/v1-rsa2048.fingerprint.txt").trim();
    let fingerprint = Fingerprint::of(certificate);
    assert_eq!(fingerprint.to_string(), format!("SHA256:{text}"));
    let plain = text.replace(':', "").to_lowercase();
    for form in [
        text,
        &plain,
        &format!("SHA256:{plain}"),
        &format!(" {text}\n"),
    ] {
        assert_eq!(form.parse::<Fingerprint>(), Ok(fingerprint), "{form}");
    }
    for wrong in [
        "",
        "SHA256:",
        &plain[1..],
        &format!("{plain}0"),
        &plain.replace('f', "g"),
    ] {
        assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
    }
}

#[test]
fn policies_are_read() {
    assert_eq!("strict".parse(), Ok(TlsPolicy::Strict));
    assert_eq!("first-use".parse(), Ok(TlsPolicy::FirstUse));
    assert_eq!("off".parse(), Ok(TlsPolicy::Off));
    for wrong in ["", "no", "Strict", "0"] {
        let error = wrong.parse::<TlsPolicy>().unwrap_err().to_string();
        assert!(
            error.contains("OMERO_TLS_VERIFY is strict, first-use or off"),
            "{error}"
        );
    }
}

/// The process that reads `SSL_CERT_FILE` must be another one: it is read once.
#[test]
fn the_systems_roots_can_be_given_by_a_file() {
    let (_, identity, pem) = issued_pem("localhost", |_| {});
    let peer = serve(&identity);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("roots.pem");
    std::fs::write(&file, pem).unwrap();
    let visit = |file: &Path| {
        Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--ignored",
                "trust::tests::child_trusts_the_systems_roots",
            ])
            .env("SSL_CERT_FILE", file)
            .env("OMERO_TEST_PORT", peer.port())
            .output()
            .unwrap()
    };
    let output = visit(&file);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert!(!visit(Path::new("/nonexistent")).status.success());
}

#[test]
#[ignore = "run by the_systems_roots_can_be_given_by_a_file"]
fn child_trusts_the_systems_roots() {
    let port = std::env::var("OMERO_TEST_PORT").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let tls = TlsOptions::new(TlsPolicy::Strict, KnownServers::new(directory.path()));
    let endpoint = Endpoint::parse("localhost", Some(&port)).unwrap();
    let connection = Connection::open(&endpoint, &OpenOptions::new(tls)).unwrap();
    assert_eq!(connection.trust().unwrap().grounds, Grounds::Roots);
}
