//! A room uses what is below it and nothing above: no circle of modules in any package.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::sources;

/// The top-level modules of a package, each with those that it names.
type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_module_uses_what_uses_it() {
    let mut packages: BTreeMap<String, Uses> = BTreeMap::new();
    for (path, text) in sources() {
        let Some((package, module)) = place(&path) else {
            continue;
        };
        let uses = packages.entry(package).or_default();
        uses.entry(module.clone())
            .or_default()
            .extend(named(&text).into_iter().filter(|used| *used != module));
    }
    assert!(packages.len() > 5, "the packages were not found");
    for (package, mut uses) in packages {
        let modules: BTreeSet<String> = uses.keys().cloned().collect();
        uses.values_mut()
            .for_each(|used| used.retain(|name| modules.contains(name)));
        // Floor by floor from the ground: what uses nothing that is left is taken away.
        while let Some(lowest) = uses.keys().find(|module| uses[*module].is_empty()).cloned() {
            uses.remove(&lowest);
            uses.values_mut().for_each(|used| _ = used.remove(&lowest));
        }
        assert!(
            uses.is_empty(),
            "{package} has a circle among these modules: {uses:#?}"
        );
    }
}

/// The package of a source file, and its top-level module; `None` for roots, tests, and what is no
/// part of the product.
fn place(path: &Path) -> Option<(String, String)> {
    let path = path.to_str()?.strip_suffix(".rs")?;
    let (package, module) = path.split_once("/src/")?;
    let test = module
        .split('/')
        .any(|part| part == "tests" || part.ends_with("_tests"));
    let apart = ["tests/abi", "tests/third-party", "tests/plugins"];
    let root = ["lib", "main"].contains(&module) || module.starts_with("bin/");
    let skipped = test || root || apart.iter().any(|room| package.starts_with(room));
    let module = module.split('/').next()?;
    (!skipped).then(|| (package.to_owned(), module.to_owned()))
}

/// The modules that a file names with `crate::`, outside comments and its unit tests.
fn named(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut found = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(list) => found.extend(first_names(list)),
            None => found.extend([word(after)]),
        }
    }
    found
}

/// The first name of each entry of a `use` list, which ends with its closing brace.
fn first_names(list: &str) -> Vec<String> {
    let (mut depth, mut fresh, mut names) = (1, true, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => fresh = true,
            c if fresh && depth == 1 && !c.is_whitespace() => {
                names.push(word(&list[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> String {
    let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
    text.chars().take_while(is_part).collect()
}

#[test]
fn uses_are_understood() {
    let text = "use crate::{\n    a::{self, b},\n    c,\n};\n// crate::d\nfn f() { crate::e::g() }\n\
                #[cfg(test)]\nmod tests { use crate::h; }\n";
    let expected = ["a", "c", "e"].map(str::to_owned);
    assert_eq!(named(text), expected.into());
}
