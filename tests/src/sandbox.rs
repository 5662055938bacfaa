//! A place where the real binary runs without seeing the machine or the person at it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Once};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use tempfile::TempDir;

use crate::artifacts::installation;
use crate::normalise::Normaliser;
use crate::output::Output;
use crate::programs;
use crate::pty::{Apart, Terminal};

/// Ends a hang. Some tests build programs, which may wait for another build.
const HANG: Duration = Duration::from_secs(1800);

/// Variables of this process that programs under test may see: they say where coverage data goes.
const INHERITED: [&str; 1] = ["LLVM_PROFILE_FILE"];

/// A temporary home and a bare environment.
///
/// The working directory is [`Self::root`], the home is `home` in it; of OMERO's variables only
/// `OMERO_PLUGIN_PATH` is set.
#[derive(Debug)]
pub struct Sandbox {
    root: TempDir,
    variables: BTreeMap<OsString, OsString>,
    program: PathBuf,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// An empty home for the installed `omero` with its plugins.
    #[track_caller]
    pub fn new() -> Self {
        let installation = installation();
        let mut sandbox = Self::for_program(&installation.omero);
        sandbox.set("OMERO_PLUGIN_PATH", &installation.plugins);
        sandbox
    }

    /// An empty home for any program.
    #[track_caller]
    pub fn for_program(program: &Path) -> Self {
        let root = match tempfile::Builder::new().prefix("omero-").tempdir() {
            Ok(root) => root,
            Err(error) => panic!("no temporary directory: {error}"),
        };
        let variables = INHERITED
            .iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        let variables = variables
            .map(|(name, value)| (OsString::from(name), value))
            .collect();
        let mut sandbox = Self {
            root,
            variables,
            program: program.to_owned(),
        };
        for (name, value) in [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("TZ", "UTC"),
            ("LANG", "C.UTF-8"),
            ("COLUMNS", "80"),
            ("TERM", "xterm"),
            // Work that takes long only because the machine is busy shows no progress on a screen.
            ("NO_COLOR", "1"),
            ("LOGNAME", "localuser"),
        ] {
            sandbox.set(name, value);
        }
        for (name, directory) in [("HOME", "home"), ("TMPDIR", "tmp")] {
            let path = sandbox.path(directory);
            sandbox.make(&path);
            sandbox.set(name, path);
        }
        sandbox
    }

    /// The directory that holds everything and is the working directory.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// A path inside.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root().join(relative)
    }

    /// Sets a variable for programs that are started from now on.
    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.variables
            .insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Removes a variable for programs that are started from now on.
    pub fn unset(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.variables.remove(name.as_ref());
        self
    }

    /// Writes a program that can be run at once, and makes the directories it is in.
    #[track_caller]
    pub fn program(&self, relative: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(relative);
        path.parent()
            .into_iter()
            .for_each(|parent| self.make(parent));
        if let Err(error) = programs::install(&path, contents.as_ref()) {
            panic!("{}: {error}", path.display());
        }
        path
    }

    /// Writes a file, and makes the directories it is in. A script can be run at once.
    #[track_caller]
    pub fn write(&self, relative: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(relative);
        path.parent()
            .into_iter()
            .for_each(|parent| self.make(parent));
        let contents = contents.as_ref();
        let written = match contents.starts_with(b"#!") {
            true => programs::write(&path, contents),
            false => fs::write(&path, contents),
        };
        if let Err(error) = written {
            panic!("{}: {error}", path.display());
        }
        path
    }

    /// Reads a file; what is not UTF-8 is replaced.
    #[track_caller]
    pub fn read(&self, relative: impl AsRef<Path>) -> String {
        let path = self.path(relative);
        match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }

    /// All files under a directory with their contents, by their paths relative to it.
    pub fn tree(&self, relative: impl AsRef<Path>) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        collect(&self.path(relative), "", &mut files);
        files
    }

    /// Another name for the program, as an installed link would give it; used from now on.
    #[track_caller]
    pub fn call_it(&mut self, name: &str) -> &mut Self {
        let link = self.path("names").join(name);
        self.make(&self.path("names"));
        if let Err(error) = std::os::unix::fs::symlink(&self.program, &link) {
            panic!("{}: {error}", link.display());
        }
        self.program = link;
        self
    }

    /// The program with arguments, ready to be started in some way of the test's own.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        self.command_of(&self.program, arguments)
    }

    /// The same with a copy of the program, or another one.
    pub fn command_of<A: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        obey_signals();
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.root());
        command
    }

    /// Runs the program with nothing on its standard input.
    #[track_caller]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        self.run_with_input(arguments, "")
    }

    /// Runs the program with text on a pipe as its standard input.
    #[track_caller]
    pub fn run_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: &str,
    ) -> Output {
        let mut command = self.command(arguments);
        match finish(&mut command, input) {
            Ok(output) => output,
            Err(error) => panic!("{command:?}: {error}"),
        }
    }

    /// Runs the program in a terminal of its own.
    #[track_caller]
    pub fn terminal<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Terminal {
        self.terminal_without(arguments, Apart::Nothing)
    }

    /// Runs the program in a terminal of its own, with one stream led elsewhere.
    #[track_caller]
    pub fn terminal_without<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        apart: Apart,
    ) -> Terminal {
        let command = self.command(arguments);
        match Terminal::start(&command, apart, &self.path("tmp")) {
            Ok(terminal) => terminal,
            Err(error) => panic!("{command:?}: {error}"),
        }
    }

    /// Shows this sandbox as `{TMP}`.
    pub fn normaliser(&self) -> Normaliser {
        Normaliser::new().hide(self.root().display(), "{TMP}")
    }

    #[track_caller]
    fn make(&self, directory: &Path) {
        if let Err(error) = fs::create_dir_all(directory) {
            panic!("{}: {error}", directory.display());
        }
    }
}

