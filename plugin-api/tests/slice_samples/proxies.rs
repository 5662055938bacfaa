//! Recorded proxies, with all kinds of endpoints.

use omero_plugin_api::slice::{
    Encoder, Encoding, Endpoint, Identity, Mode, Proxy, SliceError, Value, decode,
};

use crate::sample::load;

fn sent(name: &str) -> Vec<Option<Proxy>> {
    let sample = load(name);
    let decoded = decode(&sample.encapsulation, &sample.types()).unwrap();
    let proxies = decoded.values[0].as_seq().unwrap().iter();
    proxies
        .map(|value| value.as_proxy().unwrap().cloned())
        .collect()
}

#[test]
fn session_proxy() {
    let sample = load("login-createSession-reply.11");
    let decoded = decode(&sample.encapsulation, &sample.types()).unwrap();
    let proxy = decoded.values[0].as_proxy().unwrap().unwrap().clone();
    assert_eq!(proxy.identity.name, "11111111-2222-3333-4444-555555555555");
    assert!(proxy.identity.category.starts_with("session-"));
    assert!(
        proxy
            .identity
            .to_string()
            .ends_with("/11111111-2222-3333-4444-555555555555")
    );
    assert_eq!(
        (proxy.mode(), proxy.secure(), proxy.facet()),
        (Mode::Twoway, false, None)
    );
    assert_eq!(proxy.endpoints(), [Endpoint::tcp("127.0.0.1", 14099)]);
    assert_eq!(proxy.to_bytes(), sample.encapsulation[6..]);
    assert_eq!(Proxy::from_bytes(&proxy.to_bytes()), Ok(proxy));
}

#[test]
fn all_kinds_of_endpoints() {
    for name in ["req-keepallalive-proxies.10", "req-keepallalive-proxies.11"] {
        let proxies = sent(name);
        assert!(proxies.contains(&None), "a null proxy");
        let proxies: Vec<_> = proxies.into_iter().flatten().collect();
        assert!(proxies.iter().any(|proxy| proxy.adapter_id().is_some()));
        assert!(proxies.iter().any(|proxy| proxy.facet().is_some()));
        let endpoints: Vec<_> = proxies.iter().flat_map(Proxy::endpoints).collect();
        let kinds: [fn(&Endpoint) -> bool; 5] = [
            |endpoint| matches!(endpoint, Endpoint::Tcp(_)),
            |endpoint| matches!(endpoint, Endpoint::Ssl(_)),
            |endpoint| matches!(endpoint, Endpoint::Udp { .. }),
            |endpoint| matches!(endpoint, Endpoint::Ws { .. }),
            |endpoint| matches!(endpoint, Endpoint::Wss { .. }),
        ];
        for (index, kind) in kinds.iter().enumerate() {
            assert!(
                endpoints.iter().any(kind),
                "{name}: kind {index} in {endpoints:?}"
            );
        }
    }
}

#[test]
fn proxies_are_translated_as_ice_writes_them() {
    let (old, new) = (
        sent("req-keepallalive-proxies.10"),
        sent("req-keepallalive-proxies.11"),
    );
    for (old, new) in old.into_iter().zip(new) {
        let (Some(old), Some(new)) = (old, new) else {
            continue;
        };
        assert_eq!(new.to_encoding(Encoding::V1_0), old);
        let back = old.to_encoding(Encoding::V1_1);
        assert_eq!(back.endpoints(), new.endpoints());
        assert_eq!(back.encoding(), Encoding::V1_1);
    }
}

#[test]
fn another_identity_keeps_the_rest() {
    let proxy = Proxy::new(Identity::new("c", "n"), vec![Endpoint::ssl("h", 4064)]);
    let other = proxy.with_identity(Identity::new("", "other"));
    assert_eq!(other.identity.to_string(), "other");
    assert_eq!(other.endpoints(), proxy.endpoints());
    let adapter = Proxy::with_adapter(Identity::new("c", "n"), "Blitz");
    assert_eq!(adapter.adapter_id().as_deref(), Some("Blitz"));
    assert_eq!(adapter.endpoints(), []);
}

#[test]
fn unknown_transports_are_kept_or_left_out() {
    let opaque = Endpoint::Opaque {
        kind: 77,
        version: (1, 1),
        payload: vec![1, 2, 3],
    };
    let endpoints = vec![opaque, Endpoint::tcp("h", 1)];
    let proxy = Proxy::new(Identity::new("", "n"), endpoints.clone());
    assert_eq!(
        Proxy::from_bytes(&proxy.to_bytes()).unwrap().endpoints(),
        endpoints
    );
    let old = proxy.to_encoding(Encoding::V1_0);
    assert_eq!(old.endpoints(), [Endpoint::tcp("h", 1)]);
    let mut encoder = Encoder::new(Encoding::V1_0);
    encoder.proxy(Some(&proxy));
    encoder.proxy(None);
    let types = ["prx(::X)", "prx(::X)"].map(|text| text.parse().unwrap());
    let decoded = decode(&encoder.finish(), &types).unwrap();
    assert_eq!(decoded.values, [Value::from(old), Value::Proxy(None)]);
}

#[test]
fn malformed_proxies_are_refused() {
    let good = Proxy::new(Identity::new("", "n"), Vec::new()).to_bytes();
    assert_eq!(good, b"\x01n\0\0\0\0\x01\0\x01\x01\0\0");
    for (at, bad) in [(3, 2), (4, 5), (5, 2), (10, 1)] {
        let mut bytes = good.clone();
        bytes[at] = bad;
        assert!(Proxy::from_bytes(&bytes).is_err(), "{bytes:?}");
    }
    assert!(matches!(
        Proxy::from_bytes(b"\0\0"),
        Err(SliceError::InvalidProxy { .. })
    ));
    assert!(matches!(
        Proxy::from_bytes(b"\0\x01x"),
        Err(SliceError::InvalidProxy { .. })
    ));
}
