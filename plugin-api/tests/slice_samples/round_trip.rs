//! Every recorded message: read, compared with its twin, written again.

use std::collections::HashMap;

use omero_plugin_api::slice::{Decoded, Encoder, Encoding, Value, decode, encode, peek_encoding};

use crate::same::same;
use crate::sample::{Kind, Sample, all};

fn decoded() -> Vec<(Sample, Decoded)> {
    let samples = all()
        .into_iter()
        .filter(|sample| sample.kind != Kind::Exception);
    let decoded = samples.map(|sample| {
        let result = decode(&sample.encapsulation, &sample.types());
        let decoded = result.unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        (sample, decoded)
    });
    decoded.collect()
}

fn write(sample: &Sample, decoded: &Decoded, encoding: Encoding, sliced: bool) -> Vec<u8> {
    let mut encoder = Encoder::new(encoding).sliced(sliced);
    for (ty, value) in sample.types().iter().zip(&decoded.values) {
        encoder.value(ty, value, &decoded.graph).unwrap();
    }
    encoder.finish()
}

fn parts(decoded: &Decoded) -> (&[Value], &omero_plugin_api::slice::Graph) {
    (&decoded.values, &decoded.graph)
}

#[test]
fn every_message_is_read() {
    let decoded = decoded();
    assert_eq!(decoded.len(), 155, "messages with values");
    let exceptions = all()
        .iter()
        .filter(|sample| sample.kind == Kind::Exception)
        .count();
    assert_eq!(exceptions, 31, "messages with exceptions");
}

#[test]
fn both_encodings_say_the_same() {
    let decoded: HashMap<_, _> = decoded()
        .into_iter()
        .map(|(sample, decoded)| (sample.name, decoded))
        .collect();
    let mut pairs = 0;
    for (name, old) in &decoded {
        let Some(stem) = name.strip_suffix(".10") else {
            continue;
        };
        // Names the two recorded routers and servers made up at random.
        let random = ["login-", "rep-submit-", "rep-router-category"];
        if random.iter().any(|prefix| stem.starts_with(prefix)) {
            continue;
        }
        let new = &decoded[&format!("{stem}.11")];
        same(parts(old), parts(new)).unwrap_or_else(|why| panic!("{stem}: {why}"));
        pairs += 1;
    }
    assert!(pairs > 40, "{pairs}");
}

#[test]
fn encoding_1_1_is_written_as_ice_writes_it() {
    for (sample, decoded) in decoded() {
        // The router adds an optional value that we do not keep.
        let has_optional = sample.name.starts_with("login-getClientProxy-reply");
        if peek_encoding(&sample.encapsulation) != Ok(Encoding::V1_1) || has_optional {
            continue;
        }
        let written = write(&sample, &decoded, Encoding::V1_1, sample.is_sliced());
        assert_eq!(written, sample.encapsulation, "{}", sample.name);
    }
}

#[test]
fn encoding_1_0_is_written_as_ice_writes_it() {
    let (mut identical, mut reordered) = (0, 0);
    for (sample, decoded) in decoded() {
        if peek_encoding(&sample.encapsulation) != Ok(Encoding::V1_0) {
            continue;
        }
        let written = write(&sample, &decoded, Encoding::V1_0, false);
        assert_eq!(written.len(), sample.encapsulation.len(), "{}", sample.name);
        // Ice orders the instances of a batch by their addresses in memory.
        if written == sample.encapsulation {
            identical += 1;
        } else {
            reordered += 1;
        }
        let again = decode(&written, &sample.types()).unwrap();
        same(parts(&decoded), parts(&again)).unwrap_or_else(|why| panic!("{}: {why}", sample.name));
    }
    assert!(
        identical > 45 && reordered < 15,
        "{identical} identical, {reordered} reordered"
    );
}

#[test]
fn each_encoding_is_translated_to_the_other() {
    for (sample, decoded) in decoded() {
        for encoding in [Encoding::V1_0, Encoding::V1_1] {
            for sliced in [false, true] {
                let written = write(&sample, &decoded, encoding, sliced);
                assert_eq!(peek_encoding(&written), Ok(encoding));
                let again = decode(&written, &sample.types()).unwrap();
                same(parts(&decoded), parts(&again))
                    .unwrap_or_else(|why| panic!("{}: {why}", sample.name));
            }
        }
    }
}

#[test]
fn the_short_way_writes_the_same() {
    for (sample, decoded) in decoded() {
        let types = sample.types();
        let pairs: Vec<_> = types.iter().zip(&decoded.values).collect();
        let encoding = peek_encoding(&sample.encapsulation).unwrap();
        let written = encode(encoding, &pairs, &decoded.graph).unwrap();
        assert_eq!(
            written,
            write(&sample, &decoded, encoding, false),
            "{}",
            sample.name
        );
    }
}
