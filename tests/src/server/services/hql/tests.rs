use super::super::super::config::Config;
use super::super::super::database::{Database, Datum, Record, Sight};
use super::super::super::model::Model;
use super::{parse, run};

fn text(text: &str) -> Datum {
    Datum::Text(text.to_owned())
}

fn link(class: &str, id: i64) -> Datum {
    Datum::Link(class.to_owned(), id)
}

fn database() -> Database {
    let image = |id, name: &str| {
        let record = Record::new("Image", id)
            .owned_by(3, 4)
            .with("name", text(name));
        record.with_number("acquisitionDate", 1.0e12).unwrap()
    };
    let member = |id, dataset: i64, image: i64| {
        Record::new("DatasetImageLink", id)
            .owned_by(3, 4)
            .with("parent", link("Dataset", dataset))
            .with("child", link("Image", image))
    };
    let pixels = Record::new("Pixels", 1)
        .owned_by(3, 4)
        .with("image", link("Image", 51))
        .with("sizeX", Datum::Int(512))
        .with(
            "physicalSizeX",
            Datum::Quantity(0.5, "MICROMETER".to_owned()),
        );
    let config = Config {
        records: vec![
            Record::new("Dataset", 7)
                .owned_by(3, 4)
                .with("name", text("d")),
            Record::new("Dataset", 8)
                .owned_by(2, 5)
                .with("name", text("other")),
            image(51, "a.tif"),
            image(52, "b.tif"),
            image(53, "it's"),
            member(1, 7, 51),
            member(2, 7, 52),
            pixels,
            Record::new("TagAnnotation", 9)
                .owned_by(3, 4)
                .with("textValue", text("tag")),
        ],
        ..Config::standard()
    };
    let (user, group) = (3, Some(4));
    Database::of(&Model::new(&config, 0), &Sight { user, group })
}

/// The rows with `,` between the values, or the words of the refusal.
fn ask(query: &str) -> Result<Vec<String>, String> {
    let parameters = [
        ("name".to_owned(), text("%.tif")),
        (
            "ids".to_owned(),
            Datum::List(vec![Datum::Long(51), Datum::Long(53)]),
        ),
    ];
    let found = run(&parse(query)?, &database(), &parameters.into())?;
    let show = |datum: &Datum| match datum {
        Datum::Null => "null".to_owned(),
        Datum::Text(text) => text.clone(),
        Datum::Int(n) => n.to_string(),
        Datum::Long(n) => format!("{n}L"),
        Datum::Link(class, id) => format!("{class}:{id}"),
        other => format!("{other:?}"),
    };
    let line = |row: &Vec<Datum>| row.iter().map(show).collect::<Vec<_>>().join(",");
    Ok(found.rows.iter().map(line).collect())
}

