//! The two programs, and how they are run.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use omero_tests::artifacts::installation;
use omero_tests::output::Output;

use super::peers::Peer;

/// Seconds after which a program hangs.
const LIMIT: &str = "600";

/// The library that reads names of hosts from a file.
pub const NSS_WRAPPER: &str = "libnss_wrapper.so";

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The one this repository makes.
    Ours,
    /// OMERO.py.
    Theirs,
}

impl Program {
    /// Its file.
    pub fn path(self) -> PathBuf {
        match self {
            Self::Ours => installed().join("bin/omero"),
            Self::Theirs => Peer::OmeroPy.path(),
        }
    }

    /// What it says its version is.
    pub fn version(self) -> &'static str {
        match self {
            Self::Ours => env!("CARGO_PKG_VERSION"),
            Self::Theirs => "5.23.0",
        }
    }
}

/// The prefix of our installation; see [`Installed`].
static PREFIX: OnceLock<PathBuf> = OnceLock::new();

/// Where `bin/omero` and its plugins are: the prefix that `SIDE_BY_SIDE_PREFIX` names, or else a copy
/// of what cargo has built, where any user of this machine can read it.
fn installed() -> &'static Path {
    PREFIX.get_or_init(|| match std::env::var_os("SIDE_BY_SIDE_PREFIX") {
        Some(prefix) => prefix.into(),
        None => copied(),
    })
}

/// Removes the copy of our installation when the test has ended.
pub struct Installed;

impl Drop for Installed {
    fn drop(&mut self) {
        if let Some(prefix) = PREFIX.get()
            && std::env::var_os("SIDE_BY_SIDE_PREFIX").is_none()
        {
            let _ = fs::remove_dir_all(prefix);
        }
    }
}

fn copied() -> PathBuf {
    let directory = tempfile::Builder::new()
        .prefix("omero_sbs_")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir()
        .expect("a temporary directory")
        .keep();
    let (bin, plugins) = (directory.join("bin"), directory.join("lib/omero/plugins"));
    installation()
        .copy_to(&bin, &plugins)
        .expect("what is built can be copied");
    directory
}

/// Whether the library is there that tells both programs our names of hosts. If not, says so, and
/// fails in CI.
pub fn nss_wrapper_present() -> bool {
    let file = format!(
        "/usr/lib/{}-linux-gnu/{NSS_WRAPPER}",
        std::env::consts::ARCH
    );
    if Path::new(&file).is_file() {
        return true;
    }
    let words = format!("***** SKIPPED side by side: {file} is missing; run .ci/peers *****");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{words}");
    let _ = writeln!(std::io::stderr(), "{words}");
    false
}

/// A command that becomes the owner of a directory, if that is somebody else: OMERO.py refuses to
/// work for root.
pub fn as_owner(directory: &Path, program: &Path) -> Command {
    let owner = fs::metadata(directory).expect("the directory is ours");
    let own = fs::metadata("/proc/self").expect("this suite is for Linux");
    if owner.uid() == own.uid() {
        return Command::new(program);
    }
    let mut command = Command::new("/usr/bin/setpriv");
    command
        .arg(format!("--reuid={}", owner.uid()))
        .arg(format!("--regid={}", owner.gid()))
        .args(["--clear-groups", "--"])
        .arg(program);
    command
}

/// Runs a command with text on its standard input, for a limited time: 124 is the exit code of the
/// program that watches the clock.
pub fn run(command: &Command, input: &str) -> Output {
    let mut watched = Command::new("/usr/bin/timeout");
    watched.arg("-k1").arg(LIMIT).arg(command.get_program());
    watched.args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        watched.env(name, value.unwrap_or_default());
    }
    if let Some(directory) = command.get_current_dir() {
        watched.current_dir(directory);
    }
    let mut child = watched
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // The inputs fit into a pipe; a program that does not read them is welcome to.
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().expect("a child can be waited for");
    Output::new(output.status, &output.stdout, &output.stderr)
}
