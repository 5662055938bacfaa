//! Who is let in, who is kept out, and what is remembered.

use super::*;

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
    let trust = user.visit(&peer, TlsPolicy::Off).unwrap();
    assert_eq!(trust.grounds, Grounds::NotVerified);
    assert_eq!(user.known().list().unwrap(), before);
    let warnings = trust.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    for fingerprint in before.values().map(|known| known.fingerprint) {
        assert!(warnings[0].contains(&format!("instead of {fingerprint}")));
    }
    assert!(warnings[0].contains(&trust.fingerprint.to_string()));
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
        "host-.",
        "[fe80::1%eth0]",
        "[::1]",
        "server.1",
    ] {
        let endpoint = Endpoint::parse(host, None).unwrap();
        let options = TlsOptions::new(TlsPolicy::FirstUse, user.known());
        let setup = TlsSetup::new(endpoint.certificate_name(), endpoint.host_port(), &options);
        let config = setup.client_config().unwrap();
        assert!(
            rustls::ClientConnection::new(config, setup.server_name()).is_ok(),
            "{host}"
        );
    }
}
