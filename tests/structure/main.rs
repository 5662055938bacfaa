//! The rules of the house, kept true: who may import whom, without circles, where `unsafe` may stand, how long a
//! file may grow. The rules are explained in `docs/architecture.md`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod circles;
mod examples;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The longest a source file may be without a reason.
const LONGEST_FILE: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Each package of the workspace with the packages of the workspace it depends on, for any purpose.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |package: &serde_json::Value| package["name"].as_str().unwrap().to_owned();
    let ours: BTreeSet<String> = packages.iter().map(name).collect();
    packages
        .iter()
        .map(|package| {
            let needs = package["dependencies"].as_array().unwrap().iter().map(name);
            (
                name(package),
                needs.filter(|needed| ours.contains(needed)).collect(),
            )
        })
        .collect()
}

#[test]
fn packages_use_only_what_they_may() {
    for (package, needs) in edges() {
        let allowed: &[&str] = match package.as_str() {
            "omero-plugin-abi" => &[],
            "omero-plugin-api" => &["omero-plugin-abi"],
            "omero-host" => &[
                "omero-plugin-abi",
                "omero-plugin-api",
                "omero-registry-protocol",
            ],
            "omero-registry-protocol" => &[],
            "omero-registry" => &["omero-registry-protocol"],
            "omero-tests" => continue,
            _ => &["omero-plugin-api"],
        };
        // A package may turn on features of its own for its tests.
        for needed in needs.iter().filter(|needed| **needed != package) {
            assert!(
                allowed.contains(&needed.as_str()),
                "{package} must not depend on {needed}"
            );
        }
    }
}

/// The network, TLS, signatures and archives belong to the helper: the host would start slower with
/// them, and parse what comes from others.
#[test]
fn host_links_neither_network_nor_archives() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "omero-host"])
        .args(["--edges", "normal", "--prefix", "none"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let tree = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<&str> = tree.lines().filter_map(|l| l.split(' ').next()).collect();
    assert!(crates.contains("omero-registry-protocol"), "{crates:?}");
    for helper in [
        "ureq",
        "rustls",
        "ring",
        "minisign",
        "minisign-verify",
        "tar",
        "zip",
    ] {
        assert!(!crates.contains(helper), "omero-host links {helper}");
    }
}

#[test]
fn only_the_abi_crate_names_abi_stable() {
    for (path, text) in sources() {
        let manifest = path.file_name().is_some_and(|name| name == "Cargo.toml");
        let exempt = ["plugin-api/abi", "tests/abi", "tests/structure"]
            .iter()
            .any(|room| path.starts_with(room));
        if exempt || path == Path::new("Cargo.toml") {
            continue;
        }
        let named = text.lines().map(str::trim).any(|line| {
            let comment = line.starts_with("//") || line.starts_with('#');
            !comment && line.contains("abi_stable") && (manifest || line.contains("abi_stable::"))
        });
        assert!(!named, "{} names abi_stable", path.display());
    }
}

#[test]
fn unsafe_stands_only_where_libraries_are_loaded() {
    for (path, text) in sources() {
        let room = [
            "host/src/load",
            "plugin-api/abi/src",
            "plugin-api/src/export.rs",
        ]
        .iter()
        .any(|room| path.starts_with(room));
        let product = ["host", "plugin-api", "plugins"]
            .iter()
            .any(|top| path.starts_with(top));
        if room || !product || path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let block = code.contains("unsafe {") || code.contains("unsafe fn");
            assert!(
                !block,
                "{}:{} holds unsafe code",
                path.display(),
                number + 1
            );
        }
    }
}

#[test]
fn files_stay_short() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        let rust = path.extension().is_some_and(|ending| ending == "rs");
        assert!(
            !rust || lines <= LONGEST_FILE,
            "{} has {lines} lines: which two purposes does it serve?",
            path.display()
        );
    }
}

/// The packages that the project was asked to be made of, by the names in code.
const REQUIRED: [&str; 9] = [
    "abi_stable",
    "clap",
    "dirs",
    "libloading",
    "prettytable",
    "rpassword",
    "serde",
    "serde_yaml",
    "uuid",
];

#[test]
fn required_packages_are_used() {
    let product: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| {
            let of_product = ["host", "plugin-api", "plugins"]
                .iter()
                .any(|top| path.starts_with(top));
            of_product && path.extension().is_some_and(|ending| ending == "rs")
        })
        .collect();
    for package in REQUIRED {
        let call = format!("{package}::");
        let used = product.iter().any(|(_, text)| text.contains(&call));
        assert!(used, "no code of the product uses {package}");
    }
}

#[test]
fn every_package_shares_the_lints() {
    for (path, text) in sources() {
        if path.file_name().is_some_and(|name| name == "Cargo.toml") && text.contains("[package]") {
            // What stands outside the workspace on purpose.
            let own = ["tests/abi", "tests/third-party"]
                .iter()
                .any(|room| path.starts_with(room));
            assert!(
                own || text.contains("[lints]\nworkspace = true"),
                "{}",
                path.display()
            );
        }
    }
}

/// The source files and manifests of the workspace, by their path from its root.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") || name == "Cargo.toml" {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

/// Every child of the host is made by one function, which keeps the password from it; another one is
/// for the fallback. The helper program has no password in its own environment.
#[test]
fn children_are_made_without_secrets() {
    let makes = |text: &str| {
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or(text);
        let uses_process = code.contains("process::{") || code.contains("process::Command");
        uses_process
            && code.lines().any(|line| {
                let line = line.trim_start();
                !line.starts_with("//") && line.contains("Command::new(")
            })
    };
    let ours = |path: &Path| {
        let product = path.starts_with("host/src") || path.starts_with("plugins");
        product && !path.to_string_lossy().contains("tests")
    };
    let makers: Vec<PathBuf> = sources()
        .into_iter()
        .filter(|(path, text)| ours(path) && makes(text))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(makers, [Path::new("host/src/external/child.rs")]);
}