/// Queries and the rows that they find.
const FOUND: [(&str, &[&str]); 25] = [
    ("select d.id, d.name from Dataset d", &["7L,d"]),
    ("from Dataset", &["Dataset:7"]),
    (
        "select i from Image as i where i.name like :name order by i.name desc",
        &["Image:52", "Image:51"],
    ),
    (
        "select i.name from Image i where i.id in (:ids) order by i.id",
        &["a.tif", "it's"],
    ),
    (
        "select i.id from Image i where i.id in (51, 53) and not i.id = 51",
        &["53L"],
    ),
    ("select i.id from Image i where i.name = 'it''s'", &["53L"]),
    (
        "select i.id from Image i where i.id between 52 and 53 or i.id < 0",
        &["52L", "53L"],
    ),
    (
        "select id, email from Experimenter where omeName like 'te%' and id != 3",
        &["2L,t@example.org"],
    ),
    (
        "select e.id from Experimenter e where e.email is null order by e.id",
        &["0L", "1L"],
    ),
    (
        "select e.email from Experimenter e where e.email is not null order by e.email desc",
        &["u@example.org", "t@example.org"],
    ),
    (
        "select l.parent.name, l.child.id from DatasetImageLink l order by l.child.id",
        &["d,51L", "d,52L"],
    ),
    (
        "select d.name, i.name from Dataset d join d.imageLinks l join l.child i order by i.id",
        &["d,a.tif", "d,b.tif"],
    ),
    (
        "select i.id, l.parent.id from Image i left outer join i.datasetLinks as l order by i.id",
        &["51L,7L", "52L,7L", "53L,null"],
    ),
    (
        "select count(*), count(distinct l.parent.id), min(l.child.id) from DatasetImageLink l",
        &["2L,1L,51L"],
    ),
    ("select count(i) from Image i where i.id = 0", &["0L"]),
    (
        "select m.child.omeName as n, count(m) from GroupExperimenterMap m where m.owner = true group by m.child.omeName order by n",
        &["root,1L", "test,1L", "testuser,1L"],
    ),
    (
        "select distinct m.child.id from GroupExperimenterMap m where m.parent.name = 'user' and m.child.id > 0",
        &["2L", "3L"],
    ),
    (
        "select p.sizeX, p.physicalSizeX.value, p.sizeX * 2 + 1 from Pixels p",
        &["512,Double(0.5),1025"],
    ),
    (
        "select upper(i.name) || '-' from Image i where length(i.name) < 5",
        &["IT'S-"],
    ),
    (
        "select a, t.textValue from Annotation a, TagAnnotation t",
        &["TagAnnotation:9,tag"],
    ),
    (
        "select i.details.owner.omeName, i.details.group.id from Image i where i.id = 51",
        &["testuser,4L"],
    ),
    ("select size(d.imageLinks) from Dataset d", &["2"]),
    (
        "select i.id from Image i where i.id not in (select l.child.id from DatasetImageLink l)",
        &["53L"],
    ),
    (
        "select new map(d.id as id, 1 as one) from Dataset d",
        &["Map([(\"id\", Long(7)), (\"one\", Int(1))])"],
    ),
    (
        "select new list(d.id, null, 'x') from ome.model.containers.Dataset d",
        &["List([Long(7), Null, Text(\"x\")])"],
    ),
];

#[test]
fn queries_find_their_rows() {
    for (query, expected) in FOUND {
        let found = ask(query);
        let found = found
            .as_ref()
            .map(|rows| rows.iter().map(String::as_str).collect());
        assert_eq!(found, Ok(expected.to_vec()), "{query}");
    }
}

#[test]
fn refusals_are_in_the_words_of_hibernate() {
    for (query, words) in [
        ("", "unexpected end of subtree"),
        ("select", "unexpected end of subtree"),
        ("drop table", "unexpected token: drop near line 1, column 1"),
        ("select frm", "unexpected end of subtree"),
        (
            "select i frm Image i",
            "unexpected token: frm near line 1, column 10",
        ),
        (
            "select i.id from Image i where\n i.id is",
            "unexpected end of subtree",
        ),
        ("select x.id from Image i", "Invalid path: 'x.id'"),
        ("select i from Picture i", "Picture is not mapped"),
        (
            "select i.nil from Image i",
            "could not resolve property: nil of: ome.model.core.Image",
        ),
        (
            "select e.details.nil from Image e",
            "could not resolve property: nil of",
        ),
        (
            "select i.datasetLinks.id from Image i",
            "illegal attempt to dereference collection",
        ),
        (
            "select i.id from Image i where i.id = :nil",
            "Not all named parameters have been set: [nil]",
        ),
        (
            "select i.id from Image i or",
            "unexpected token: or near line 1, column 26",
        ),
        (
            "select nonsense(i.id) from Image i",
            "No data type for node",
        ),
    ] {
        let found = ask(query);
        let refusal = found.as_ref().err().map(String::as_str).unwrap_or_default();
        assert!(refusal.starts_with(words), "{query}: {found:?}");
        assert!(refusal.ends_with(&format!("[{query}]")), "{refusal}");
    }
}
