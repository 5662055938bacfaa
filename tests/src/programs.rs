//! Programs that can be run as soon as they are written.
//!
//! A file that is open for writing cannot be run ("Text file busy"). In a test with many threads it
//! may be open longer than it seems: a child process that another thread starts meanwhile inherits
//! the open file until it runs its own program. Here a process of its own writes the file, so that no
//! child of this one ever has it.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Copies a program with its mode.
///
/// # Errors
///
/// The program cannot be read, or the copy cannot be written.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut command = Command::new("cp");
    command.arg("-p").arg("--").arg(from).arg(to);
    done(command.spawn()?.wait()?, to)
}

/// Writes a script. Its mode is as for any new file.
///
/// # Errors
///
/// The file cannot be written.
pub fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "exec cat >\"$0\""]).arg(path);
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        pipe.write_all(contents)?;
    }
    done(child.wait()?, path)
}

/// Writes a program with mode 0755. One that is there already is replaced, not changed.
///
/// # Errors
///
/// The file cannot be written.
pub fn install(path: &Path, contents: &[u8]) -> io::Result<()> {
    let _ = fs::remove_file(path);
    write(path, contents)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

fn done(status: std::process::ExitStatus, path: &Path) -> io::Result<()> {
    match status.success() {
        true => Ok(()),
        false => Err(io::Error::other(format!("cannot write {}", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn programs_run_at_once_while_other_threads_start_others() {
        let directory = tempfile::tempdir().unwrap();
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        let _ = Command::new("/bin/true").status();
                    }
                });
            }
            for number in 0..100 {
                let script = directory.path().join(format!("script{number}"));
                install(&script, b"#!/bin/sh\nexit 3\n").unwrap();
                let copied = directory.path().join(format!("copy{number}"));
                copy(&script, &copied).unwrap();
                for program in [script, copied] {
                    assert_eq!(Command::new(program).status().unwrap().code(), Some(3));
                }
            }
            over.store(true, Ordering::Relaxed);
        });
        assert!(copy(Path::new("/no/such/file"), &directory.path().join("x")).is_err());
        assert!(write(&directory.path().join("no/such/place"), b"").is_err());
    }
}
