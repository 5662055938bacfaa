//! Odd certificates, odd files, and the system's roots.

use super::*;

#[test]
fn certificates_of_version_1_work() {
    let identity = Identity {
        certificate: include_bytes!("../testdata/v1-rsa2048.cert.der").to_vec(),
        key: include_bytes!("../testdata/v1-rsa2048.key.der").to_vec(),
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
    let v1 = include_bytes!("../testdata/v1-rsa2048.cert.der").to_vec();
    let rsa_key = include_bytes!("../testdata/other-rsa2048.key.der").to_vec();
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
fn a_store_that_cannot_be_written_keeps_no_one_out_but_is_said() {
    let peer = serve(&Identity::self_signed("localhost"));
    let user = User::new(no_roots());
    std::fs::create_dir(user.directory.path().join(".known_servers.lock")).unwrap();
    for grounds in [Grounds::FirstUse, Grounds::Remembered] {
        // The second connection of this process knows the certificate, and says the same.
        let trust = user.visit(&peer, TlsPolicy::FirstUse).unwrap();
        assert_eq!(trust.grounds, grounds);
        let warnings = trust.warnings();
        assert!(warnings[0].contains("cannot be remembered"), "{warnings:?}");
    }
    // A file in place of the user directory holds no servers: that is the same.
    let file = user.directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let peer = serve(&Identity::self_signed("localhost"));
    let blocked = KnownServers::new([PinFile::in_user_directory(&file)]);
    let tls = TlsOptions::new(TlsPolicy::FirstUse, blocked).with_roots(no_roots());
    let endpoint = user.endpoint(peer.address);
    let connection = Connection::open(&endpoint, &OpenOptions::new(tls)).unwrap();
    assert_eq!(connection.trust().unwrap().warnings().len(), 1);
}

#[test]
fn keys_that_are_too_short_are_named() {
    let certificate = CertificateDer::from(&include_bytes!("../testdata/rsa1024.cert.der")[..]);
    assert_eq!(
        PublicKey::of_certificate(&certificate).unwrap().rsa_bits(),
        Some(1024)
    );
    // No library at hand serves such a key: the certificate is refused before the proof counts.
    let key = include_bytes!("../testdata/other-rsa2048.key.der").to_vec();
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
    let rsa = include_bytes!("../testdata/v1-rsa2048.cert.der").to_vec();
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
    let certificate = include_bytes!("../testdata/v1-rsa2048.cert.der");
    let text = include_str!("../testdata/v1-rsa2048.fingerprint.txt").trim();
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
                "trust::tests::certificates::child_trusts_the_systems_roots",
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
    let tls = TlsOptions::new(
        TlsPolicy::Strict,
        KnownServers::new([PinFile::in_user_directory(directory.path())]),
    );
    let endpoint = Endpoint::parse("localhost", Some(&port)).unwrap();
    let connection = Connection::open(&endpoint, &OpenOptions::new(tls)).unwrap();
    assert_eq!(connection.trust().unwrap().grounds, Grounds::Roots);
}
