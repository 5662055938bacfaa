//! Why a program cannot be run. The operating system says "No such file or directory" of a program
//! that is there, when its interpreter is not, and "Permission denied" for half a dozen reasons.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

use crate::{
    manifest::{self, Problem},
    noexec,
    trust::quoted,
};

/// How much of a program is read for its first line.
const FIRST_LINE: u64 = 1024;

/// Why a program cannot be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The reason, after "the program … cannot be run:".
    pub reason: String,
    /// How to fix it; empty if that is not known.
    pub remedy: String,
}

impl Obstacle {
    fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }
}

/// What keeps a file from being run, as far as its place, kind and mode tell; `None` if nothing does.
pub fn of_file(path: &Path) -> Option<Obstacle> {
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) => return Some(of_missing(path, &error)),
    };
    if metadata.is_dir() {
        return Some(Obstacle::new("it is a directory", "remove or rename it"));
    }
    if !metadata.is_file() {
        return Some(Obstacle::new("it is not a file", "remove or rename it"));
    }
    of_mode(path, &metadata)
}

/// As [`of_file`], and what the content of the file tells: whether starting it would fail.
pub fn of_program(path: &Path) -> Option<Obstacle> {
    if let Some(obstacle) = of_file(path) {
        return Some(obstacle);
    }
    let first = first_line(path)?;
    let Some(program) = interpreter(&first) else {
        return of_format(path, &first).filter(|_| !may_be_emulated(path, &first));
    };
    let searches = Path::new(&program)
        .file_name()
        .is_some_and(|name| name == "env");
    of_interpreter(path, &first).or_else(|| of_return(path, &first).filter(|_| searches))
}

/// Whether a file of a foreign format could run all the same: Linux may have an interpreter registered
/// for its format, and processors of 64 bits run most programs of 32 bits. Only starting it tells.
fn may_be_emulated(path: &Path, first: &[u8]) -> bool {
    if !first.contains(&0) {
        return false;
    }
    // Byte 4 of an ELF file is 1 if it is of 32 bits.
    let is_32 = first.starts_with(b"\x7fELF\x01");
    let is_old = is_32 && cfg!(target_pointer_width = "64") && is_of_this_family(path);
    let handlers = fs::read_dir("/proc/sys/fs/binfmt_misc");
    let mut names = handlers
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name());
    is_old || names.any(|name| name != "register" && name != "status")
}

/// Whether an ELF file is for the 32-bit form of the processor that this program runs on.
fn is_of_this_family(path: &Path) -> bool {
    let related = match std::env::consts::ARCH {
        "x86_64" => "x86",
        "aarch64" => "arm",
        _ => return false,
    };
    matches!(
        manifest::read(path),
        Err(Problem::WrongProcessor { plugin, .. }) if plugin == related
    )
}

/// What kept a file from being run, when the operating system refused to start it.
pub fn of_start(path: &Path, error: &io::Error) -> Obstacle {
    if let Some(obstacle) = of_file(path) {
        return obstacle;
    }
    let first = first_line(path).unwrap_or_default();
    if let Some(obstacle) = of_interpreter(path, &first) {
        return obstacle;
    }
    match error.kind() {
        ErrorKind::ExecutableFileBusy => Obstacle::new(
            "another process is writing to it",
            "try again when it is complete",
        ),
        ErrorKind::NotFound => Obstacle::new(
            "the dynamic linker that it needs is missing, so it was built for another system",
            "install the program that was built for this system",
        ),
        _ => of_format(path, &first).unwrap_or_else(|| Obstacle::new(error.to_string(), "")),
    }
}

/// Whether a program is a script whose first line ends as on Windows: what the line names is looked
/// for with a carriage return at its end.
pub fn of_line_end(path: &Path) -> Option<Obstacle> {
    of_return(path, &first_line(path)?)
}

fn of_return(path: &Path, first: &[u8]) -> Option<Obstacle> {
    (first.starts_with(b"#!") && first.ends_with(b"\r")).then(|| {
        Obstacle::new(
            "its first line ends with a carriage return, as on Windows",
            format!("run: sed -i 's/\\r$//' {}", quoted(path)),
        )
    })
}

