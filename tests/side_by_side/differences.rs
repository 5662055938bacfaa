//! The rows of the table of differences.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;

/// What can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The exit code.
    Code,
    /// Standard output.
    Stdout,
    /// Standard error; the screen of a terminal.
    Stderr,
    /// The files of the session store.
    Store,
    /// The sessions on the server.
    Server,
    /// The order of the lines on standard output, on some machines.
    Order,
    /// Everything: OMERO.py cannot be run in this case, ours is compared with what is expected.
    Alone,
}

/// One difference with its reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Short name.
    pub id: String,
    /// What ours does.
    pub ours: String,
    /// What OMERO.py does.
    pub theirs: String,
    /// Why they differ.
    pub reason: String,
    /// Where it is to be seen in many cases: how both texts become the same.
    #[serde(default)]
    pub rewrite: Vec<Rewrite>,
    /// Where it is to be seen in some cases only.
    #[serde(default)]
    pub cases: BTreeMap<String, BTreeSet<Field>>,
}

/// How a text is changed before the comparison.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewrite {
    /// Of which program: `ours`, `theirs`.
    pub of: Of,
    /// A regular expression, in which `^` and `$` are ends of lines.
    #[serde(deserialize_with = "pattern")]
    pub find: Regex,
    /// What takes the place of what is found; `$1` is the first group.
    pub put: String,
}

/// Whose text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Ours.
    Ours,
    /// OMERO.py's.
    Theirs,
}

fn pattern<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Regex, D::Error> {
    let text = String::deserialize(deserializer)?;
    Regex::new(&format!("(?m){text}")).map_err(serde::de::Error::custom)
}

/// All rows.
pub fn rows() -> Vec<Row> {
    serde_yaml::from_str(include_str!("differences.yaml")).expect("the rows can be read")
}

/// What the rows say of one case.
pub fn listed(rows: &[Row], case: &str) -> BTreeSet<Field> {
    let fields = rows.iter().filter_map(|row| row.cases.get(case));
    fields.flatten().copied().collect()
}

/// A text after the changes of all rows but one.
pub fn rewritten(text: &str, of: Of, rows: &[Row], but: Option<usize>) -> String {
    let rows = rows.iter().enumerate().filter(|(at, _)| Some(*at) != but);
    let rewrites = rows
        .flat_map(|(_, row)| &row.rewrite)
        .filter(|rewrite| rewrite.of == of);
    rewrites.fold(text.to_owned(), |text, rewrite| {
        rewrite
            .find
            .replace_all(&text, rewrite.put.as_str())
            .into_owned()
    })
}
