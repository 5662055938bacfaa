use omero_plugin_api::{
    services::{Cell, ModelObject, query::PROJECTION},
    slice::{Graph, ObjectRef, Value},
    testing::{Answer, FakeSession},
};

use super::{filter, hql, text, with};

const QUERY: &str = "select i.id, i.name from Image i order by i.id";

fn image(id: i64, name: &str) -> Cell {
    Cell::from(ModelObject {
        class: "Image".to_owned(),
        id,
        fields: vec![
            ("version".to_owned(), Cell::Integer(2)),
            ("name".to_owned(), text(name)),
        ],
    })
}

fn csv(rows: &[Vec<Cell>]) -> String {
    hql(&[QUERY, "--style", "csv"], rows).run().stdout
}

#[test]
fn rows_are_numbered() {
    let rows = [
        vec![Cell::Integer(51), text("a.tif")],
        vec![Cell::Integer(52), Cell::Null],
        vec![Cell::Real(1e-5), Cell::Bool(true)],
    ];
    let outcome = hql(&[QUERY, "--offset", "7"], &rows).run();
    assert_eq!(
        outcome.stdout,
        " # | Col1  | Col2  \n---+-------+-------\n \
         0 | 51    | a.tif \n 1 | 52    | None  \n 2 | 1e-05 | True  \n(3 rows)\n"
    );
}

#[test]
fn an_object_alone_has_a_column_for_each_member() {
    let rows = [vec![image(51, "a.tif")], vec![image(52, "")]];
    let run = |arguments: &[&str]| hql(arguments, &rows).run().stdout;
    assert_eq!(
        run(&["select i from Image i", "--style", "csv"]),
        "#,Class,Id,version,name\n0,ImageI,51,2,a.tif\n1,ImageI,52,2,\n"
    );
    assert_eq!(
        run(&["select i from Image i", "--style", "csv", "--ids-only"]),
        "#,Col1\n0,ImageI:51\n1,ImageI:52\n"
    );
}

#[test]
fn objects_among_values_are_class_and_id() {
    assert_eq!(
        csv(&[vec![image(51, "a.tif"), text("x")]]),
        "#,Col1,Col2\n0,ImageI:51,x\n"
    );
}

#[test]
fn lists_and_maps_are_python_literals() {
    let list = Cell::List(vec![
        Cell::Integer(3),
        Cell::Null,
        text("it's"),
        image(5, ""),
    ]);
    let map = Cell::Map(vec![
        ("n".to_owned(), Cell::Integer(3)),
        ("l".to_owned(), list),
    ]);
    assert_eq!(
        hql(&[QUERY, "--style", "json"], &[vec![map]]).run().stdout,
        r#"[{"#.to_owned()
            + r##""#": "0", "Col1": "{'n': 3, 'l': [3, None, \"it's\", ImageI:5]}""##
            + "}]\n"
    );
}

#[test]
fn empty_results_have_no_columns() {
    for (style, expected) in [
        ("sql", " # \n---\n(0 rows)\n"),
        ("csv", "#\n"),
        ("plain", "\n"),
        ("json", "[]\n"),
    ] {
        assert_eq!(hql(&[QUERY, "--style", style], &[]).run().stdout, expected);
    }
}

#[test]
fn rows_of_different_shapes_share_a_table() {
    // A null that is alone in its row comes as a row without values.
    assert_eq!(
        csv(&[vec![], vec![text("a")], vec![]]),
        "#,Col1\n0,\n1,a\n2,None\n"
    );
    // The first cells of a row are told by their position, as in OMERO.py.
    assert_eq!(
        csv(&[vec![Cell::Null], vec![image(51, "a.tif")], vec![Cell::Null]]),
        "#,Col1,Class,Id,version,name\n0,None,,,,\n1,ImageI,51,,2,a.tif\n2,None,None,None,None,None\n"
    );
}

