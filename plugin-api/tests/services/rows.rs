//! Rows that are read one by one, in both encodings.

use omero_plugin_api::{
    services::{Cell, ModelObject, Rows},
    slice::{Encoding, Graph, Type, Value, encode},
};

/// Values of every kind, some of which later rows share with earlier ones.
fn rows() -> (Graph, Value) {
    let mut graph = Graph::new();
    let flag = graph.rbool(true);
    let details = graph.new_object("::omero::model::Details").unwrap();
    let owner = graph.new_object("::omero::model::Experimenter").unwrap();
    let (owner_id, owner_name) = (graph.rlong(2), graph.rstring("ada"));
    graph.set(owner, "_id", owner_id).unwrap();
    graph.set(owner, "_omeName", owner_name).unwrap();
    graph.set(details, "_owner", owner).unwrap();
    let boxed = |graph: &mut Graph, object| {
        let cell = graph.new_object("::omero::RObject").unwrap();
        graph.set(cell, "_val", object).unwrap();
        Value::from(cell)
    };
    let image = |graph: &mut Graph, number: i64, name: &str| {
        let image = graph.new_object("::omero::model::Image").unwrap();
        let (id, name) = (graph.rlong(number), graph.rstring(name));
        graph.set(image, "_id", id).unwrap();
        graph.set(image, "_name", name).unwrap();
        graph.set(image, "_details", details).unwrap();
        boxed(graph, image)
    };
    let first = image(&mut graph, 51, "a.tif");
    let second = image(&mut graph, 52, "b.tif");
    let user = boxed(&mut graph, owner);
    let numbers = vec![
        graph.rint(-1),
        graph.rdouble(0.5),
        graph.rfloat(1.5),
        Value::Object(None),
    ];
    let list = graph.rlist(numbers);
    let map = graph.new_object("::omero::RMap").unwrap();
    let entries = vec![("n".into(), graph.rtime(7)), ("user".into(), user.clone())];
    graph.set(map, "_val", entries).unwrap();
    let text = graph.rstring("ä".repeat(200));
    let values = vec![
        vec![first.clone(), flag.clone(), text.clone()],
        vec![second, flag, list.clone()],
        vec![],
        vec![first, map.into(), Value::Object(None)],
        vec![user, list, text],
    ];
    let values = Value::Seq(values.into_iter().map(Value::Seq).collect());
    (graph, values)
}

/// The cells of these rows.
fn cells() -> Vec<Vec<Cell>> {
    let object = |class: &str, id, name: &str, value: &str| {
        Cell::from(ModelObject {
            class: class.to_owned(),
            id,
            fields: vec![(name.to_owned(), Cell::Text(value.to_owned()))],
        })
    };
    let image = |id, name| object("Image", id, "name", name);
    let user = object("Experimenter", 2, "omeName", "ada");
    let numbers = [
        Cell::Integer(-1),
        Cell::Real(0.5),
        Cell::Real(1.5),
        Cell::Null,
    ];
    let list = Cell::List(numbers.into());
    let map = vec![
        ("n".to_owned(), Cell::Time(7)),
        ("user".to_owned(), user.clone()),
    ];
    let text = Cell::Text("ä".repeat(200));
    vec![
        vec![image(51, "a.tif"), Cell::Bool(true), text.clone()],
        vec![image(52, "b.tif"), Cell::Bool(true), list.clone()],
        vec![],
        vec![image(51, "a.tif"), Cell::Map(map), Cell::Null],
        vec![user, list, text],
    ]
}

fn write(encoding: Encoding) -> Vec<u8> {
    let (graph, values) = rows();
    let ty = Type::parse("seq<seq<@::omero::RType>>").unwrap();
    encode(encoding, &[(&ty, &values)], &graph).unwrap()
}

#[test]
fn rows_are_the_same_in_both_encodings() {
    let expected = cells();
    for encoding in [Encoding::V1_1, Encoding::V1_0] {
        let rows = Rows::read(write(encoding)).unwrap();
        let found: Vec<_> = rows.map(|row| row.unwrap()).collect();
        assert_eq!(found, expected, "{encoding:?}");
    }
}

/// Rows before the damage may be given out, but never is a damaged reply taken for a whole one.
#[test]
fn truncated_replies_end_with_an_error() {
    let reply = write(Encoding::V1_1);
    for length in 6..reply.len() {
        let mut cut = reply[..length].to_vec();
        cut[..4].copy_from_slice(&i32::try_from(length).unwrap().to_le_bytes());
        let result = Rows::read(cut).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        assert!(result.is_err(), "cut at {length}");
    }
}

#[test]
fn after_an_error_there_are_no_rows() {
    let mut reply = write(Encoding::V1_1);
    let end = reply.len() - 1;
    reply[end] = 0xff;
    let rows: Vec<_> = Rows::read(reply).unwrap().collect();
    assert!(rows.iter().filter(|row| row.is_err()).count() == 1);
    assert!(rows.last().is_some_and(Result::is_err));
}
