//! From `omero plugin new` to a plugin that runs, as a new author would go.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use omero_tests::artifacts;

use crate::{publisher, room::Room};

/// A room in which cargo works: without the network, and with what it built the last time.
///
/// The tools are those of the toolchain that built this test, by their own paths. rustup's proxies
/// must not be met: from a bare environment they would install or update toolchains of the machine.
fn room() -> Room {
    with_cargo(Room::new())
}

/// The same for any room.
pub fn with_cargo(mut room: Room) -> Room {
    let home = PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let cargo_home = env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let target = artifacts::installation().omero.ancestors().nth(3).unwrap();
    let target = target.join("omero-tests-new-project");
    let cargo = Path::new(env!("CARGO"));
    let tools = cargo.parent().unwrap();
    assert!(tools.join("rustc").is_file() && !tools.join("rustup").exists());
    let no_rustup = room.sandbox.path("no-rustup");
    for (name, value) in [
        ("CARGO_HOME", cargo_home),
        ("CARGO_TARGET_DIR", target),
        ("CARGO", cargo.to_owned()),
        ("RUSTC", tools.join("rustc")),
        ("RUSTDOC", tools.join("rustdoc")),
        ("RUSTUP_HOME", no_rustup),
    ] {
        room.sandbox.set(name, value);
    }
    let path = format!("{}:/usr/bin:/bin", tools.display());
    room.sandbox.set("PATH", path);
    room.sandbox.set("RUSTUP_AUTO_INSTALL", "0");
    room.sandbox.set("CARGO_NET_OFFLINE", "true");
    // It is not the compiler's work that is tested.
    room.sandbox.set("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    room
}

/// Runs cargo in a folder of the room, and gives what it prints.
pub fn cargo(room: &Room, folder: &str, arguments: &[&str]) -> String {
    let run = room.sandbox.command([""; 0]);
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(arguments)
        .current_dir(room.sandbox.path(folder))
        .env_clear();
    cargo.envs(
        run.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = cargo.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[test]
fn a_new_project_is_tested_installed_and_shared_as_it_stands() {
    let room = room();
    let output = room.omero(&["plugin", "new", "cell-count"]).expect_code(0);
    assert_eq!(room.show(&output.stdout), "Made {TMP}/omero-cell-count\n");
    let formatted = Command::new(Path::new(env!("CARGO")).with_file_name("rustfmt"))
        .args(["--check", "--edition", "2024", "build.rs", "src/lib.rs"])
        .current_dir(room.sandbox.path("omero-cell-count"))
        .output();
    // A toolchain without rustfmt is a toolchain too.
    if let Ok(formatted) = formatted {
        let diff = String::from_utf8_lossy(&formatted.stdout).into_owned();
        assert!(formatted.status.success(), "{diff}");
    }
    let tests = cargo(&room, "omero-cell-count", &["test", "--release"]);
    assert!(tests.contains("2 passed; 0 failed"), "{tests}");

    let output = room
        .omero(&["plugin", "install", "omero-cell-count"])
        .expect_code(0);
    assert!(
        output.stdout.starts_with("Installed cell-count 0.1.0 ("),
        "{output:?}"
    );
    assert_eq!(
        room.omero(&["cell-count", "hello", "Ana"]).success(),
        "Hello Ana\n"
    );
    assert_eq!(room.state(&room.library("cell_count")), "ok");
    let help = room.omero(&["cell-count", "groups", "-h"]).success();
    assert!(
        help.contains("--style") && help.contains("Login arguments"),
        "{help}"
    );
    room.omero(&["plugin", "disable", "cell-count"]).success();
    room.refuses(&["cell-count", "hello"], 78);
    room.omero(&["plugin", "remove", "cell-count"]).success();

    // The same project, as one would send it to somebody.
    let mut tar = Command::new("tar");
    let archive = room.sandbox.path("cell-count.tar.gz");
    tar.arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(room.sandbox.root())
        .arg("omero-cell-count");
    assert!(tar.status().unwrap().success());
    room.omero(&["plugin", "install", archive.to_str().unwrap()])
        .success();
    assert_eq!(
        room.omero(&["cell-count", "hello"]).success(),
        "Hello world\n"
    );
}

#[test]
fn a_project_that_does_not_build_is_reported() {
    let room = room();
    room.omero(&["plugin", "new", "broken", "p"]).success();
    fs::write(room.sandbox.path("p/src/lib.rs"), "this is no Rust").unwrap();
    let output = room.omero(&["plugin", "install", "p"]).expect_code(1);
    assert!(
        output.stderr.contains("error: expected"),
        "cargo's words are shown: {output:?}"
    );
    assert!(
        room.show(&output.stderr)
            .contains("omero: error: {TMP}/p does not build\n"),
        "{output:?}"
    );
}

#[test]
fn nothing_is_overwritten_and_bad_names_are_refused() {
    let room = Room::new();
    room.sandbox.write("omero-mine/notes", "mine");
    let refused = room.omero(&["plugin", "new", "mine"]).expect_code(1);
    assert!(refused.stderr.contains("it is not empty"), "{refused:?}");
    assert_eq!(room.sandbox.tree("omero-mine").len(), 1);
    for name in ["Mine", "plugin", "login", "1st", "../x", "a b"] {
        room.refuses(&["plugin", "new", name], 2);
    }
    let refused = room.omero(&["plugin", "new", "mine", "x", "--api-path", "omero-mine"]);
    let refused = refused.expect_code(1);
    assert!(
        refused.stderr.contains("omero-plugin-api is not there"),
        "{refused:?}"
    );
    let api = artifacts::root();
    room.omero(&[
        "plugin",
        "new",
        "mine",
        "x",
        "--api-path",
        api.to_str().unwrap(),
    ])
    .success();
    let settings = room.sandbox.read("x/.cargo/config.toml");
    let path = format!("path = \"{}/plugin-api\"", api.display());
    assert!(settings.contains(&path), "{settings}");
    assert!(!room.sandbox.read("x/Cargo.toml").contains("path ="));
}

#[test]
fn project_from_another_machine_is_set_up_and_built() {
    let room = room();
    room.omero(&["plugin", "new", "cells"]).success();
    // As after a clone: what `.gitignore` names is not there.
    fs::remove_dir_all(room.sandbox.path("omero-cells/.cargo")).unwrap();
    room.omero(&["plugin", "install", "omero-cells"]).success();
    assert_eq!(room.omero(&["cells", "hello"]).success(), "Hello world\n");
    room.omero(&["plugin", "setup", "omero-cells"]).success();
    room.omero(&["plugin", "setup", "omero-cells"]).success();
    cargo(&room, "omero-cells", &["check", "--tests", "--release"]);
    let own = "[build]\njobs = 1\n";
    room.sandbox.write("omero-cells/.cargo/config.toml", own);
    let refused = room
        .omero(&["plugin", "setup", "omero-cells"])
        .expect_code(1);
    assert!(
        refused.stderr.contains("settings of its own"),
        "{refused:?}"
    );
    assert_eq!(room.sandbox.read("omero-cells/.cargo/config.toml"), own);
}

/// A registry in a directory has crates of the API's names that are not the API.
#[test]
fn api_crate_of_a_registry_is_not_built() {
    let room = room();
    room.omero(&["plugin", "new", "cells"]).success();
    fs::remove_file(room.sandbox.path("omero-cells/Cargo.lock")).unwrap();
    let vendor = "vendor/omero-plugin-api";
    room.sandbox.write(
        format!("{vendor}/Cargo.toml"),
        "[package]\nname = \"omero-plugin-api\"\nversion = \"99.0.0\"\nedition = \"2024\"\n\
         [features]\nruntime = []\ntesting = []\nbuild = []\n",
    );
    room.sandbox.write(format!("{vendor}/src/lib.rs"), "");
    room.sandbox.write(
        format!("{vendor}/.cargo-checksum.json"),
        r#"{"files":{},"package":null}"#,
    );
    room.sandbox.write(
        "omero-cells/.cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"there\"\n[source.there]\ndirectory = \"../vendor\"\n",
    );
    let manifest = room.sandbox.read("omero-cells/Cargo.toml");
    let manifest = manifest.replace("version = \"0.1\"", "version = \"99\"");
    room.sandbox.write("omero-cells/Cargo.toml", manifest);
    let refused = room
        .omero(&["plugin", "install", "omero-cells"])
        .expect_code(1);
    assert!(
        refused
            .stderr
            .contains("it needs omero-plugin-api 99.0.0, which this omero does not have"),
        "{refused:?}"
    );
}

/// The commands of the workflow that `new` writes, without those that fetch omero.
#[test]
fn workflow_of_a_new_project_works() {
    let room = room();
    room.omero(&["plugin", "new", "cells"]).success();
    let text = room
        .sandbox
        .read("omero-cells/.github/workflows/plugin.yml");
    let workflow: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let steps = workflow["jobs"]["build"]["steps"].as_sequence().unwrap();
    let named = |name: &str| {
        let mut steps = steps.iter();
        let step = steps.find(|step| step["name"].as_str() == Some(name));
        step.unwrap()["run"].as_str().unwrap().to_owned()
    };
    let omero = artifacts::installation().omero.parent().unwrap();
    let script = format!(
        "set -e\nPATH={}:$PATH\n{}\n{}",
        omero.display(),
        named("Test"),
        named("Package")
    );
    let mut shell = room
        .sandbox
        .command_of(Path::new("/bin/sh"), ["-c", &script]);
    let output = shell
        .current_dir(room.sandbox.path("omero-cells"))
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    let made = room.sandbox.tree("omero-cells/dist");
    let kinds = [".tar.gz", ".tar.gz.sha256", ".tar.gz.json"];
    assert!(
        kinds
            .iter()
            .all(|kind| made.keys().any(|name| name.ends_with(kind))),
        "{:?}",
        made.keys()
    );
}

#[test]
fn project_in_a_repository_is_built_only_with_consent() {
    let room = room();
    room.omero(&["plugin", "new", "cells"]).success();
    let project = room.sandbox.path("omero-cells");
    publisher::commit(&project);
    let mut git = Command::new("git");
    git.args(["tag", "v1"]).current_dir(&project);
    assert!(git.status().unwrap().success());
    let url = format!("file://{}", project.display());
    let refused = room
        .omero(&["plugin", "install", "--git", &url])
        .expect_code(126);
    assert!(
        refused
            .stderr
            .contains("building it runs code of its authors")
            && refused.stderr.contains("--yes"),
        "{refused:?}"
    );
    let mut terminal = room.sandbox.terminal(["plugin", "install", "--git", &url]);
    terminal.expect("Build it? [y/N] ");
    terminal.send("n");
    assert_eq!(terminal.finish().code, 126);
    room.omero(&["plugin", "install", "--git", &url, "--rev", "v1", "--yes"])
        .success();
    assert_eq!(room.omero(&["cells", "hello"]).success(), "Hello world\n");
    let commit = Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(&project)
        .output()
        .unwrap();
    let commit = String::from_utf8(commit.stdout).unwrap();
    let source = format!("source: {url}#{}", commit.trim());
    assert!(
        room.record("cells").contains(&source),
        "{}",
        room.record("cells")
    );
    let missing = room
        .omero(&["plugin", "install", "--git", &url, "--rev", "v9", "--yes"])
        .expect_code(1);
    assert!(missing.stderr.contains("cannot be fetched"), "{missing:?}");
    assert_eq!(room.sandbox.tree("tmp").len(), 0, "nothing is left over");
}