fn of_missing(path: &Path, error: &io::Error) -> Obstacle {
    let link = fs::read_link(path).ok();
    match (error.kind(), link) {
        (ErrorKind::NotFound, Some(target)) => Obstacle::new(
            format!("it is a link to {}, which does not exist", target.display()),
            "install what it leads to, or remove the link",
        ),
        (ErrorKind::NotFound, None) => Obstacle::new("it does not exist", ""),
        (ErrorKind::PermissionDenied, target) => {
            let target = target.map(|target| path.parent().unwrap_or(path).join(target));
            let closed = closed_directory(path).or_else(|| closed_directory(target.as_deref()?));
            match closed {
                Some(directory) => Obstacle::new(
                    format!("you may not enter the directory {}", directory.display()),
                    format!("ask its owner to run: chmod a+x {}", quoted(&directory)),
                ),
                None => Obstacle::new(error.to_string(), ""),
            }
        }
        _ => Obstacle::new(error.to_string(), ""),
    }
}

fn of_interpreter(script: &Path, first: &[u8]) -> Option<Obstacle> {
    let program = interpreter(first)?;
    if program.ends_with('\r')
        && let Some(obstacle) = of_return(script, first)
    {
        return Some(obstacle);
    }
    let obstacle = of_file(Path::new(&program))?;
    let reason = match Path::new(&program).symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            format!("its first line names {program}, which does not exist")
        }
        _ => format!("its first line names {program}: {}", obstacle.reason),
    };
    let remedy = format!("install {program}, or correct the first line");
    Some(Obstacle::new(reason, remedy))
}

/// What the first line of a script names.
fn interpreter(first: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(first.strip_prefix(b"#!")?).into_owned();
    let program = text
        .trim_start_matches([' ', '\t'])
        .split([' ', '\t'])
        .next()?;
    Some(program.to_owned())
}

/// A file that the operating system does not take for a program.
fn of_format(path: &Path, first: &[u8]) -> Option<Obstacle> {
    if path.metadata().ok()?.len() == 0 {
        return Some(Obstacle::new("it is empty", "install it again"));
    }
    match manifest::read(path) {
        Err(problem @ (Problem::WrongProcessor { .. } | Problem::WrongSystem)) => {
            let remedy = "install the program that was built for this machine";
            Some(Obstacle::new(problem.to_string(), remedy))
        }
        Err(Problem::NoLibrary) if !first.starts_with(b"#!") && !first.contains(&0) => {
            Some(Obstacle::new(
                "its first line does not say what runs it",
                "if it is a shell script, begin it with: #!/bin/sh",
            ))
        }
        Err(Problem::NoLibrary) if is_foreign(first) => Some(Obstacle::new(
            "it is neither a program for this system nor a script",
            "install the program that was built for this machine",
        )),
        _ => None,
    }
}

/// Whether a file with this beginning is of no format that the operating system starts by itself.
fn is_foreign(first: &[u8]) -> bool {
    cfg!(target_os = "linux") && !first.starts_with(b"#!") && !first.starts_with(b"\x7fELF")
}

/// The first line, without its newline.
fn first_line(path: &Path) -> Option<Vec<u8>> {
    let mut first = Vec::new();
    File::open(path)
        .ok()?
        .take(FIRST_LINE)
        .read_to_end(&mut first)
        .ok()?;
    let end = first.iter().position(|byte| *byte == b'\n');
    first.truncate(end.unwrap_or(first.len()));
    Some(first)
}

#[cfg(unix)]
fn of_mode(path: &Path, metadata: &fs::Metadata) -> Option<Obstacle> {
    use std::os::unix::fs::PermissionsExt;

    use rustix::fs::{Access, access};
    access(path, Access::EXEC_OK).err()?;
    let mode = metadata.permissions().mode() & 0o7777;
    let shown = quoted(path);
    Some(match noexec::mount_point(path) {
        Some(mount) => Obstacle::new(
            format!(
                "nothing may be run from the file system {}, which is mounted with `noexec`",
                mount.display()
            ),
            "move it to another file system",
        ),
        None if mode & 0o111 == 0 => {
            Obstacle::new("it is not executable", format!("run: chmod +x {shown}"))
        }
        None => Obstacle::new(
            format!("its mode {mode:04o} does not let you run it"),
            format!("ask its owner to run: chmod a+x {shown}"),
        ),
    })
}

#[cfg(not(unix))]
fn of_mode(_: &Path, _: &fs::Metadata) -> Option<Obstacle> {
    None
}

/// The first directory on the way to a file that this user may not enter.
#[cfg(unix)]
fn closed_directory(path: &Path) -> Option<PathBuf> {
    use rustix::fs::{Access, access};
    let mut directories: Vec<&Path> = path.ancestors().skip(1).collect();
    directories.reverse();
    let closed = |path: &&&Path| access(**path, Access::EXEC_OK).is_err();
    directories
        .iter()
        .find(closed)
        .map(|path| path.to_path_buf())
}

#[cfg(not(unix))]
fn closed_directory(_: &Path) -> Option<PathBuf> {
    None
}
