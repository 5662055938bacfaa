//! The real binary and the real plugins, built for the tests that run them.
//!
//! `cargo test` builds neither the binaries nor the cdylibs of other packages, so this does it,
//! with the profile and in the target directory of the test that asks.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The packages that make up the product.
const PRODUCT: [&str; 5] = [
    "omero-host",
    "omero-registry",
    "omero-sessions",
    "omero-group",
    "omero-hql",
];
/// The directory of the helper, from the prefix of an installation.
const LIBEXEC: &str = "libexec/omero";

/// What one build has made.
#[derive(Clone, Debug, Default)]
pub struct Artifacts {
    binaries: BTreeMap<String, PathBuf>,
    libraries: BTreeMap<String, PathBuf>,
}

impl Artifacts {
    /// Builds the binaries and plugins of packages; nothing is done for what is up to date.
    pub fn build(packages: &[&str]) -> io::Result<Self> {
        let place = Place::of_this_test()?;
        let mut command = cargo_build();
        command
            .args(place.arguments())
            .args(packages.iter().flat_map(|package| ["--package", package]))
            .current_dir(root());
        Self::of(command, &format!("{packages:?}"))
    }

    /// Builds what stands outside the workspace, with its own lock file and settings: all packages
    /// of the workspace in `directory`, into the folder `name` of the target directory. `arguments`
    /// are cargo's.
    pub fn build_outside(directory: &Path, name: &str, arguments: &[&str]) -> io::Result<Self> {
        let place = Place::of_this_test()?;
        let mut command = cargo_build();
        command
            .args(["--locked", "--target-dir"])
            .arg(place.target_dir.join(name))
            .args(arguments)
            .current_dir(directory);
        Self::of(command, &directory.display().to_string())
    }

    fn of(mut command: Command, what: &str) -> io::Result<Self> {
        forget_this_package(&mut command);
        let output = command.stdin(Stdio::null()).output()?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            let words = rendered(&output.stdout);
            return Err(io::Error::other(format!(
                "{what} does not build:\n{words}{complaint}"
            )));
        }
        let mut artifacts = Self::default();
        messages(&output.stdout).for_each(|message| artifacts.take(&message));
        Ok(artifacts)
    }

    /// A binary by its name.
    #[track_caller]
    pub fn binary(&self, name: &str) -> &Path {
        match self.binaries.get(name) {
            Some(path) => path,
            None => panic!("no binary {name} among {:?}", self.binaries),
        }
    }

    /// A plugin library by the name of its crate: `omero_sessions`.
    #[track_caller]
    pub fn library(&self, name: &str) -> &Path {
        match self.libraries.get(name) {
            Some(path) => path,
            None => panic!("no library {name} among {:?}", self.libraries),
        }
    }

    fn take(&mut self, message: &Value) {
        if message["reason"] != "compiler-artifact" {
            return;
        }
        let Some(name) = message["target"]["name"].as_str() else {
            return;
        };
        if let Some(path) = message["executable"].as_str() {
            self.binaries.insert(name.to_owned(), path.into());
        }
        let kinds = message["target"]["kind"].as_array();
        if kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "cdylib")) {
            let files = message["filenames"].as_array().into_iter().flatten();
            let shared = |path: &&str| path.ends_with(env::consts::DLL_SUFFIX);
            if let Some(path) = files.filter_map(Value::as_str).find(shared) {
                self.libraries.insert(name.to_owned(), path.into());
            }
        }
    }
}

/// An installation as a packager would lay it out: `bin/omero`, `lib/omero/plugins/…`.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The command.
    pub omero: PathBuf,
    /// Directory of the plugins.
    pub plugins: PathBuf,
    /// The helper of `omero plugin`.
    pub registry: PathBuf,
}

#[cfg(unix)]
impl Installation {
    /// Copies the command and the plugins into two directories, which are made if they are missing,
    /// and the helper beside `bin`, and gives the path of the command. It can be run at once, and by users who cannot enter the
    /// target directory.
    pub fn copy_to(&self, bin: &Path, plugins: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(bin)?;
        fs::create_dir_all(plugins)?;
        for plugin in fs::read_dir(&self.plugins)? {
            let plugin = plugin?;
            fs::copy(plugin.path(), plugins.join(plugin.file_name()))?;
        }
        let omero = bin.join("omero");
        crate::programs::copy(&self.omero, &omero)?;
        let libexec = bin.parent().unwrap_or(bin).join(LIBEXEC);
        fs::create_dir_all(&libexec)?;
        crate::programs::copy(&self.registry, &libexec.join("omero-registry"))?;
        Ok(omero)
    }
}

/// The product, built once per test program and laid out away from other plugins.
#[track_caller]
pub fn installation() -> &'static Installation {
    static INSTALLATION: OnceLock<Result<Installation, String>> = OnceLock::new();
    match INSTALLATION.get_or_init(|| install().map_err(|error| error.to_string())) {
        Ok(installation) => installation,
        Err(error) => panic!("{error}"),
    }
}

