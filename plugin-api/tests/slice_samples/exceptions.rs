//! Recorded user exceptions.

use omero_plugin_api::slice::{
    Encoder, Encoding, Graph, UserException, Value, decode_exception, peek_encoding,
};

use crate::sample::{Kind, all, load};

fn read(name: &str) -> UserException {
    decode_exception(&load(name).encapsulation).unwrap().0
}

#[test]
fn every_exception_is_read_and_written_as_ice_writes_it() {
    let mut count = 0;
    for sample in all()
        .into_iter()
        .filter(|sample| sample.kind == Kind::Exception)
    {
        let (exception, graph) = decode_exception(&sample.encapsulation).unwrap();
        assert_eq!(exception.id, exception.wire_id, "{}", sample.name);
        let encoding = peek_encoding(&sample.encapsulation).unwrap();
        let sliced = sample.encapsulation[6] & 0x10 != 0;
        let fields: Vec<_> = exception.fields().map(|(n, v)| (n, v.clone())).collect();
        let mut encoder = Encoder::new(encoding);
        encoder
            .user_exception(&exception.id, &fields, &graph, sliced)
            .unwrap();
        assert_eq!(encoder.finish(), sample.encapsulation, "{}", sample.name);
        count += 1;
    }
    assert_eq!(count, 31);
}

#[test]
fn refused_login() {
    for name in ["rep-login-ada-bad.10", "rep-login-ada-bad.11"] {
        let exception = read(name);
        assert_eq!(exception.id, "::Glacier2::PermissionDeniedException");
        assert_eq!(exception.message(), "Password check failed for 'ada': []");
    }
}

#[test]
fn wrapped_exception_of_the_login() {
    let exception = read("rep-login-wrapped-x.11");
    assert_eq!(exception.id, "::omero::WrappedCreateSessionException");
    assert!(exception.is_a("::Glacier2::CannotCreateSessionException"));
    assert_eq!(exception.get("concurrency"), Some(&Value::Bool(true)));
    assert_eq!(exception.get("backOff"), Some(&Value::Long(1000)));
    let class = Value::from("ome.conditions.DatabaseBusyException");
    assert_eq!(exception.get("type"), Some(&class));
    let text = "ConcurrencyException: x\nPlease retry in 1000ms. Cause: x";
    assert_eq!(exception.message(), text);
    // The router does not pass the derived part on in encoding 1.0.
    let exception = read("rep-login-wrapped-x.10");
    assert_eq!(exception.id, "::Glacier2::CannotCreateSessionException");
    assert_eq!(exception.message(), text);
}

#[test]
fn exception_of_a_service() {
    for name in ["rep-exp408.10", "rep-exp408.11"] {
        let exception = read(name);
        assert_eq!(exception.id, "::omero::DatabaseBusyException");
        assert!(exception.is_a("::omero::ConcurrencyException"));
        assert!(exception.is_a("::omero::ServerError"));
        assert!(!exception.is_a("::omero::ApiUsageException"));
        assert_eq!(exception.get("backOff"), Some(&Value::Long(5000)));
        assert_eq!(
            exception.get("serverExceptionClass"),
            Some(&Value::from("x"))
        );
        assert_eq!(exception.message(), "busy");
    }
}

/// An exception of which nothing is known keeps its name.
#[test]
fn unknown_exceptions_keep_their_names() {
    let compact = encapsulation(1, b"\x20\x05::a::\x01x");
    let sliced = encapsulation(1, b"\x30\x05::a::\x06\0\0\0\x01x");
    let old = encapsulation(0, b"\0\x05::a::\x06\0\0\0\x01x");
    for bytes in [compact, sliced, old] {
        let (exception, _) = decode_exception(&bytes).unwrap();
        assert_eq!((&*exception.id, &*exception.wire_id), ("::a::", "::a::"));
        assert_eq!(exception.message(), "::a::");
        assert_eq!(exception.fields().count(), 0);
    }
}

/// An unknown derived type is skipped where its size is known.
#[test]
fn unknown_exceptions_are_read_as_their_known_base() {
    let base = "::Glacier2::SessionNotExistException";
    for (minor, head, tail) in [
        (
            1,
            &b"\x10\x05::a::\x06\0\0\0\x01x\x30"[..],
            &b"\x04\0\0\0"[..],
        ),
        (0, b"\0\x05::a::\x06\0\0\0\x01x", b"\x04\0\0\0"),
    ] {
        let length = [u8::try_from(base.len()).unwrap()];
        let body = [head, &length[..], base.as_bytes(), tail].concat();
        let (exception, _) = decode_exception(&encapsulation(minor, &body)).unwrap();
        assert_eq!((&*exception.id, &*exception.wire_id), (base, "::a::"));
        assert!(exception.is_a("::a::") && exception.is_a(base));
    }
}

#[test]
fn broken_text_of_exceptions_is_repaired() {
    let mut bytes = load("rep-login-ada-bad.11").encapsulation;
    *bytes.last_mut().unwrap() = 0xff;
    let (exception, _) = decode_exception(&bytes).unwrap();
    assert_eq!(
        exception.message(),
        "Password check failed for 'ada': [\u{fffd}"
    );
}

#[test]
fn exceptions_with_instances() {
    let mut graph = Graph::new();
    let file = graph.new_object("::omero::model::OriginalFile").unwrap();
    let name = graph.rstring("a.tiff");
    graph.set(file, "_name", name).unwrap();
    for (encoding, sliced) in [
        (Encoding::V1_0, false),
        (Encoding::V1_1, false),
        (Encoding::V1_1, true),
    ] {
        let fields = [("file", Value::from(file)), ("message", "gone".into())];
        let mut encoder = Encoder::new(encoding);
        let id = "::omero::grid::UnregisteredFileException";
        encoder.user_exception(id, &fields, &graph, sliced).unwrap();
        let (exception, graph) = decode_exception(&encoder.finish()).unwrap();
        assert_eq!((&*exception.id, exception.message()), (id, "gone"));
        let file = graph
            .object_of(exception.get("file").unwrap())
            .unwrap()
            .unwrap();
        assert_eq!(
            graph.rstring_of(file.get("_name").unwrap()),
            Ok(Some("a.tiff"))
        );
    }
}

fn encapsulation(minor: u8, body: &[u8]) -> Vec<u8> {
    let size = i32::try_from(body.len() + 6).unwrap();
    [&size.to_le_bytes()[..], &[1, minor], body].concat()
}
