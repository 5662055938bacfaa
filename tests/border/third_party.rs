//! A plugin of somebody else, outside the workspace: with a lock file and compiler settings of its
//! own, built against `omero-plugin-api` as it is packaged, installed, and run with the session that
//! `omero login` made.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use omero_tests::artifacts::{Artifacts, root};

use crate::{
    outside::scratch,
    room::{Room, server},
};

/// The crates that a plugin's author gets.
const PACKAGES: [&str; 2] = ["omero-plugin-abi", "omero-plugin-api"];

#[test]
fn it_is_built_installed_and_run() {
    let plugin = root().join("tests/third-party/whoami");
    let patches =
        packaged().map(|(name, path)| format!("patch.crates-io.{name}.path='{}'", path.display()));
    let [abi, api] = &patches;
    let arguments = ["--config", abi, "--config", api];
    let built = Artifacts::build_outside(&plugin, "third-party", &arguments);
    // After a change of the dependencies: the same command in that folder without `--locked`.
    let built = built.unwrap_or_else(|error| panic!("cargo build {arguments:?}: {error}"));
    let library = built.library("omero_whoami");

    let (room, server) = (Room::new(), server());
    let installed = room.run(&format!("plugin install {}", library.display()));
    installed.expect_code(0).and_no_more();
    assert!(room.plugins.join(library.file_name().unwrap()).is_file());
    let listed = room.run("plugin list").success();
    assert!(
        listed.contains("whoami") && listed.contains("3.1.4"),
        "{listed}"
    );

    room.log_in(&server);
    room.run("whoami -q")
        .expect_stdout("root in system\n")
        .expect_stderr("")
        .expect_code(0)
        .and_no_more();
    let groups = room
        .run("group list --style csv -q")
        .success()
        .lines()
        .count()
        - 1;
    room.run("whoami -q --long")
        .expect_stdout(&format!("root in system\n{groups} groups\n"))
        .expect_code(0)
        .and_no_more();
}

/// The packaged crates, unpacked where nothing of the workspace is near.
fn packaged() -> [(&'static str, PathBuf); 2] {
    let folder = scratch("packaged");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "package",
            "--quiet",
            "--allow-dirty",
            "--no-verify",
            "--exclude-lockfile",
        ])
        .args(PACKAGES.iter().flat_map(|package| ["--package", package]))
        .arg("--target-dir")
        .arg(&folder)
        .current_dir(root());
    run(&mut cargo);
    let made = folder.join("package");
    PACKAGES.map(|name| {
        let archive = archive_of(&made, name);
        // With the time of today: cargo would take the archive's for the time of the last change.
        run(Command::new("tar")
            .arg("-xmf")
            .arg(&archive)
            .arg("-C")
            .arg(&made));
        (name, archive.with_extension(""))
    })
}

fn archive_of(folder: &Path, name: &str) -> PathBuf {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let is_it = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_string_lossy();
        file.starts_with(name) && file.ends_with(".crate")
    };
    files.into_iter().find(is_it).unwrap()
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}:\n{said}");
}
