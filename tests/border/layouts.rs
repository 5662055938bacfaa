//! The layouts of the frozen and the present ABI, compared in one process; and that the comparison
//! notices what must not be done.

use std::{fs, path::Path};

use omero_tests::{
    artifacts::{Artifacts, root},
    output::Output,
    sandbox::Sandbox,
};

use crate::outside::{abi, append_to_abi, copy, edit, scratch};

/// Types of our own may cross the border in this number: the comparison runs at each start of a
/// plugin and takes the longer the more there are.
const MOST_TYPES: usize = 20;

#[test]
fn the_frozen_abi_is_a_part_of_the_present_one() {
    let room = scratch("abi-fits");
    lay_out(&room);
    compare(&room.join("tests/abi/layouts"), "omero-abi-layoutz")
        .expect_stdout(
            "frozen 1.0.0 present 1.0.1\n\
             the frozen ABI is a part of the present one\n\
             and the other way round: true\n",
        )
        .success();
    append_to_abi(&room.join("plugin-api/abi/src"));
    compare(&room.join("tests/abi/layouts"), "omero-abi-layoutz")
        .expect_stdout(
            "frozen 1.0.0 present 1.0.1\n\
             the frozen ABI is a part of the present one\n\
             and the other way round: false\n",
        )
        .success();
}

/// Until 1.0.0 is released the frozen copy follows the present ABI.
#[test]
fn the_frozen_copy_is_the_present_abi() {
    for entry in fs::read_dir(root().join("plugin-api/abi/src")).unwrap() {
        let present = entry.unwrap().path();
        let frozen = abi()
            .join("frozen-1.0/src")
            .join(present.file_name().unwrap());
        assert!(
            fs::read(&present).unwrap() == fs::read(&frozen).unwrap(),
            "copy {} to {}",
            present.display(),
            frozen.display()
        );
    }
}

#[test]
fn forbidden_changes_are_noticed() {
    let changes = [
        // A field in a type that crosses by value.
        (
            "failure.rs",
            "    pub detail: RString,",
            "    pub detail: RString,\n    pub more: u64,",
        ),
        // A method that is not at the end.
        (
            "session.rs",
            "    fn key(&self)",
            "    fn lock(&self) {}\n    fn key(&self)",
        ),
        // Another type in the place of one.
        ("session.rs", "    pub mode: u8,", "    pub mode: u16,"),
        // Another name.
        ("module.rs", "    pub answer:", "    pub answered:"),
    ];
    for (file, from, to) in changes {
        let room = scratch("abi-edited");
        lay_out(&room);
        edit(&room.join("plugin-api/abi/src").join(file), from, to);
        let output = compare(&room.join("tests/abi/layouts"), "omero-abi-layoutz").expect_code(1);
        assert!(
            output
                .stdout
                .ends_with("the present ABI does not fit the frozen one\n"),
            "{from}: {output:?}"
        );
    }
}

#[test]
fn few_types_cross() {
    let sources = fs::read_dir(root().join("plugin-api/abi/src")).unwrap();
    let count = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let types = |line: &&str| {
            let line = line.trim();
            line == "#[sabi_trait]" || line.starts_with("#[derive(StableAbi")
        };
        text.lines().filter(types).count()
    };
    let types: usize = sources.map(|file| count(&file.unwrap().path())).sum();
    assert!(types > 10, "the types were not found");
    assert!(types <= MOST_TYPES, "{types} types cross: keep it small");
}

/// Builds the comparison that stands in a directory and runs it.
fn compare(directory: &Path, program: &str) -> Output {
    let built = Artifacts::build_outside(directory, "layouts", &[]).unwrap();
    Sandbox::for_program(built.binary(program)).run([""; 0])
}

/// The part of the repository that the comparison is built from.
fn lay_out(room: &Path) {
    for folder in [
        "plugin-api/abi",
        "tests/abi/frozen-1.0",
        "tests/abi/layouts",
    ] {
        copy(&root().join(folder), &room.join(folder)).unwrap();
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let without_members: String = manifest
        .lines()
        .map(|line| match line.split(' ').next() {
            Some("members") => "members = [\"plugin-api/abi\"]\n".to_owned(),
            Some("default-members" | "exclude") => String::new(),
            _ => format!("{line}\n"),
        })
        .collect();
    fs::write(room.join("Cargo.toml"), without_members).unwrap();
    // A lock file cannot hold two packages of one name and version.
    let present = room.join("plugin-api/abi/Cargo.toml");
    edit(&present, "version = \"1.0.0\"", "version = \"1.0.1\"");
    edit(
        &room.join("Cargo.toml"),
        "path = \"plugin-api/abi\", version = \"1.0.0\"",
        "path = \"plugin-api/abi\", version = \"1.0.1\"",
    );
    // Cargo must not take it for the genuine one.
    for file in ["Cargo.toml", "Cargo.lock"] {
        let path = room.join("tests/abi/layouts").join(file);
        edit(&path, "omero-abi-layouts", "omero-abi-layoutz");
    }
}
