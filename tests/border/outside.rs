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
    let build = || Artifacts::build_outside(&abi(), "abi", &[]).map_err(|e| e.to_string());
    match BUILT.get_or_init(build) {
        Ok(built) => built,
        Err(error) => panic!("{error}"),
    }
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
