//! Large results as servers send them, which have to be decoded.

use omero_plugin_api::{
    services::{Cell, Rows},
    slice::{Encoding, Graph, Limits, Type, Value, decode_with, encode},
};

use crate::{count, encapsulation, peak};

/// The reply is never larger than this many times its bytes, the bytes included.
const FACTOR: usize = 5;

pub(crate) fn a_million_rows_of_two_columns() {
    const ROWS: i64 = 1_000_000;
    // Written by hand, which is a hundred times as fast as with a graph.
    let mut body = count(1_000_000);
    for id in 0..ROWS {
        // A row of two: an instance, its class, its value, and the empty slice of its base.
        let (long, string): (&[u8], &[u8]) = match id {
            0 => (b"\x01\x0e::omero::RLong", b"\x01\x10::omero::RString"),
            _ => (b"\x02\x01", b"\x02\x02"),
        };
        body.extend([&b"\x02\x01"[..], long, &id.to_le_bytes(), b"\x20"].concat());
        body.extend([&b"\x01"[..], string, b"\x05a.tif\x20"].concat());
    }
    let reply = encapsulation(&body);
    drop(body);
    let length = reply.len();
    let (_, one_by_one) = peak(|| {
        let mut expected = 0;
        for row in Rows::read(reply.clone()).unwrap() {
            assert_eq!(
                row.unwrap(),
                [Cell::Integer(expected), Cell::Text("a.tif".into())]
            );
            expected += 1;
        }
        assert_eq!(expected, ROWS);
    });
    assert!(one_by_one < 60 << 20, "{one_by_one}");
    assert!(one_by_one < FACTOR * length, "{one_by_one}");
}

pub(crate) fn images_with_details() {
    let reply = {
        let mut graph = Graph::new();
        let mut images = Vec::new();
        for id in 0..10_000 {
            let image = graph.new_object("::omero::model::Image").unwrap();
            let details = graph.new_object("::omero::model::Details").unwrap();
            let permissions = graph.new_object("::omero::model::Permissions").unwrap();
            graph.set(details, "_permissions", permissions).unwrap();
            graph.set(image, "_details", details).unwrap();
            let (number, name) = (graph.rlong(id), graph.rstring("a.tif"));
            graph.set(image, "_id", number).unwrap();
            graph.set(image, "_name", name).unwrap();
            images.push(Value::from(image));
        }
        let ty = Type::parse("seq<@::omero::model::IObject>").unwrap();
        encode(Encoding::V1_1, &[(&ty, &images.into())], &graph).unwrap()
    };
    let types = [Type::parse("seq<@::omero::model::IObject>").unwrap()];
    // The limits of a large reply, for which 16 MB more are nothing.
    let limits = Limits {
        max_bytes: Limits::for_reply(reply.len()).max_bytes - (16 << 20),
        ..Limits::default()
    };
    let (decoded, taken) = peak(|| decode_with(&reply, &types, &limits).unwrap());
    assert_eq!(decoded.graph.len(), 50_000);
    assert!(taken + reply.len() < FACTOR * reply.len(), "{taken}");
    let last = decoded.values[0].as_seq().unwrap().last().unwrap();
    let image = decoded.graph.object_of(last).unwrap().unwrap();
    let id = decoded.graph.rlong_of(image.get("_id").unwrap());
    assert_eq!(id, Ok(Some(9999)));
    // A command may look at all members of all instances.
    let all: Vec<_> = decoded.graph.iter().map(|(instance, _)| instance).collect();
    let fresh = decode_with(&reply, &types, &limits).unwrap().graph;
    for instance in all {
        fresh.get(instance).unwrap();
    }
}
