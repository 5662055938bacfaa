//! What tests need of the machine that they run on.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Whether tests that trace system calls can be run. Where everything has to be tested, they must.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub fn strace_is_there() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok();
    assert!(there || env::var_os("CI").is_none(), "strace is missing");
    if !there {
        eprintln!("skipped: strace is missing");
    }
    there
}

/// Whether the tests run as root. Some can only be made by root.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("skipped: only root can give files away");
    }
    root
}

/// Sets the mode of a file or directory.
#[track_caller]
pub fn set_mode(path: &Path, mode: u32) {
    if let Err(error) = fs::set_permissions(path, Permissions::from_mode(mode)) {
        panic!("{}: {error}", path.display());
    }
}