fn collect(directory: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            let contents = fs::read(entry.path()).unwrap_or_default();
            files.insert(name, String::from_utf8_lossy(&contents).into_owned());
        }
    }
}

/// Makes a command that runs others, such as `strace` or `sh -c 'exec "$@"' sh`, run this one, with its
/// arguments, environment and directory.
pub fn wrap(outer: &mut Command, inner: &Command) {
    outer
        .arg(inner.get_program())
        .args(inner.get_args())
        .env_clear();
    let variables = inner.get_envs();
    outer.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = inner.get_current_dir() {
        outer.current_dir(directory);
    }
}

fn finish(command: &mut Command, input: &str) -> io::Result<Output> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (stdin, input) = (child.stdin.take(), input.to_owned());
    // A program that does not read its input is none of this function's business.
    thread::spawn(move || stdin.map(|mut pipe| pipe.write_all(input.as_bytes())));
    let stdout = read_in_background(child.stdout.take());
    let stderr = read_in_background(child.stderr.take());
    let status = match wait(&mut child)? {
        Some(status) => status,
        None => {
            child.kill()?;
            child.wait()?;
            let stderr = String::from_utf8_lossy(&collected(stderr)?).into_owned();
            let words = format!("still running after {HANG:?}; on stderr:\n{stderr}");
            return Err(io::Error::new(io::ErrorKind::TimedOut, words));
        }
    };
    Ok(Output::new(
        status,
        &collected(stdout)?,
        &collected(stderr)?,
    ))
}

fn wait(child: &mut Child) -> io::Result<Option<std::process::ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < HANG {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(None)
}

type Collector = JoinHandle<io::Result<Vec<u8>>>;

fn read_in_background(pipe: Option<impl Read + Send + 'static>) -> Collector {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    })
}

fn collected(collector: Collector) -> io::Result<Vec<u8>> {
    collector
        .join()
        .unwrap_or_else(|_| Err(io::Error::other("the reading thread panicked")))
}

/// Gives programs that are started from now on the default reaction to signals. What `nohup` or a
/// shell's background job ignores, a program inherits and goes on ignoring; a signal that this process
/// handles, even without an effect, is at its default in the program.
fn obey_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .unwrap_or_default();
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            if ignored & (1 << (signal - 1)) != 0
                && let Err(error) = signal_hook::flag::register(signal, Arc::default())
            {
                panic!("signal {signal} cannot be handled: {error}");
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell() -> Sandbox {
        Sandbox::for_program(Path::new("/bin/sh"))
    }

    #[test]
    fn programs_see_nothing_of_the_outside() {
        let output = shell().run(["-c", "env | grep -E '^(CARGO|OMERO|RUST|USER)'"]);
        assert_eq!(output.expect_code(1).stdout, "");
        let mut sandbox = shell();
        sandbox.set("A", "b").unset("TZ");
        let output = sandbox.run(["-c", "echo $HOME $A $TZ; pwd; cat; echo oops >&2; exit 3"]);
        let output = output.expect_code(3).expect_stderr("oops\n");
        let text = sandbox.normaliser().apply(&output.stdout);
        assert_eq!(text, "{TMP}/home b\n{TMP}\n");
    }

    #[test]
    fn input_files_and_signals_come_through() {
        let sandbox = shell();
        assert_eq!(sandbox.run_with_input(["-c", "cat > in/out"], "x").code, 2);
        sandbox.write("in/a/b", "1");
        sandbox
            .run_with_input(["-c", "cat > in/out"], "x")
            .success();
        let tree = sandbox.tree("in");
        assert_eq!(tree.keys().collect::<Vec<_>>(), ["a/b", "out"]);
        assert_eq!(sandbox.read("in/out"), "x");
        assert_eq!(sandbox.run(["-c", "kill -TERM $$"]).code, 128 + 15);
    }

    #[test]
    fn program_can_have_another_name() {
        let mut sandbox = shell();
        sandbox.call_it("sh-by-another-name");
        let said = sandbox.run(["-c", "echo $0"]).success();
        assert!(said.ends_with("/sh-by-another-name\n"), "{said}");
    }
}
