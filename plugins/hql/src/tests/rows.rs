use omero_plugin_api::{
    services::{Cell, ModelObject, query::PROJECTION},
    testing::{Answer, FakeSession},
};

use super::{filter, hql, queries, text, with};

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

#[test]
fn rows_are_numbered() {
    let rows = [
        vec![Cell::Integer(51), text("a.tif")],
        vec![Cell::Integer(52), Cell::Null],
        vec![Cell::Real(1e-5), Cell::Bool(true)],
    ];
    let outcome = hql(&[QUERY], &rows).run();
    assert_eq!(
        outcome.stdout,
        " # | Col1  | Col2  \n---+-------+-------\n \
         0 | 51    | a.tif \n 1 | 52    | None  \n 2 | 1e-05 | True  \n(3 rows)\n"
    );
    assert_eq!(
        queries(&outcome).len(),
        1,
        "a whole result is not counted again"
    );
}

#[test]
fn machines_get_the_number_too() {
    let outcome = hql(
        &["--style", "plain", "select count(i) from Image i"],
        &[vec![Cell::Integer(1)]],
    );
    assert_eq!(outcome.run().stdout, "0,1\n");
}

#[test]
fn an_object_alone_is_spread_out() {
    let rows = [vec![image(51, "a.tif")], vec![image(52, "b.tif")]];
    let run = |arguments: &[&str]| hql(arguments, &rows).run().stdout;
    assert_eq!(
        run(&["select i from Image i", "--style", "csv"]),
        "#,Class,Id,name\n0,Image,51,a.tif\n1,Image,52,b.tif\n"
    );
    assert_eq!(
        run(&["select i from Image i", "--style", "csv", "--ids-only"]),
        "#,Class,Id\n0,Image,51\n1,Image,52\n"
    );
}

#[test]
fn objects_among_values_are_class_and_id() {
    let rows = [vec![image(51, "a.tif"), text("x")]];
    let outcome = hql(
        &["select i, d.name from Dataset d", "--style", "plain"],
        &rows,
    )
    .run();
    assert_eq!(outcome.stdout, "0,Image:51,x\n");
}

#[test]
fn maps_name_their_columns() {
    let map = Cell::Map(vec![("n".to_owned(), Cell::Integer(3))]);
    let outcome = hql(
        &["select new map(count(i) as n) from Image i"],
        &[vec![map]],
    )
    .run();
    assert_eq!(outcome.stdout, " # | n \n---+---\n 0 | 3 \n(1 row)\n");
}

#[test]
fn no_rows() {
    let outcome = hql(&[QUERY], &[]).run();
    assert_eq!(outcome.stdout, " # | Col1 \n---+------\n(0 rows)\n");
    assert_eq!(hql(&[QUERY, "--style", "json"], &[]).run().stdout, "[]\n");
}

#[test]
fn a_full_page_says_of_how_many() {
    let page = [vec![text("a")], vec![text("b")]];
    let server = FakeSession::new()
        .reply(&PROJECTION, Answer::rows(&page))
        .reply(&PROJECTION, Answer::rows(&[vec![Cell::Integer(120)]]));
    let outcome = with(&[QUERY, "--limit", "2", "--offset", "50", "--all"], server).run();
    assert_eq!(
        outcome.stdout,
        " #  | Col1 \n----+------\n 50 | a    \n 51 | b    \n\
         (2 rows, starting at 50 of approx. 120)\n"
    );
    assert_eq!(queries(&outcome), [QUERY, "select count(*) from Image i"]);
    let paging = |member| {
        outcome
            .calls
            .iter()
            .map(|call| filter(call, member))
            .collect::<Vec<_>>()
    };
    assert_eq!(paging("limit"), [Some(2), None]);
    assert_eq!(paging("offset"), [Some(50), None]);
    let everywhere = [("omero.group".to_owned(), "-1".to_owned())];
    assert!(outcome.calls.iter().all(|call| call.context == everywhere));
}

#[test]
fn what_cannot_be_counted_is_shown_without_a_total() {
    let page = [vec![text("a")]];
    let refused = || Answer::exception("::omero::QueryException", "no");
    let server = || {
        FakeSession::new()
            .reply(&PROJECTION, Answer::rows(&page))
            .reply(&PROJECTION, refused())
    };
    let outcome = with(&[QUERY, "--limit", "1"], server()).debug(1).run();
    assert!(
        outcome.stdout.ends_with("\n(1 row)\n"),
        "{}",
        outcome.stdout
    );
    assert_eq!((outcome.code, outcome.debug.len()), (0, 1));
    let outcome = with(
        &["select distinct i.name from Image i", "--limit", "1"],
        server(),
    )
    .run();
    assert_eq!(outcome.calls.len(), 1);
}

#[test]
fn limits() {
    for (arguments, limit) in [
        (&[][..], Some(25)),
        (&["--limit", "-1"], None),
        (&["--limit=7"], Some(7)),
    ] {
        let outcome = hql(&[&[QUERY], arguments].concat(), &[]).run();
        assert_eq!(filter(&outcome.calls[0], "limit"), limit, "{arguments:?}");
        assert_eq!(filter(&outcome.calls[0], "offset"), None);
        assert!(outcome.calls[0].context.is_empty());
    }
    assert_eq!(hql(&[QUERY, "--limit", "x"], &[]).run().code, 2);
}

#[test]
fn a_query_that_the_server_refuses() {
    let text = "unexpected token: \u{1b}[2Jfrm";
    let refused = Answer::exception("::omero::QueryException", text);
    let outcome = with(
        &["select frm"],
        FakeSession::new().reply(&PROJECTION, refused),
    )
    .run();
    assert_eq!(outcome.code, 1);
    assert_eq!(
        outcome.stderr,
        "QueryException: unexpected token:  [2Jfrm\n"
    );
}
