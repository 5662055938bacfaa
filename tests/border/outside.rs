//! What is built outside the workspace: the plugin and the host of ABI 1.0.0.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use omero_tests::artifacts::{Artifacts, root};

/// Where the frozen ABI and what was built against it stand.
pub fn abi() -> PathBuf {
    root().join("tests/abi")
}

/// The plugin and the host of ABI 1.0.0, built once per test program.
#[track_caller]
pub fn of_abi_1_0() -> &'static Artifacts {
    static BUILT: OnceLock<Result<Artifacts, String>> = OnceLock::new();
    once(&BUILT, || Artifacts::build_outside(&abi(), "abi", &[]))
}

/// Builds at the first call; the test that comes later fails too if that failed.
#[track_caller]
fn once(
    built: &'static OnceLock<Result<Artifacts, String>>,
    build: impl FnOnce() -> io::Result<Artifacts>,
) -> &'static Artifacts {
    match built.get_or_init(|| build().map_err(|e| e.to_string())) {
        Ok(built) => built,
        Err(error) => panic!("{error}"),
    }
}

/// The same plugin and host built against ABI 1.1.0, which is made here: today's ABI with a method, a
/// field and a value at their ends. So both directions of the promise are tried before there is a
/// second version.
#[track_caller]
pub fn of_abi_1_1() -> &'static Artifacts {
    static BUILT: OnceLock<Result<Artifacts, String>> = OnceLock::new();
    once(&BUILT, || {
        let room = scratch("abi-1.1");
        extend(&room);
        Artifacts::build_outside(&room, "abi-1.1", &[])
    })
}

/// Copies the plugin and the host, and appends to the ABI what they use in the marked places.
fn extend(room: &Path) {
    copy(&abi(), room).unwrap();
    let frozen = room.join("frozen-1.0");
    copy(&root().join("plugin-api/abi/src"), &frozen.join("src")).unwrap();
    append_to_abi(&frozen.join("src"));
    edit(&frozen.join("Cargo.toml"), "\"1.0.0\"", "\"1.1.0\"");
    edit(
        &room.join("Cargo.lock"),
        "name = \"omero-plugin-abi\"\nversion = \"1.0.0\"",
        "name = \"omero-plugin-abi\"\nversion = \"1.1.0\"",
    );
    let (host, plugin) = (room.join("old-host/src"), room.join("old-plugin/src"));
    edit(
        &host.join("context.rs"),
        "    // Here the tests append the method of the synthetic ABI 1.1.",
        "    fn weather(&self) -> RString {\n        \"sunny\".into()\n    }",
    );
    edit(
        &host.join("main.rs"),
        "    // Here the tests append the call of the field of the synthetic ABI 1.1.",
        "    println!(\"farewell {:?}\", module.farewell().map(|farewell| farewell()));",
    );
    edit(
        &plugin.join("export.rs"),
        "            // Here the tests append the field of the synthetic ABI 1.1.",
        "            farewell,",
    );
    edit(
        &plugin.join("export.rs"),
        "extern \"C\" fn shutdown() {}",
        "extern \"C\" fn shutdown() {}\n\nextern \"C\" fn farewell() -> RString {\n    \"bye\".into()\n}",
    );
    edit(
        &plugin.join("export.rs"),
        "\"abi\":\"1.0.0\"",
        "\"abi\":\"1.1.0\"",
    );
    edit(
        &plugin.join("tour.rs"),
        "    // Here the tests append the call of the method of the synthetic ABI 1.1.",
        "    line(host, &format!(\"weather {}\", host.weather()))?;",
    );
    edit(
        &plugin.join("tour.rs"),
        "FailureKind(99)",
        "FailureKind::TIDE",
    );
}

/// What a minor version may append.
pub fn append_to_abi(sources: &Path) {
    edit(
        &sources.join("context.rs"),
        "    fn host_abi(&self) -> RString;\n",
        "    fn host_abi(&self) -> RString;\n    /// Since 1.1.\n    fn weather(&self) -> RString {\n        \"unknown\".into()\n    }\n",
    );
    let check =
        "    pub check: extern \"C\" fn(HostContextBox) -> RResult<RVec<RString>, Failure>,\n";
    edit(
        &sources.join("module.rs"),
        check,
        &format!(
            "{check}    /// Since 1.1.\n    #[sabi(missing_field(option))]\n    pub farewell: extern \"C\" fn() -> RString,\n"
        ),
    );
    let ended = "    pub const ENDED: Self = Self(13);\n";
    edit(
        &sources.join("failure.rs"),
        ended,
        &format!("{ended}    /// Since 1.1.\n    pub const TIDE: Self = Self(14);\n"),
    );
}

/// An empty folder for a copy that is built: the same one each time, because cargo keeps what it
/// built for every place it ever saw.
pub fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It need not be there.
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Replaces text in a file, in which it has to stand.
#[track_caller]
pub fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} has no {from}", path.display());
    fs::write(path, text.replace(from, to)).unwrap();
}
