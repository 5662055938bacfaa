//! No input makes the decoder panic, or take more time or memory than it deserves.

use std::time::{Duration, Instant};

use omero_plugin_api::slice::{
    Encoding, Graph, Limits, SliceError, Type, Value, decode, decode_exception_with, decode_with,
    encode,
};

use crate::sample::{Kind, Sample, all};

const SMALL: Limits = Limits {
    max_depth: 1000,
    max_bytes: 4 << 20,
};

fn attempt(sample: &Sample, bytes: &[u8]) -> Result<(), SliceError> {
    match sample.kind {
        Kind::Exception => decode_exception_with(bytes, &SMALL).map(|_| ()),
        _ => decode_with(bytes, &sample.types(), &SMALL).map(|_| ()),
    }
}

/// Makes the size of the encapsulation true again.
fn set_size(bytes: &mut [u8]) {
    if let (Ok(size), Some(head)) = (i32::try_from(bytes.len()), bytes.get_mut(..4)) {
        head.copy_from_slice(&size.to_le_bytes());
    }
}

#[test]
fn truncated_messages_are_refused() {
    for sample in all() {
        for length in 0..sample.encapsulation.len() {
            let mut bytes = sample.encapsulation[..length].to_vec();
            assert!(
                attempt(&sample, &bytes).is_err(),
                "{} cut at {length}",
                sample.name
            );
            set_size(&mut bytes);
            let has_optional = sample.name.starts_with("login-getClientProxy-reply");
            let result = attempt(&sample, &bytes);
            assert!(
                result.is_err() || has_optional,
                "{} cut at {length}",
                sample.name
            );
        }
    }
}

#[test]
fn extended_messages_are_refused() {
    for sample in all() {
        let mut bytes = sample.encapsulation.clone();
        bytes.push(0);
        assert!(attempt(&sample, &bytes).is_err(), "{}", sample.name);
        set_size(&mut bytes);
        assert!(attempt(&sample, &bytes).is_err(), "{}", sample.name);
    }
}

#[test]
fn damaged_messages_do_no_harm() {
    let start = Instant::now();
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    for sample in all() {
        let length = sample.encapsulation.len();
        for at in 6..length {
            for value in [0x00, 0xff, 0x7f, random.byte()] {
                let mut bytes = sample.encapsulation.clone();
                bytes[at] = value;
                let _ = attempt(&sample, &bytes);
            }
        }
        for _ in 0..50 {
            let mut bytes = sample.encapsulation.clone();
            for _ in 0..1 + random.below(8) {
                let at = random.below(length);
                bytes[at] = random.byte();
            }
            let _ = attempt(&sample, &bytes);
            set_size(&mut bytes);
            let _ = attempt(&sample, &bytes);
        }
    }
    assert!(
        start.elapsed() < Duration::from_secs(600),
        "{:?}",
        start.elapsed()
    );
}

struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[3]
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % limit.max(1)
    }
}

/// Lists in lists: deeper than any stack.
fn nested(depth: usize) -> (Graph, Value) {
    let mut graph = Graph::new();
    let mut value = graph.rlong(1);
    for _ in 0..depth {
        value = graph.rlist(vec![value]);
    }
    (graph, value)
}

#[test]
fn depth_costs_no_stack_and_is_limited() {
    let (graph, value) = nested(50_000);
    let types = [Type::class("::omero::RType")];
    for encoding in [Encoding::V1_0, Encoding::V1_1] {
        let bytes = encode(encoding, &[(&types[0], &value)], &graph).unwrap();
        assert_eq!(decode(&bytes, &types).unwrap().graph.len(), 50_001);
        let limits = Limits {
            max_bytes: 2_000_000,
            ..Limits::default()
        };
        let error = decode_with(&bytes, &types, &limits).unwrap_err();
        assert_eq!(error, SliceError::ReplyTooLarge { limit: 2_000_000 });
    }
    let bytes = encode(Encoding::V1_1, &[(&types[0], &value)], &graph).unwrap();
    let limits = Limits {
        max_depth: 49_000,
        ..Limits::default()
    };
    let error = decode_with(&bytes, &types, &limits).unwrap_err();
    assert_eq!(
        error,
        SliceError::LimitExceeded {
            what: "nested instances",
            limit: 49_000
        }
    );
}

