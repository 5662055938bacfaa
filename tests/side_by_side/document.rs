//! The table in the docs is made from the rows, so that both say the same.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::differences::{Row, rows};

const BEGIN: &str = "<!-- made from tests/side_by_side/differences.yaml -->\n";
const END: &str = "<!-- end -->\n";

fn table(rows: &[Row]) -> String {
    let mut text =
        "| difference | `omero` | OMERO.py 5.23.0 | reason |\n|---|---|---|---|\n".to_owned();
    for row in rows {
        let cell = |text: &str| text.trim().replace('\n', " ").replace('|', "\\|");
        let (ours, theirs, reason) = (cell(&row.ours), cell(&row.theirs), cell(&row.reason));
        let _ = writeln!(text, "| `{}` | {ours} | {theirs} | {reason} |", row.id);
    }
    text
}

#[test]
fn docs_list_the_differences() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/differences.md");
    let text = fs::read_to_string(&path).expect("docs/differences.md can be read");
    let (before, rest) = text.split_once(BEGIN).expect("the table has a beginning");
    let (found, after) = rest.split_once(END).expect("the table has an end");
    let wanted = table(&rows());
    if std::env::var_os("SIDE_BY_SIDE_WRITE").is_some() {
        let new = format!("{before}{BEGIN}{wanted}{END}{after}");
        fs::write(&path, new).expect("docs/differences.md can be written");
    } else {
        assert_eq!(
            found, wanted,
            "SIDE_BY_SIDE_WRITE=1 renews the table in docs/differences.md"
        );
    }
}
