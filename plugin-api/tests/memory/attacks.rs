//! Replies that would take much more memory than they have bytes.

use omero_plugin_api::{
    services::{CallError, Rows},
    slice::{Decoded, Encoding, Graph, Limits, SliceError, Type, Value, decode, encode},
};

use crate::{count, encapsulation, peak};

const MB: usize = 1 << 20;

fn refused<T>(result: Result<T, CallError>, bytes: usize) {
    let limit = Limits::for_reply(bytes).max_bytes;
    match result {
        Err(CallError::Slice(SliceError::ReplyTooLarge { limit: found })) => {
            assert_eq!(found, limit);
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was decoded"),
    }
}

/// 13 MB of null proxies, of two bytes each.
pub(crate) fn null_proxies() {
    let number = 13 * MB / 2;
    let reply = encapsulation(&[count(number), vec![0; 2 * number]].concat());
    let types = [Type::parse("seq<prx(::Ice::Object)>").unwrap()];
    let (result, peak) = peak(|| decode(&reply, &types));
    refused(result.map_err(CallError::from), reply.len());
    assert!(peak < MB, "{peak}");
}

/// Lists whose two elements are the same list, 24 times inside one another.
fn shared(graph: &mut Graph, mut value: Value) -> Value {
    for _ in 0..24 {
        value = graph.rlist(vec![value.clone(), value]);
    }
    value
}

fn rows_of(graph: &Graph, cell: Value) -> Vec<u8> {
    let rows = Value::Seq(vec![Value::Seq(vec![cell])]);
    let ty = Type::parse("seq<seq<@::omero::RType>>").unwrap();
    encode(Encoding::V1_1, &[(&ty, &rows)], graph).unwrap()
}

/// A reply of a few hundred bytes that is 16 million cells.
pub(crate) fn lists_that_share_their_elements() {
    let mut graph = Graph::new();
    let number = graph.rlong(1);
    let list = shared(&mut graph, number);
    let reply = rows_of(&graph, list);
    assert!(reply.len() < 512, "{}", reply.len());
    let length = reply.len();
    let (result, peak) = peak(|| Rows::read(reply)?.collect::<Result<Vec<_>, _>>());
    refused(result, length);
    assert!(peak < 24 * MB, "{peak}");
}

/// A text that is sent once, in lists that share their elements.
pub(crate) fn texts_that_share_their_bytes() {
    let mut graph = Graph::new();
    let text = graph.rstring("x".repeat(64 << 10));
    let list = shared(&mut graph, text);
    let reply = rows_of(&graph, list);
    let length = reply.len();
    let (result, peak) = peak(|| Rows::read(reply)?.collect::<Result<Vec<_>, _>>());
    refused(result, length);
    assert!(peak < 24 * MB, "{peak}");
}

/// One row, in which every column is null.
pub(crate) fn a_row_of_three_million_columns() {
    let row = [count(3_000_000), vec![0; 3_000_000]].concat();
    let reply = encapsulation(&[vec![1], row].concat());
    let length = reply.len();
    let (result, peak) = peak(|| Rows::read(reply)?.collect::<Result<Vec<_>, _>>());
    refused(result, length);
    assert!(peak < 2 * length, "{peak}");
}

/// Decoded replies count together as long as they are kept.
pub(crate) fn replies_at_the_same_time() {
    let number = 128 * MB;
    let reply = encapsulation(&[count(number), vec![0; number]].concat());
    let types = [Type::parse("seq<byte>").unwrap()];
    let mut kept: Vec<Decoded> = Vec::new();
    let (error, peak) = peak(|| {
        loop {
            match decode(&reply, &types) {
                Ok(decoded) => kept.push(decoded),
                Err(error) => return error,
            }
        }
    });
    let limit = 1 << 30;
    assert_eq!(error, SliceError::RepliesTooLarge { limit });
    assert!((6..=8).contains(&kept.len()), "{}", kept.len());
    assert!(peak < limit + MB, "{peak}");
    kept.pop();
    decode(&reply, &types).unwrap();
}
