//! Plugins whose ABI does not fit: refused in three lines (what, why, what mends it), and the others
//! go on.

use std::{
    fs,
    path::{Path, PathBuf},
};

use omero_tests::artifacts::Artifacts;

use crate::{
    outside::{abi, copy, edit, of_abi_1_0, scratch},
    room::{Room, test_plugins},
};

/// Replaces bytes of a library by as many others.
fn patch(library: &Path, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let mut bytes = fs::read(library).unwrap();
    let mut places = bytes.windows(from.len());
    let place = places.position(|window| window == from.as_bytes()).unwrap();
    bytes[place..place + from.len()].copy_from_slice(to.as_bytes());
    fs::write(library, bytes).unwrap();
}

/// Runs `omero NAME`, which has to be refused with these lines, while other plugins work.
#[track_caller]
fn refused(room: &Room, name: &str, library: &Path, reason: &str, remedy: &str) {
    let path = library.display();
    room.run(name)
        .expect_code(78)
        .expect_stdout("")
        .expect_stderr(&format!(
            "omero: error: the plugin {path} cannot be used\n\
             omero: reason: {reason}\n\
             omero: hint: {remedy}\n"
        ))
        .and_no_more();
    room.put(of_abi_1_0().library("omero_oldtimer"));
    assert!(room.run("oldtimer").expect_code(7).stderr.is_empty());
    let help = room.run("help").expect_code(0);
    // The lines of the overview are wrapped.
    let words: Vec<&str> = help.stdout.split_whitespace().collect();
    let words = words.join(" ");
    assert!(
        words.contains("oldtimer") && words.contains(reason),
        "{help:?}"
    );
}

fn hello() -> (Room, PathBuf) {
    let room = Room::new();
    let library = room.put(test_plugins().library("omero_hello"));
    (room, library)
}

#[test]
fn another_major_version() {
    let (room, library) = hello();
    patch(&library, r#""abi":"1.0.0""#, r#""abi":"2.0.0""#);
    refused(
        &room,
        "hello",
        &library,
        "it was built for plugin ABI 2.0.0; this omero offers 1.0.0",
        "update omero, or install a build of `hello` for plugin ABI 1: omero plugin install FILE",
    );
}

#[test]
fn a_newer_version_that_it_needs() {
    let room = Room::new();
    let library = room.put(test_plugins().library("omero_misbehave"));
    room.run("misbehave zero").expect_code(255).and_no_more();
    patch(&library, r#""needs_abi":"1.0""#, r#""needs_abi":"1.7""#);
    refused(
        &room,
        "misbehave",
        &library,
        "it needs plugin ABI 1.7 or newer; this omero offers 1.0.0",
        "update omero, or install an older build of `misbehave`: omero plugin install FILE",
    );
}

#[test]
fn a_newer_version_that_it_does_not_need() {
    let (room, library) = hello();
    patch(&library, r#""abi":"1.0.0""#, r#""abi":"1.9.0""#);
    room.run("hello say")
        .expect_stdout("Hello world.\n")
        .success();
}

/// A plugin built against a copy of ABI 1.0.0 that somebody changed without telling: only the layouts
/// show it.
#[test]
fn a_modified_copy_of_the_abi() {
    let built = Artifacts::build_outside(&modified(), "abi", &["--package", "omero-oldgrown"]);
    let room = Room::new();
    let library = room.put(built.unwrap().library("omero_oldgrown"));
    let path = library.display();
    let reason = "its ABI types (called version 1.0.0) do not fit this omero's (1.0.0)";
    let remedy =
        "build it again with an unmodified omero-plugin-api: omero plugin install DIRECTORY";
    room.run("oldgrown")
        .expect_code(78)
        .expect_stdout("")
        .expect_stderr(&format!(
            "omero: error: the plugin {path} cannot be used\n\
             omero: reason: {reason}\nomero: hint: {remedy}\n"
        ))
        .and_no_more();
    let detailed = room.run("--debug=1 oldgrown").expect_code(78);
    assert!(
        detailed.stderr.contains("\nomero: debug: Compared "),
        "{detailed:?}"
    );
}

/// The modified copy, with a plugin of another name. Cargo knows packages by their place in the
/// workspace, so both have other places than the genuine ones.
fn modified() -> PathBuf {
    let copied = scratch("abi-modified");
    copy(&abi(), &copied).unwrap();
    let (frozen, plugin) = (copied.join("modified"), copied.join("oldgrown"));
    fs::rename(copied.join("frozen-1.0"), &frozen).unwrap();
    fs::rename(copied.join("old-plugin"), &plugin).unwrap();
    let members = copied.join("Cargo.toml");
    edit(&members, "\"frozen-1.0\"", "\"modified\"");
    edit(&members, "\"old-plugin\"", "\"oldgrown\"");
    edit(
        &copied.join("Cargo.lock"),
        "omero-oldtimer",
        "omero-oldgrown",
    );
    edit(
        &copied.join("old-host/Cargo.toml"),
        "frozen-1.0",
        "modified",
    );
    edit(&plugin.join("Cargo.toml"), "frozen-1.0", "modified");
    edit(&plugin.join("Cargo.toml"), "oldtimer", "oldgrown");
    edit(
        &plugin.join("src/export.rs"),
        "\"oldtimer\"",
        "\"oldgrown\"",
    );
    let field = "    pub detail: RString,\n";
    edit(
        &frozen.join("src/failure.rs"),
        field,
        &format!("{field}    pub more: [u64; 4],\n"),
    );
    for file in ["src/export.rs", "src/tour.rs"] {
        edit(&plugin.join(file), "hint: ", "more: [0; 4], hint: ");
    }
    copied
}