/// Cargo tells a test about its own package. Build scripts that depend on these variables, such as
/// that of `ring`, would run again here, and once more in the next build from a shell.
fn forget_this_package(command: &mut Command) {
    const OWN: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_PRIMARY_PACKAGE"];
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if OWN.iter().any(|own| text.starts_with(own)) {
            command.env_remove(&name);
        }
    }
}

fn cargo_build() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--quiet", "--message-format=json"]);
    command
}

fn install() -> io::Result<Installation> {
    let built = Artifacts::build(&PRODUCT)?;
    let prefix = Place::of_this_test()?
        .profile_dir
        .join("omero-tests-installation");
    let (bin, plugins) = (prefix.join("bin"), prefix.join("lib/omero/plugins"));
    for path in built.libraries.values() {
        place(path, &plugins)?;
    }
    Ok(Installation {
        omero: place(built.binary("omero"), &bin)?,
        plugins,
        registry: place(built.binary("omero-registry"), &prefix.join(LIBEXEC))?,
    })
}

/// Puts a file into a directory, by a link where possible; whoever uses an older one keeps it.
fn place(file: &Path, directory: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(directory)?;
    let name = file.file_name().unwrap_or_default();
    let target = directory.join(name);
    let mut temporary = OsString::from(format!(".{}-", std::process::id()));
    temporary.push(name);
    let temporary = directory.join(temporary);
    let _ = fs::remove_file(&temporary);
    if fs::hard_link(file, &temporary).is_err() {
        copy(file, &temporary)?;
    }
    fs::rename(&temporary, &target)?;
    // Renaming a link to another link of the same file does nothing.
    let _ = fs::remove_file(&temporary);
    Ok(target)
}

#[cfg(unix)]
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    crate::programs::copy(from, to)
}

#[cfg(not(unix))]
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to).map(drop)
}

/// Root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// Where the running test was built: `TARGET/[TRIPLE/]PROFILE/deps/test`.
struct Place {
    profile_dir: PathBuf,
    target_dir: PathBuf,
    profile: String,
    triple: Option<String>,
}

impl Place {
    fn of_this_test() -> io::Result<Self> {
        let program = env::current_exe()?;
        let unknown = || {
            io::Error::other(format!(
                "{} is not in a target directory",
                program.display()
            ))
        };
        let mut profile_dir = program.parent().ok_or_else(unknown)?;
        if profile_dir
            .file_name()
            .is_some_and(|name| name == "deps" || name == "examples")
        {
            profile_dir = profile_dir.parent().ok_or_else(unknown)?;
        }
        let name = |path: &Path| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        };
        // Cargo marks its target directory, and puts nothing but a triple between mark and profile.
        let above = profile_dir.parent().ok_or_else(unknown)?;
        let (target_dir, triple) = if above.join("CACHEDIR.TAG").exists() {
            (above, None)
        } else {
            (above.parent().ok_or_else(unknown)?, name(above))
        };
        let profile = match name(profile_dir).ok_or_else(unknown)?.as_str() {
            "debug" => "dev".to_owned(),
            other => other.to_owned(),
        };
        let (profile_dir, target_dir) = (profile_dir.to_owned(), target_dir.to_owned());
        Ok(Self {
            profile_dir,
            target_dir,
            profile,
            triple,
        })
    }

    fn arguments(&self) -> Vec<OsString> {
        let mut arguments = vec!["--profile".into(), self.profile.clone().into()];
        arguments.extend(["--target-dir".into(), self.target_dir.clone().into()]);
        for triple in self.triple.iter() {
            arguments.extend(["--target".into(), triple.into()]);
        }
        arguments
    }
}

fn messages(stdout: &[u8]) -> impl Iterator<Item = Value> {
    let lines = stdout.split(|byte| *byte == b'\n');
    lines.filter_map(|line| serde_json::from_slice(line).ok())
}

/// What the compiler said, as people read it.
fn rendered(stdout: &[u8]) -> String {
    let text = |message: Value| message["message"]["rendered"].as_str().map(str::to_owned);
    messages(stdout).filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_built_where_the_test_was_built() {
        let built = Artifacts::build(&["omero-tests"]).unwrap();
        let server = built.binary("omero-test-server");
        assert!(server.is_file());
        assert_eq!(
            server.parent().unwrap(),
            Place::of_this_test().unwrap().profile_dir
        );
        let error = Artifacts::build(&["no-such-package"]).unwrap_err();
        assert!(error.to_string().contains("no-such-package"), "{error}");
    }

    #[test]
    fn placing_a_file_twice_leaves_one() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "1").unwrap();
        let target = directory.path().join("a/b");
        place(&file, &target).unwrap();
        fs::remove_file(&file).unwrap();
        fs::write(&file, "2").unwrap();
        assert_eq!(
            fs::read_to_string(place(&file, &target).unwrap()).unwrap(),
            "2"
        );
        place(&file, &target).unwrap();
        assert_eq!(fs::read_dir(&target).unwrap().count(), 1);
    }
}
