//! Whatever the API offers to authors has an example; that it compiles is for the doctests to show.

use crate::sources;

/// What the macro `export_plugin!` uses, and nobody else: hidden from the documentation.
const HIDDEN: [&str; 2] = ["plugin-api/src/export.rs", "plugin-api/src/panics.rs"];

#[test]
fn every_public_item_has_an_example() {
    let mut count = 0;
    for (path, text) in sources() {
        let path = path.to_string_lossy();
        if !path.starts_with("plugin-api/src/") || HIDDEN.contains(&&*path) {
            continue;
        }
        for (item, documentation) in public_items(&text) {
            count += 1;
            assert!(
                documentation.contains("```") || documentation.contains("#[doc(hidden)]"),
                "{path}: `{item}` has no example"
            );
        }
    }
    assert!(count > 250, "the items were not found: {count}");
}

/// The functions, types, traits and inline modules that a file makes public, each with the lines
/// of its documentation. Types that only name another one are left out.
fn public_items(text: &str) -> Vec<(String, String)> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let (mut items, mut documentation) = (Vec::new(), String::new());
    for line in code.lines().map(str::trim) {
        if line.starts_with("///") || line.starts_with("#[doc") {
            documentation.push_str(line);
        } else if let Some(item) = line.strip_prefix("pub ").filter(|item| is_item(item)) {
            items.push((item.to_owned(), std::mem::take(&mut documentation)));
        } else if line.starts_with("pub") || line.is_empty() || line.ends_with(['}', ';']) {
            documentation.clear();
        }
    }
    items
}

/// Names that a macro fills in have their examples from the macro.
fn is_item(item: &str) -> bool {
    if item.contains(" $") {
        return false;
    }
    let item = item.strip_prefix("const ").unwrap_or(item);
    let kind = ["fn ", "struct ", "enum ", "trait "];
    kind.iter().any(|kind| item.starts_with(kind))
        || (item.starts_with("mod ") && item.ends_with('{'))
}

#[test]
fn items_are_found_with_their_documentation() {
    let text = "/// A.\n/// ```\n#[must_use]\npub const fn a() {\n}\n\n/// B.\npub struct B;\n\
                pub(crate) fn c() {}\n#[cfg(test)]\nmod tests { pub fn d() {} }\n";
    let found = public_items(text);
    let shown: Vec<_> = found
        .iter()
        .map(|(item, doc)| (item.as_str(), doc.as_str()))
        .collect();
    assert_eq!(
        shown,
        [("const fn a() {", "/// A./// ```"), ("struct B;", "/// B.")]
    );
}