#[test]
fn counts_are_not_believed() {
    // 2147483647 elements, then nothing.
    let bytes = b"\x0b\0\0\0\x01\x01\xff\xff\xff\xff\x7f";
    for text in [
        "string",
        "seq<bool>",
        "seq<byte>",
        "seq<@::omero::RType>",
        "dict<long,long>",
    ] {
        let error = decode(bytes, &[Type::parse(text).unwrap()]).unwrap_err();
        let size = 0x7fff_ffff;
        assert_eq!(error, SliceError::InvalidSize { offset: 6, size }, "{text}");
    }
}

#[test]
fn memory_is_limited() {
    let value = Value::Seq(vec![Value::Bool(true); 100_000]);
    let types = [Type::parse("seq<bool>").unwrap()];
    let bytes = encode(Encoding::V1_1, &[(&types[0], &value)], &Graph::new()).unwrap();
    let limits = Limits {
        max_bytes: 1_000_000,
        ..Limits::default()
    };
    let error = decode_with(&bytes, &types, &limits).unwrap_err();
    assert_eq!(error, SliceError::ReplyTooLarge { limit: 1_000_000 });
    assert_eq!(decode(&bytes, &types).unwrap().values, [value]);
}

/// The rules about instances, one broken at a time.
#[test]
fn broken_instances_are_refused() {
    let types = [Type::class("::omero::RType")];
    let refused: &[(u8, &[u8])] = &[
        (1, b"\x02"),                                         // reference to nothing
        (1, b"\x01\x20"),                                     // no type id
        (1, b"\x01\x22\x01"),                                 // type id not in the table
        (1, b"\x01\x61\x0d::omero::RType"),                   // unused flag
        (1, b"\x01\x21\x0e::omero::RType\0"),                 // a byte too many
        (1, b"\x01\x29\x0e::omero::RType\x01\x01"),           // a table, but no size
        (1, b"\x01\x39\x0e::omero::RType\x04\0\0\0\0"),       // an empty table
        (1, b"\x01\x31\x0e::omero::RType\x05\0\0\0\0"),       // a slice larger than its members
        (1, b"\x01\x31\x0e::omero::RType\x03\0\0\0"),         // a slice smaller than its size
        (1, b"\x01\x21\x0e::omero::RLong\x01\0\0\0\0\0\0\0"), // the base is missing
        (1, b"\x01\x01\x0e::omero::RType\x20"),               // a base too many
        (0, b"\x01\0\0\0\0"),                                 // a positive reference
        (0, b"\xff\xff\xff\xff\0"),                           // a reference to nothing
        (0, b"\0\0\0\0"),                                     // no batches
    ];
    for (minor, body) in refused {
        let size = i32::try_from(body.len() + 6).unwrap();
        let bytes = [&size.to_le_bytes()[..], &[1, *minor], body].concat();
        assert!(decode(&bytes, &types).is_err(), "{body:?}");
    }
    let good = b"\x17\0\0\0\x01\x01\x01\x21\x0e::omero::RType";
    assert_eq!(decode(good, &types).unwrap().graph.len(), 1);
}

/// A long type id that many slices name again would be compared as often.
#[test]
fn type_ids_are_short() {
    let types = [Type::class("::omero::RType")];
    let body = [b"\x01\x11\xff\xd0\x07\0\0", "x".repeat(2000).as_bytes()].concat();
    let size = i32::try_from(body.len() + 6).unwrap();
    let bytes = [&size.to_le_bytes()[..], &[1, 1], &body].concat();
    let error = decode(&bytes, &types).unwrap_err();
    assert_eq!(
        error,
        SliceError::LimitExceeded {
            what: "bytes in a type id",
            limit: 1024
        }
    );
}