/// An object as a server sends it: with details, links to other objects, collections and nulls.
fn whole(build: impl FnOnce(&mut Graph, ObjectRef)) -> Answer {
    let mut graph = Graph::new();
    let reference = |graph: &mut Graph, class: &str, id: i64| {
        let object = graph
            .new_object(&format!("::omero::model::{class}"))
            .unwrap();
        let id = graph.rlong(id);
        graph.set(object, "_id", id).unwrap();
        object
    };
    let pixels = reference(&mut graph, "Pixels", 1);
    let image = reference(&mut graph, "Image", 51);
    let (owner, group) = (
        reference(&mut graph, "Experimenter", 3),
        reference(&mut graph, "ExperimenterGroup", 4),
    );
    let details = graph.new_object("::omero::model::Details").unwrap();
    graph.set(details, "_owner", owner).unwrap();
    graph.set(details, "_group", group).unwrap();
    let (size, sha1) = (graph.rint(512), graph.rstring("it's"));
    for (member, value) in [
        ("_details", Value::from(details)),
        ("_loaded", true.into()),
        ("_image", image.into()),
        ("_sizeX", size),
        ("_sha1", sha1),
    ] {
        graph.set(pixels, member, value).unwrap();
    }
    build(&mut graph, pixels);
    let boxed = graph.new_object("::omero::RObject").unwrap();
    graph.set(boxed, "_val", pixels).unwrap();
    let row = Value::Seq(vec![boxed.into()]);
    Answer::results(vec![Value::Seq(vec![row])], graph)
}

#[test]
fn whole_objects_show_details_links_and_quantities() {
    let answer = whole(|graph, pixels| {
        let length = graph.new_object("::omero::model::Length").unwrap();
        graph.set(length, "_value", 0.5).unwrap();
        graph.set(pixels, "_physicalSizeX", length).unwrap();
    });
    let server = FakeSession::new().reply(&PROJECTION, answer);
    let outcome = with(&["select p from Pixels p", "--style", "csv"], server).run();
    let (head, row) = outcome.stdout.split_once('\n').unwrap();
    assert_eq!(head, "#,Class,Id,details,image,sizeX,sha1,physicalSizeX");
    assert!(
        row.starts_with("0,PixelsI,1,owner=3;group=4,ImageI:51,512,it's,0.5 "),
        "{row}"
    );
}

#[test]
fn filters_are_sent_as_they_are_given() {
    for (arguments, limit, offset) in [
        (&[][..], 25, 0),
        (&["--limit", "-1"], -1, 0),
        (&["--limit=7", "--offset=9"], 7, 9),
    ] {
        let outcome = hql(&[&[QUERY], arguments].concat(), &[]).run();
        assert_eq!(
            filter(&outcome.calls[0], "limit"),
            Some(limit),
            "{arguments:?}"
        );
        assert_eq!(filter(&outcome.calls[0], "offset"), Some(offset));
        assert!(outcome.calls[0].context.is_empty());
    }
    assert_eq!(hql(&[QUERY, "--limit", "x"], &[]).run().code, 2);
}

#[test]
fn all_groups_are_asked_for_in_the_context() {
    for option in ["--all", "--admin"] {
        let outcome = hql(&[QUERY, option], &[]).run();
        let everywhere = [("omero.group".to_owned(), "-1".to_owned())];
        assert_eq!(outcome.calls[0].context, everywhere);
    }
}

#[test]
fn refusals_have_their_codes() {
    let cases = [
        ("QueryException", &[][..], 52, "Bad query: no \u{20}[2J"),
        (
            "SecurityViolation",
            &["--all"],
            53,
            "SecurityViolation: Current user is not an admin and cannot use '--admin'",
        ),
        (
            "SecurityViolation",
            &[],
            54,
            "SecurityViolation: no \u{20}[2J",
        ),
        (
            "ValidationException",
            &[],
            1,
            "ValidationException: no \u{20}[2J",
        ),
    ];
    for (name, options, code, words) in cases {
        let refused = Answer::exception(&format!("::omero::{name}"), "no \u{1b}[2J");
        let server = FakeSession::new().reply(&PROJECTION, refused);
        let outcome = with(&[&["select frm"], options].concat(), server).run();
        assert_eq!((outcome.code, outcome.stderr), (code, format!("{words}\n")));
    }
}
