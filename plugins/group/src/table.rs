//! Ids and truth values as OMERO's command line writes them.

/// Ids as OMERO's command line lists them: in the order of their text, with commas.
pub fn joined(ids: impl Iterator<Item = i64>) -> String {
    let mut texts: Vec<String> = ids.map(|id| id.to_string()).collect();
    texts.sort();
    texts.join(",")
}

/// A truth value as OMERO's command line writes it.
pub const fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}
